from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from rich.console import Console

from stages.scored.table import print_scores
from tests.scored.samples import COLUMNS, lacking, shown, spooled

LOOPS = {"overthinks": True, "overthinks_because": ["loop"], "loop": True, "loop_share": 0.912,
         "thinking_tokens": 1234}  # fmt: skip


def printed(folder: Path, *rows: dict[str, Any], number: int = 10, texts: bool = True) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80, highlight=False)
    print_scores(spooled(folder, *rows), COLUMNS, number, texts, console)
    assert all(len(line) <= 80 for line in out.getvalue().splitlines())
    return out.getvalue().replace("\u00a0", " ")


def test_a_name_forges_no_line(tmp_path: Path) -> None:
    shows = printed(tmp_path, LOOPS | {"id": "x\r\nforged", "model": "m\nforged"})
    assert "1. x forged  (m forged, line 1)" in shows
    assert not any(line.startswith("forged") for line in shows.splitlines())


def test_all_responses_and_the_worst(tmp_path: Path) -> None:
    notes = [shown("loop", "again and\nagain", "thinking", 1200)]
    shows = printed(tmp_path, LOOPS | {"id": "x", "model": "m", "notes": notes}, {"loop": False})
    assert "2 responses" in shows
    assert "50 % (1)" in shows
    assert "1 worst of 1 that overthink" in shows
    assert "1. x  (m, line 1)" in shows
    assert "loop (loop_share 0.912); 1,234 thinking tokens" in shows
    assert "loop, thinking 1,200–1,215: “again and again”" in shows


def test_without_texts_the_evidence_is_only_placed(tmp_path: Path) -> None:
    notes = [shown("loop", "a secret", "thinking", 12)]
    shows = printed(tmp_path, LOOPS | {"notes": notes}, texts=False)
    assert "secret" not in shows
    assert "loop, thinking 12–20" in shows


def test_only_so_many_worst(tmp_path: Path) -> None:
    rows = [LOOPS | {"id": f"x{n}"} for n in range(5)]
    assert "2 worst of 5 that overthink" in printed(tmp_path / "a", *rows, number=2)
    shows = printed(tmp_path / "b", *rows, number=0)
    assert "5 overthink" in shows
    assert "1. x0" not in shows


def test_none_overthinks(tmp_path: Path) -> None:
    assert "None overthinks" in printed(tmp_path, {"overthinks": False, "overthinks_because": []})
    assert "None overthinks" in printed(tmp_path / "b", {})


def test_models_are_compared_where_there_are_several(tmp_path: Path) -> None:
    assert "÷ answer" not in printed(tmp_path / "a", {"model": "a"}, {"model": "a"})
    rows = [{"model": "a", "overthinks": False}, LOOPS | {"model": "b"}, {"thinking_tokens": 7}]
    lines = printed(tmp_path / "b", *rows).splitlines()
    (head,) = [number for number, line in enumerate(lines) if "÷ answer" in line]
    found = [line.split() for line in lines[head + 1 : head + 4]]
    assert found[0][:4] == ["b", "1", "100", "%"]
    assert found[1][:4] == ["a", "1", "0", "%"]
    assert found[2] == ["(not", "named)", "1", "–", "7", "–"]


def test_columns_without_a_value_are_left_out_and_why(tmp_path: Path) -> None:
    notes = [lacking("stance", "no topics"), lacking("connections", "no topics")]
    shows = printed(tmp_path, {"loop": True, "notes": notes})
    assert "stance, connections: no topics" in shows


def test_nothing_of_the_file_commands_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;x\x07[bold]\u202e" + "x" * 5_000
    row = LOOPS | {"id": evil, "model": evil, "notes": [shown("loop", evil)]}
    shows = printed(tmp_path, row, {"model": "b"})
    assert "\x1b" not in shows
    assert "\u202e" not in shows
    assert "[bold]" in shows
    assert len(shows) < 4_000
