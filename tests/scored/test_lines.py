from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from stages.scored.lines import write_csv, write_jsonl
from tests.scored.samples import COLUMNS, lacking, shown, spooled


def jsonl(folder: Path, *rows: dict[str, Any], texts: bool = True) -> list[dict[str, Any]]:
    out = io.StringIO()
    write_jsonl(spooled(folder, *rows), out, texts)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def written(folder: Path, *rows: dict[str, Any]) -> list[dict[str, str]]:
    out = io.StringIO()
    write_csv(spooled(folder, *rows), out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_an_object_a_response_in_order_with_every_column_and_its_notes(tmp_path: Path) -> None:
    notes = [shown("loop", "a b"), lacking("stance", "no topics")]
    rows = [{"id": "x", "model": "m", "loop": True, "notes": notes}, {"id": "x"}, {"id": "z"}]
    found = jsonl(tmp_path, *rows)
    assert [one["id"] for one in found] == ["x", "x", "z"]
    assert [*found[0]] == ["id", "model", *(column.name for column in COLUMNS), "notes"]
    assert (found[0]["model"], found[1]["model"]) == ("m", None)
    assert found[0]["loop"] is True
    assert found[1]["notes"] == []
    evidence, reason = found[0]["notes"]
    assert evidence == {"heuristic": "loop", "kind": "evidence", "part": "answer", "start": 0,
                        "end": 3, "confidence": None, "text": "a b"}  # fmt: skip
    assert (reason["kind"], reason["text"], reason["start"]) == ("reason", "no topics", None)


def test_without_texts_only_the_places_are_left(tmp_path: Path) -> None:
    notes = [shown("loop", "a secret", start=4), lacking("stance", "no topics")]
    (found,) = jsonl(tmp_path, {"notes": notes}, texts=False)
    evidence, reason = found["notes"]
    assert (evidence["start"], evidence["end"], evidence["text"]) == (4, 12, None)
    assert reason["text"] == "no topics"


def test_json_holds_no_number_that_is_none(tmp_path: Path) -> None:
    numbers = [float("nan"), float("inf"), float("-inf"), 0.5]
    found = jsonl(tmp_path, *({"loop_share": number} for number in numbers))
    assert [one["loop_share"] for one in found] == [None, None, None, 0.5]


def test_any_text_survives(tmp_path: Path) -> None:
    text = 'a\0"\\\n\u2028\x85\x1b[31m世😀\ufffd'
    (found,) = jsonl(tmp_path, {"id": text, "notes": [shown("loop", text)]})
    assert (found["id"], found["notes"][0]["text"]) == (text, text)


def test_csv_has_a_column_a_score_and_no_notes(tmp_path: Path) -> None:
    rows = [{"id": "x", "loop": True, "overthinks_because": ["loop", "thought_cut_off"]},
            {"loop": False, "overthinks_because": []}, {"notes": [shown("loop", "t")]}]  # fmt: skip
    found = written(tmp_path, *rows)
    assert [*found[0]] == ["id", "model", *(column.name for column in COLUMNS)]
    assert [one["loop"] for one in found] == ["True", "False", ""]
    assert [one["overthinks_because"] for one in found] == ["loop; thought_cut_off", "", ""]


def test_a_spreadsheet_finds_no_formula(tmp_path: Path) -> None:
    ids = ['=HYPERLINK("http://x")', "+1", "-1", "@a", "\tx", "\rx", "a=b"]
    found = written(tmp_path, *({"id": one, "model": one} for one in ids))
    assert [one["id"] for one in found] == [*(f"'{one}" for one in ids[:-1]), "a=b"]
    assert found[0]["model"] == f"'{ids[0]}"


def test_nothing_steers_a_terminal(tmp_path: Path) -> None:
    out = io.StringIO()
    write_jsonl(spooled(tmp_path, {"id": "\x1b[31mred\x9b2J\u202e"}), out, texts=True)
    assert out.getvalue().startswith('{"id":"\\u001b[31mred\\u009b2J\\u202e"')
    (found,) = written(tmp_path, {"id": "\x1b[31mred\x9b2J\u202e", "model": "a\x00\tb"})
    assert (found["id"], found["model"]) == ("‹1b›[31mred‹9b›2J‹202e›", "a‹0›\tb")


def test_commas_quotes_and_lines_stay_in_their_cell(tmp_path: Path) -> None:
    (found,) = written(tmp_path, {"id": 'a,"b"\nc'})
    assert found["id"] == 'a,"b"\nc'
