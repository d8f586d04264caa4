from __future__ import annotations

from pathlib import Path

from stages.scored.summary import Line, missing, summary
from tests.scored.samples import COLUMNS, lacking, spooled


def test_a_line_a_column_that_has_a_value(tmp_path: Path) -> None:
    rows = [
        {"loop": True, "loop_share": 0.5, "stance": "mixed", "connections": 1,
         "overthinks_because": ["loop", "thought_cut_off"]},
        {"loop": False, "loop_share": 0.25, "stance": "connect", "connections": 3,
         "overthinks_because": ["loop"]},
        {"loop": False, "loop_share": 0.0, "stance": "connect", "overthinks_because": []},
        {},
    ]  # fmt: skip
    assert summary(spooled(tmp_path, *rows), COLUMNS) == [
        Line("loop", 3, "33\u00a0% (1)"),
        Line("loop_share", 3, "median 0.25, 90 % up to 0.5"),
        Line("stance", 3, "connect 67\u00a0%, mixed 33\u00a0%"),
        Line("connections", 2, "median 2, 90 % up to 3"),
        Line("overthinks_because", 3, "loop 67\u00a0%, thought_cut_off 33\u00a0%"),
    ]


def test_units_and_the_commonest_kinds_alone(tmp_path: Path) -> None:
    rows = [{"stance": kind, "thinking_tokens": 1500} for kind in "aabbccdde"]
    stance, tokens = summary(spooled(tmp_path, *rows), COLUMNS)
    assert stance.says == ", ".join(f"{kind} 22\u00a0%" for kind in "abcd")
    assert tokens.says == "median 1,500\u00a0tokens, 90 % up to 1,500"


def test_a_kind_is_no_command_for_the_terminal(tmp_path: Path) -> None:
    (line,) = summary(spooled(tmp_path, {"stance": "\x1b[31mred"}), COLUMNS)
    assert line.says == "‹1b›[31mred 100\u00a0%"


def test_columns_without_a_value_are_named_by_their_commonest_reason(tmp_path: Path) -> None:
    rows = [
        {"loop": True, "notes": [lacking("stance", "no topics"), lacking("loop_share", "why")]},
        {"notes": [lacking("stance", "no answer"), lacking("loop", "no text")]},
        {"notes": [lacking("stance", "no topics"), lacking("connections", "no topics")]},
    ]
    found = dict(missing(spooled(tmp_path, *rows), COLUMNS[:4]))
    assert found == {"why": ["loop_share"], "no topics": ["stance", "connections"]}
