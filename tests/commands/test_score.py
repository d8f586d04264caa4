from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.graph import ROOT

EXAMPLE = ROOT / "data/examples/transcripts.jsonl"


def score(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.cli", "score", str(file), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_object_a_line_in_input_order_with_evidence() -> None:
    done = score(EXAMPLE, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    forced, apart, total = map(json.loads, done.stdout.splitlines())
    assert [forced["id"], apart["id"], total["id"]] == ["forced", "apart", "sum"]
    assert (forced["forced_connection"], apart["forced_connection"]) == (True, False)
    assert total["stance"] is None
    reasons = {note["heuristic"]: note["text"] for note in total["notes"]}
    assert "two topics" in reasons["stance"]
    (evidence,) = [
        note
        for note in apart["notes"]
        if (note["heuristic"], note["kind"]) == ("stance", "evidence")
    ]
    answer = "There is no direct connection between the two."
    assert evidence["text"] in answer or answer in evidence["text"]


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_scored(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text('{"prompt": "a", "answer": "b"}\n{bad\n{"prompt": "a", "answer": "c"}\n')
    done = score(file, "--format", "jsonl")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert f"{file}:2: skipped" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["", "{bad\n"])
def test_a_file_without_a_response_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.jsonl").write_text(content)
    done = score(tmp_path / "t.jsonl")
    assert done.returncode == 2
    assert "holds no response that could be read" in done.stderr


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    done = score(tmp_path / "none.jsonl")
    assert done.returncode == 2
    assert "can't be read" in done.stderr


def test_csv_has_a_column_a_measure() -> None:
    rows = list(csv.DictReader(io.StringIO(score(EXAMPLE, "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == ["forced", "apart", "sum"]
    assert rows[0]["forced_connection"] == "True"
    assert "notes" not in rows[0]


def test_the_table_shows_the_evidence() -> None:
    shown = score(EXAMPLE).stdout
    assert "forced_connection" in shown
    assert "no direct" in shown
