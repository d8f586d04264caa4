"""Transcripts that exist already, whatever tool wrote them, one response at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from stages.errors import UserError
from stages.transcript.json_text import JsonError, parse_json
from stages.transcript.jsonl import is_conversation, read_line, read_object
from stages.transcript.openwebui import is_export, read_export
from stages.transcript.transcripts import Transcript, Unreadable

LONGEST_LINE = 64 * 2**20
LARGEST_DOCUMENT = 512 * 2**20
_BOM = b"\xef\xbb\xbf"


def read_transcripts(path: Path) -> Iterator[Transcript | Unreadable]:
    """Every response of a transcript file: see ``read_stream``.

    A file that can't be opened or read is a ``UserError``.
    """
    try:
        with path.open("rb") as file:
            yield from read_stream(file)
    except OSError as error:
        raise UserError(
            f"transcripts: {path} can't be read ({error.strerror}); name a file of transcripts"
        ) from error


def read_stream(file: BinaryIO) -> Iterator[Transcript | Unreadable]:
    """Every response of an open file, and every place that couldn't be read, in file order.

    The file is JSONL, one object a line, or one JSON document (a chat export of Open WebUI, a list
    of objects, a single object), told apart by its beginning; it is read once, from where it
    stands, so a pipe will do. Nothing inside it is fatal.
    """
    number, raw = 1, file.readline(LONGEST_LINE).removeprefix(_BOM)
    while raw and not raw.strip():
        number, raw = number + 1, file.readline(LONGEST_LINE)
    if _begins_document(raw):
        yield from _document(raw, file)
        return
    while raw:
        if len(raw) >= LONGEST_LINE - len(_BOM) and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LONGEST_LINE)
            yield Unreadable(number, f"longer than {LONGEST_LINE // 2**20} MiB")
        elif raw.strip():
            yield read_line(number, raw)
        number, raw = number + 1, file.readline(LONGEST_LINE)


def _begins_document(raw: bytes) -> bool:
    """Whether a first line is a list of objects or an export, or begins what it doesn't end."""
    try:
        found = parse_json(raw)
    except JsonError:
        return raw.lstrip().startswith(b"[") or raw.strip() == b"{"
    return is_export(found) or (_is_list(found) and not is_conversation(found))


def _is_list(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict)


def _document(begun: bytes, file: BinaryIO) -> Iterator[Transcript | Unreadable]:
    raw = begun + file.read(max(0, LARGEST_DOCUMENT + 1 - len(begun)))
    if len(raw) > LARGEST_DOCUMENT:
        limit = f"{LARGEST_DOCUMENT // 2**20} MiB"
        yield Unreadable(1, f"one JSON document larger than {limit}; write an object a line")
        return
    try:
        found = parse_json(raw)
    except JsonError as error:
        yield Unreadable(1, f"neither JSONL nor one JSON document: {error.why}", error.found)
        return
    if is_export(found):
        yield from read_export(found)
    elif _is_list(found) and not is_conversation(found):
        yield from (read_object(number, one) for number, one in enumerate(found, start=1))
    else:
        yield read_object(1, found)
