"""What a journal still gives after anything has happened to its bytes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.journal import journal as journal_module
from stages.journal.entry import Unreadable
from stages.journal.journal import Journal, open_journal, read_session, remove_empty
from stages.journal.session_log import UNITS
from stages.sealed import line
from tests.journal.entries import STARTED, entry, write_session

KEYS = ["first", "second", "third"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = write_session(tmp_path_factory.mktemp("j") / "s", *(entry(key, key) for key in KEYS))
    return path.read_bytes()


def opened(folder: Path, data: bytes) -> Journal:
    (folder / "s").mkdir(exist_ok=True)
    (folder / "s" / UNITS).write_bytes(data)
    return open_journal(folder)


def readable(journal: Journal) -> list[str]:
    """The keys whose entry comes back as it was written."""
    found = []
    for key in KEYS:
        for held in journal.entries(key):
            (answer,) = held.read()
            assert answer.stream.text == [key, "!"]
            assert answer.record["started_at"] == STARTED
            found.append(key)
    return found


def test_entries_are_found_by_what_they_answer(tmp_path: Path, whole: bytes) -> None:
    journal = opened(tmp_path, whole)
    assert readable(journal) == KEYS
    assert journal.entries("fourth") == []
    assert list(journal.complaints()) == []
    assert journal.sessions[0].beginning is not None
    assert journal.sessions[0].beginning.environment == {"cpu": "abacus"}


def test_every_prefix_gives_every_entry_that_it_holds(tmp_path: Path, whole: bytes) -> None:
    ends = [whole.index(b"\n", whole.index(key.encode())) for key in KEYS]
    for size in range(len(whole) + 1):
        journal = opened(tmp_path, whole[:size])
        expected = [key for key, end in zip(KEYS, ends, strict=True) if end < size]
        assert readable(journal) == expected, size


def test_what_is_written_after_a_torn_entry_is_whole(tmp_path: Path, whole: bytes) -> None:
    for cut in range(2, 60):
        journal = opened(tmp_path, whole[:-cut] + entry("third", "third"))
        assert readable(journal) == KEYS, cut


def test_a_flipped_bit_costs_one_entry_and_is_said(tmp_path: Path, whole: bytes) -> None:
    first = whole.index(b"\n") + 1
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        journal = opened(tmp_path, bytes(damaged))
        left = readable(journal)
        assert len(left) >= 2, place
        said = list(journal.complaints())
        if len(left) < 3:
            assert len(said) == 1 and "1 damaged entry" in said[0], place
        elif place < first:
            assert journal.sessions[0].beginning is not None or "first line" in said[0]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_bytes_stops_a_journal_from_opening(
    tmp_path: Path, whole: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 300))
    put = data.draw(st.binary(max_size=50))
    journal = opened(tmp_path, whole[:at] + put + whole[at + length :])
    readable(journal)
    list(journal.complaints())


def test_a_hand_that_edits_an_answer_costs_that_answer(tmp_path: Path, whole: bytes) -> None:
    journal = opened(tmp_path, whole.replace(b'"second","!"', b'"better","!"'))
    assert readable(journal) == ["first", "third"]
    assert len(list(journal.complaints())) == 1


def test_a_forged_checksum_does_not_make_nonsense_an_answer(tmp_path: Path, whole: bytes) -> None:
    lines = whole.split(b"\n")
    text = next(text for text in lines if b'"second"' in text)
    text = text[9:].decode()
    for change in (
        ('"t_ns":[100,1]', '"t_ns":[100]'),
        ('"t_ns":[100,1]', '"t_ns":"soon"'),
        (',1,2]],"t_ns"', ',1,3]],"t_ns"'),
        ('"text":["second"', '"text":[7'),
        ('"started_at":"2026-01-02T03:04:05.678901+00:00"', '"started_at":"then"'),
        ('"responses":[{"record"', '"responses":[],"more":[{"record"'),
    ):
        forged = text.replace(*change)
        assert forged != text
        journal = opened(tmp_path, line('{"session":{},"environment":{}}') + b"\n" + line(forged))
        for held in journal.entries("second"):
            with pytest.raises(Unreadable):
                held.read()


def test_what_a_newer_version_wrote_is_left_alone_and_said(tmp_path: Path, whole: bytes) -> None:
    journal = opened(tmp_path, whole + b"\n" + line('{"v":2,"key":"first","secret":1}\t{}'))
    assert readable(journal) == KEYS
    (said,) = journal.complaints()
    assert "newer version" in said
    newer = b"\n".join(line(json.dumps({"v": 2, "what": "ever"}) + "\t{}") for _ in range(2))
    remove_empty(opened(tmp_path, newer))
    assert (tmp_path / "s").exists()


def test_a_session_that_ended_before_its_first_entry_leaves_nothing(
    tmp_path: Path, whole: bytes
) -> None:
    first = whole.index(b"\n") + 1
    for size in (0, 1, first - 1, first):
        journal = opened(tmp_path, whole[:size])
        assert list(journal.complaints()) == []
        remove_empty(journal)
        assert not (tmp_path / "s").exists()


def test_a_line_without_end_is_no_more_than_one_damaged_entry(tmp_path: Path) -> None:
    path = write_session(tmp_path / "s", entry("first", "first"))
    with path.open("ab") as file:
        file.write(b"\0" * 5000)
    found = read_session(path)
    assert (len(found.entries), found.damaged) == (1, 1)


def test_a_session_that_was_copied_counts_once_and_is_said(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "copy").mkdir()
    cut = whole.index(b"\n", whole.index(b"second"))
    (tmp_path / "copy" / UNITS).write_bytes(whole[: cut + 1])
    journal = opened(tmp_path, whole)
    assert readable(journal) == KEYS
    (said,) = journal.complaints()
    assert "2 entries stand elsewhere too" in said


def test_what_is_not_ours_in_the_folder_is_left_alone(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "other").mkdir()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / UNITS).write_text("a list of things")
    journal = opened(tmp_path, whole)
    remove_empty(journal)
    assert readable(journal) == KEYS
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "other", "odd", "s"}
    assert [said.split(":")[0] for said in journal.complaints()] == [str(tmp_path / "odd" / UNITS)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_session_that_may_not_be_read_is_no_empty_one(tmp_path: Path, whole: bytes) -> None:
    opened(tmp_path, whole)
    (tmp_path / "s").chmod(0)
    try:
        with pytest.raises(PermissionError):
            open_journal(tmp_path)
    finally:
        (tmp_path / "s").chmod(0o700)


def test_a_line_longer_than_any_entry_costs_no_more_memory_than_one(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_LONGEST", 2000)
    lines = whole.split(b"\n\n")
    assert max(map(len, lines)) < 2000
    journal = opened(tmp_path, b"\n\n".join([*lines[:2], b"x" * 9000, *lines[2:]]))
    assert readable(journal) == KEYS
    assert len(list(journal.complaints())) == 1
