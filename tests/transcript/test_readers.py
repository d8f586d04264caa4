from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from stages.errors import UserError
from stages.transcript import readers
from stages.transcript.readers import read_stream, read_transcripts
from stages.transcript.transcripts import Transcript, Unreadable

LINE = b'{"prompt": "p", "answer": "a"}'


def read(tmp_path: Path, raw: bytes) -> list[tuple[int, bool]]:
    file = tmp_path / "file.jsonl"
    file.write_bytes(raw)
    return [(one.line, isinstance(one, Transcript)) for one in read_transcripts(file)]


def test_lines_are_read_in_order_and_bad_ones_named(tmp_path: Path) -> None:
    raw = LINE + b"\n\nbad\n" + LINE
    assert read(tmp_path, raw) == [(1, True), (3, False), (4, True)]


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf" + LINE + b"\r\n" + LINE) == [(1, True), (2, True)]


def test_an_empty_file(tmp_path: Path) -> None:
    assert read(tmp_path, b"") == []
    assert read(tmp_path, b"\xef\xbb\xbf\n \n") == []


def test_a_list_in_the_first_line_is_a_bad_line(tmp_path: Path) -> None:
    assert read(tmp_path, b"[1, 2]\n" + LINE) == [(1, False), (2, True)]


def test_a_line_that_is_too_long_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LONGEST_LINE", 40)
    assert read(tmp_path, LINE + b"\n" + b"x" * 200 + b"\n" + LINE) == [
        (1, True),
        (2, False),
        (3, True),
    ]
    assert read(tmp_path, LINE + b"\n" + b"x" * 200) == [(1, True), (2, False)]


CHAT = {
    "chat": {"messages": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "a"}]}
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("export", [CHAT, [CHAT, CHAT]])
def test_an_export_is_recognised(tmp_path: Path, export: object, indent: int | None) -> None:
    raw = json.dumps(export, indent=indent).encode()
    count = 2 if isinstance(export, list) else 1
    assert read(tmp_path, raw) == [(place + 1, True) for place in range(count)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_objects(tmp_path: Path, indent: int | None) -> None:
    objects = [{"prompt": "p", "answer": "a"}, {"prompt": "p"}, {"model_answer": "b", "answer": 1}]
    raw = json.dumps(objects, indent=indent).encode()
    assert read(tmp_path, raw) == [(1, True), (2, False), (3, True)]


def test_a_single_object_over_several_lines(tmp_path: Path) -> None:
    raw = json.dumps({"prompt": "p", "answer": "a"}, indent=2).encode()
    assert read(tmp_path, b"\n" + raw) == [(1, True)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_messages_is_one_conversation(tmp_path: Path, indent: int | None) -> None:
    said = [{"role": "user", "content": "p"}, {"role": "assistant", "content": "a"}]
    assert read(tmp_path, json.dumps(said, indent=indent).encode()) == [(1, True)]


def test_a_document_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LARGEST_DOCUMENT", 40)
    assert read(tmp_path, b"[\n" + LINE + b",\n" + LINE + b"]") == [(1, False)]


def test_a_pipe_is_read_once_from_where_it_stands() -> None:
    class Pipe(io.BytesIO):
        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

    for raw in (b"\n\n" + LINE + b"\n" + LINE, b"[" + LINE + b",\n" + LINE + b"]"):
        assert len(list(read_stream(Pipe(raw)))) == 2


def test_a_broken_export_is_one_unreadable_place(tmp_path: Path) -> None:
    file = tmp_path / "chats.json"
    file.write_text('[\n{"chat":')
    (found,) = read_transcripts(file)
    assert isinstance(found, Unreadable)
    assert "neither JSONL nor one JSON document: no valid JSON" in found.why


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be read"):
        list(read_transcripts(tmp_path / "none.jsonl"))
