"""Transcripts that exist already, whatever tool wrote them, one response at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from stages.errors import UserError
from stages.transcript.json_text import JsonError, parse_json
from stages.transcript.jsonl import read_line
from stages.transcript.openwebui import is_export, read_export
from stages.transcript.transcripts import Transcript, Unreadable

LONGEST_LINE = 64 * 2**20
LARGEST_EXPORT = 512 * 2**20
_BOM = b"\xef\xbb\xbf"


def read_transcripts(path: Path) -> Iterator[Transcript | Unreadable]:
    """Every response of a transcript file, and every place that couldn't be read, in file order.

    The file is JSONL, one object a line, or a chat export of Open WebUI (one JSON document), told
    apart by its beginning. Nothing inside it is fatal; a file that can't be opened is a
    ``UserError``.
    """
    try:
        with path.open("rb") as file:
            if _is_document(file):
                yield from _document(file)
            else:
                file.seek(0)
                yield from _lines(file)
    except OSError as error:
        raise UserError(
            f"transcripts: {path} can't be read ({error.strerror}); name a file of transcripts"
        ) from error


def _is_document(file: BinaryIO) -> bool:
    """Whether the file begins with a list, or with an object that its first line doesn't end."""
    first = b""
    while not first.strip():
        first = file.readline(LONGEST_LINE).removeprefix(_BOM)
        if not first:
            return False
    try:
        return is_export(parse_json(first))
    except JsonError:
        return first.lstrip().startswith(b"[") or first.strip() == b"{"


def _document(file: BinaryIO) -> Iterator[Transcript | Unreadable]:
    file.seek(0)
    raw = file.read(LARGEST_EXPORT + 1).removeprefix(_BOM)
    if len(raw) > LARGEST_EXPORT:
        yield Unreadable(1, f"the export is larger than {LARGEST_EXPORT // 2**20} MiB")
        return
    try:
        found = parse_json(raw)
    except JsonError as error:
        yield Unreadable(1, f"no chat export of Open WebUI: {error}")
        return
    if not is_export(found):
        yield Unreadable(1, "neither JSONL nor a chat export of Open WebUI")
        return
    yield from read_export(found)


def _lines(file: BinaryIO) -> Iterator[Transcript | Unreadable]:
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LONGEST_LINE)
            yield Unreadable(number, f"longer than {LONGEST_LINE // 2**20} MiB")
            continue
        raw = raw.removeprefix(_BOM) if number == 1 else raw
        if raw.strip():
            yield read_line(number, raw)
