"""From entries of several sessions to tables, whatever has become of the trace behind them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from stages.columns import schema
from stages.engines.protocol import Chunk
from stages.journal.entry import Unreadable, encode
from stages.journal.journal import Entry, read_session
from stages.journal.recording import Recording
from stages.journal.trace import SEGMENT, segment
from stages.measuring import raw_tables
from stages.measuring.raw_tables import Name, Taken, write_raw_tables
from stages.measuring.unit_id import response_id
from stages.records import ENVIRONMENT, RECORDS, STREAM
from stages.trace.schema import TRACE_TABLES
from tests.journal.entries import entry, head, recording
from tests.journal.sessions import write_traced_session

M = Name("m", "p", None)


def held(folder: Path, *entries: bytes) -> list[Entry]:
    return read_session(write_traced_session(folder, *entries)).entries


def tables(
    out: Path, taken: Sequence[Taken], sessions: Sequence[Path] = ()
) -> dict[str, pl.DataFrame]:
    write_raw_tables(taken, sessions, out)
    names = {"records": RECORDS, "stream": STREAM, "environment": ENVIRONMENT, **TRACE_TABLES}
    assert {path.name for path in out.iterdir()} == {f"{name}.parquet" for name in names}
    found = {name: pl.read_parquet(out / f"{name}.parquet") for name in names}
    for name, columns in names.items():
        assert found[name].schema == schema(columns)
    return found


def test_nothing_gives_typed_empty_tables(tmp_path: Path) -> None:
    assert {table.height for table in tables(tmp_path / "out", []).values()} == {0}


def test_a_record_and_its_stream_come_back(tmp_path: Path) -> None:
    started = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    stream = Recording()
    stream.add(Chunk(0, 1000, "injected", "<think>", None))
    stream.add(Chunk(0, 1007, "content", "h\u00e9", 1))
    stream.add(Chunk(1, 1009, "content", "", 2))
    record = {"model": "m", "epoch": 2, "started_at": started, "stop": "stop", "end_ns": 2**60}
    (one,) = held(tmp_path / "s", encode(head("u"), [(record, stream)]))
    found = tables(tmp_path / "out", [Taken(one, [M], reused=False)], [tmp_path / "s"])

    identity = response_id(unit="u", model="m", prompt_id="p", test=None)
    (row,) = found["records"].rows(named=True)
    expected = record | {"response_id": identity, "prompt_id": "p", "reused": False}
    assert {name: value for name, value in row.items() if value is not None} == expected
    assert found["stream"].rows() == [
        (identity, 0, 0, 1000, "injected", "<think>", None),
        (identity, 1, 0, 1007, "content", "h\u00e9", 1),
        (identity, 2, 1, 1009, "content", "", 2),
    ]
    assert found["trace_network"].rows() == [("s", 7, "lo", True, 5, 6)]
    assert found["environment"].select("session_id", "cpu").rows() == [("s", "abacus")]


def test_a_response_has_the_names_of_this_run_and_says_those_of_its_trace(tmp_path: Path) -> None:
    one, two = held(tmp_path / "s", entry("u", model="m", test="t"), entry("v", model="n"))
    taken = [Taken(one, [Name("n", "q", "u")], reused=True), Taken(two, [M], reused=False)]
    again = [Taken(two, [Name("n", "p", None)], reused=True)]
    found = tables(tmp_path / "out", [*taken, *again])["records"]
    assert found.select("model", "prompt_id", "test", "reused", "traced_as").rows() == [
        ("n", "q", "u", True, "m"),
        ("m", "p", None, False, "n"),
        ("n", "p", None, True, None),
    ]
    assert found["response_id"].n_unique() == 3


def test_a_roster_is_a_row_for_each_in_its_order(tmp_path: Path) -> None:
    responses = [
        head("u").responses[0].model_copy(update={"unit": f"u{key}", "model": key}) for key in "ab"
    ]
    whole = head("u").model_copy(update={"responses": responses})
    said = [({"model": key}, recording(f"{key} said")) for key in "ab"]
    (one,) = held(tmp_path / "s", encode(whole, said))
    names = [Name(key, "p", "t") for key in "ab"]
    found = tables(tmp_path / "out", [Taken(one, names, reused=True)])
    joined = found["stream"].join(found["records"], on="response_id", maintain_order="left")
    assert joined.select("model", "text").rows() == [("a", "a said"), ("b", "b said")]


@pytest.mark.parametrize("rows", [1, 3, 4, 100])
def test_parts_make_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    entries = held(tmp_path / "s", *(entry(f"u{number}", f"{number}") for number in range(12)))
    taken = [Taken(one, [M], reused=False) for one in entries]
    monkeypatch.setattr(raw_tables, "STREAM_ROWS", rows)
    found = tables(tmp_path / "out", taken)
    assert found["records"].height == 12
    assert found["stream"]["text"].to_list() == [
        text for number in range(12) for text in (f"{number}", "!")
    ]


def test_many_responses_that_said_nothing_make_parts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [encode(head(f"u{number}"), [({}, Recording())]) for number in range(5)]
    entries = held(tmp_path / "s", *silent)
    monkeypatch.setattr(raw_tables, "STREAM_ROWS", 2)
    found = tables(tmp_path / "out", [Taken(one, [M], reused=False) for one in entries])
    assert (found["records"].height, found["stream"].height) == (5, 0)


def test_several_sessions_have_their_traces_one_after_the_other(tmp_path: Path) -> None:
    taken = [
        Taken(one, [M], reused=True)
        for name in ("s", "t")
        for one in held(tmp_path / name, entry(name))
    ]
    found = tables(tmp_path / "out", taken, [tmp_path / "s", tmp_path / "t"])
    for name in ("trace_network", "trace_events", "sessions", "environment"):
        assert found[name]["session_id"].to_list() == ["s", "t"], name


def _flipped(path: Path) -> None:
    """Damage data where the footer, and with it the schema, stays whole."""
    data = bytearray(path.read_bytes())
    data[4:40] = bytes(byte ^ 255 for byte in data[4:40])
    path.write_bytes(data)


def test_a_session_whose_trace_is_gone_or_damaged_keeps_its_responses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = []
    for name in ("gone", "torn", "rotten", "lost", "whole"):
        taken += [Taken(one, [M], reused=True) for one in held(tmp_path / name, entry(name))]
        segment(tmp_path / name)
    shutil.rmtree(tmp_path / "gone" / SEGMENT)
    (tmp_path / "torn" / SEGMENT / "trace_network.parquet").write_bytes(b"PAR1")
    _flipped(tmp_path / "rotten" / SEGMENT / "trace_network.parquet")
    (tmp_path / "lost" / SEGMENT / "trace_network.parquet").unlink()
    sessions = [item.entry.session for item in taken]
    found = tables(tmp_path / "out", taken, sessions)
    assert found["records"].height == 5
    assert found["trace_network"]["session_id"].to_list() == ["whole"]
    # What the sampler left is gone, but who the session was stands in the journal as well.
    assert found["sessions"]["session_id"].to_list() == ["gone", "torn", "rotten", "lost", "whole"]
    said = capsys.readouterr().err.splitlines()
    for line, name in zip(said, ("torn", "rotten", "lost"), strict=True):
        assert name in line and "can't be read" in line


def test_a_table_that_an_earlier_version_did_not_know_is_no_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_traced_session(tmp_path / "old")
    segment(tmp_path / "old")
    (tmp_path / "old" / SEGMENT / "trace_held.parquet").unlink()
    found = tables(tmp_path / "out", [], [tmp_path / "old"])
    assert found["trace_held"].height == 0 and found["trace_network"].height == 1
    assert capsys.readouterr().err == ""


def test_a_trace_of_an_earlier_version_fits_in(tmp_path: Path) -> None:
    for name in ("old", "new"):
        write_traced_session(tmp_path / name)
        segment(tmp_path / name)
    table = tmp_path / "old" / SEGMENT / "trace_network.parquet"
    older = pl.read_parquet(table).drop("sent_bytes").with_columns(colour=pl.lit("red"))
    older.select(reversed(older.columns)).write_parquet(table)
    found = tables(tmp_path / "out", [], [tmp_path / "old", tmp_path / "new"])
    assert found["trace_network"].rows() == [
        ("old", 7, "lo", True, 5, None),
        ("new", 7, "lo", True, 5, 6),
    ]


def test_a_column_that_is_no_more_is_left_out(tmp_path: Path) -> None:
    (one,) = held(tmp_path / "s", encode(head("u"), [({"mood": "good"}, recording("x"))]))
    assert tables(tmp_path / "out", [Taken(one, [M], reused=True)])["records"].height == 1


def test_where_it_fails_what_was_there_before_stays(tmp_path: Path) -> None:
    (one,) = held(tmp_path / "s", entry("u"))
    before = tables(tmp_path / "out", [Taken(one, [M], reused=False)])
    one.path.write_bytes(b"")
    with pytest.raises(Unreadable):
        write_raw_tables([Taken(one, [M], reused=True)], [], tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "records.parquet").equals(before["records"])
    assert not [path for path in (tmp_path / "out").iterdir() if path.suffix != ".parquet"]
