from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stages.columns import schema
from stages.errors import UserError
from stages.files import write_json
from stages.imports import NAMED, main
from stages.tables import CHUNKS, PROMPTS, RESPONSES


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_json(Path("data/plan/import/chats.json"), {"name": "chats", "file": "my.jsonl"})
    return tmp_path


def test_an_import_writes_three_tables_and_names_bad_lines(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("my.jsonl").write_text(
        '{"prompt": "p", "answer": "t</think>a", "model": "m"}\nnonsense\n'
        '{"prompt": "q", "answer": "b"}\n'
    )
    main(["chats"])
    out = Path("data/imported/chats")
    responses = pl.read_parquet(out / "responses.parquet")
    assert responses.schema == schema(RESPONSES)
    assert responses.select("response_id", "thinking", "answer").rows() == [
        ("chats/1", "t", "a"),
        ("chats/3", None, "b"),
    ]
    assert pl.read_parquet(out / "chunks.parquet").schema == schema(CHUNKS)
    assert pl.read_parquet(out / "prompts.parquet").schema == schema(PROMPTS)
    printed = capsys.readouterr()
    assert "line 2: no valid JSON" in printed.err
    assert printed.out == "import chats: 2 responses, 1 places skipped\n"


def test_a_file_without_a_readable_response_is_the_users_to_mend(project: Path) -> None:
    Path("my.jsonl").write_text('{"prompt": "p"}\n')
    with pytest.raises(
        UserError, match=r"my\.jsonl holds no readable response \(line 1: no answer"
    ):
        main(["chats"])
    assert not Path("data/imported/chats/responses.parquet").exists()
    Path("my.jsonl").write_text("")
    with pytest.raises(UserError, match="it is empty"):
        main(["chats"])


def test_many_bad_lines_are_named_by_number_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("my.jsonl").write_text("x\n" * (NAMED + 3) + '{"prompt": "p", "answer": "a"}\n')
    main(["chats"])
    printed = capsys.readouterr().err.splitlines()
    assert len(printed) == NAMED + 1
    assert printed[-1].endswith("3 more lines skipped: 21, 22, 23")
