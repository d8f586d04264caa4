"""A session's trace, made once from the sampler's files, whenever that is interrupted."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from stages.columns import schema
from stages.journal import trace
from stages.journal.session_log import UNITS
from stages.journal.trace import SEGMENT, segment
from stages.trace.keeper import compress
from stages.trace.schema import TRACE_TABLES
from tests.journal.sessions import write_traced_session


@pytest.fixture
def session(tmp_path: Path) -> Path:
    write_traced_session(tmp_path / "s")
    return tmp_path / "s"


def contents(session: Path) -> set[str]:
    return {path.name for path in session.iterdir()}


def check(made: Path | None) -> None:
    """That this is the whole trace of ``write_traced_session``."""
    assert made is not None
    tables = {name: pl.read_parquet(made / f"{name}.parquet") for name in TRACE_TABLES}
    for name, columns in TRACE_TABLES.items():
        assert tables[name].schema == schema(columns)
    assert tables["trace_network"].rows() == [("s", 7, "lo", True, 5, 6)]
    assert tables["trace_events"]["kind"].to_list() == ["late"]
    (row,) = tables["sessions"].rows(named=True)
    assert (row["session_id"], row["machine_id"]) == ("s", "m")
    assert row["anchors"] == [{"monotonic_ns": 1, "boot_ns": 2, "wall_ns": 3}]


def test_the_samplers_files_become_tables_and_go(session: Path) -> None:
    (session / "engine.log").write_text("words")
    (session / "trace.000002.part").touch()
    (session / "parent.log").touch()
    compress(session / "trace.000001.log")
    (session / "trace.000002.log").write_bytes(b"torn")
    check(segment(session))
    assert contents(session) == {UNITS, SEGMENT, "engine.log"}


def test_it_is_made_once(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segment(session)
    monkeypatch.setattr(trace, "to_parquet", lambda *_: pytest.fail("made twice"))
    check(segment(session))


class Killed(BaseException):
    """The process ends here, and nothing is cleaned up behind it."""


@pytest.mark.parametrize("step", ["reading", "moving", "removing"])
def test_a_run_that_is_killed_on_the_way_costs_nothing(
    session: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def kill(*_: object) -> None:
        raise Killed

    real = trace.to_parquet

    def half(scratch: Path, out: Path) -> None:
        real(scratch, out)
        (out / "sessions.parquet").write_bytes(b"PAR")
        (out / ".left.parquet.1.part").write_bytes(b"")
        raise Killed

    if step == "reading":
        monkeypatch.setattr(trace, "to_parquet", half)
    elif step == "moving":
        monkeypatch.setattr(Path, "replace", kill)
    else:
        monkeypatch.setattr(trace, "_remove_sources", kill)
    with pytest.raises(Killed):
        segment(session)
    monkeypatch.undo()
    check(segment(session))
    assert contents(session) == {UNITS, SEGMENT}
    assert len(contents(session / SEGMENT)) == len(TRACE_TABLES)


def test_a_run_that_is_killed_while_removing_has_removed_in_the_end(session: Path) -> None:
    shutil.copy(session / "trace.000001.log", session / "kept")
    segment(session)
    (session / "kept").rename(session / "trace.000001.log")
    check(segment(session))
    assert contents(session) == {UNITS, SEGMENT}


def test_without_a_word_of_the_session_there_is_no_trace(
    session: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (session / UNITS).write_bytes(b"torn")
    assert segment(session) is None
    assert "its trace can't be read" in capsys.readouterr().err
    assert "trace.000001.log" in contents(session)  # for whoever wants to look


def test_the_tracers_own_word_is_enough_where_the_first_line_is_damaged(session: Path) -> None:
    (session / UNITS).write_bytes(b"torn")
    (session / "session.json").write_text(
        '{"session_id": "s", "machine_id": "m", "boot_id": null,'
        ' "started_at": "2026-01-02T03:04:05+00:00"}'
    )
    check(segment(session))


def test_the_journals_word_is_enough_where_the_tracers_is_torn(session: Path) -> None:
    (session / "session.json").write_text('{"sess')
    check(segment(session))


def test_a_sampler_that_was_killed_at_once_leaves_an_empty_trace(session: Path) -> None:
    (session / "trace.000001.log").write_bytes(b"")
    made = segment(session)
    assert made is not None
    assert pl.read_parquet(made / "trace_network.parquet").height == 0
    assert pl.read_parquet(made / "sessions.parquet")["anchors"].to_list() == [[]]
