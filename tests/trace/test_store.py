from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.columns import schema
from stages.files import write_json
from stages.sealed import line
from stages.trace.log import ANCHOR_COLUMNS, EVENT_COLUMNS, Log, Row
from stages.trace.schema import TRACE_TABLES
from stages.trace.store import to_parquet

NET = ("t_ns", "interface", "loopback", "received_bytes", "sent_bytes")


def scratch_with(folder: Path, table: str = "", columns: Any = (), rows: list[Row] = ()) -> Path:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    session = {
        "session_id": "s1",
        "machine_id": "m",
        "boot_id": None,
        "started_at": "2025-01-02T03:04:05+00:00",
    }
    write_json(scratch / "session.json", session)
    if table:
        log = Log(scratch / f"{table}.log", columns)
        log.append(rows)
        log.close()
    return scratch


def tables(scratch: Path) -> dict[str, pl.DataFrame]:
    out = scratch.parent / "out"
    to_parquet(scratch, out)
    assert {path.name for path in out.iterdir()} == {f"{name}.parquet" for name in TRACE_TABLES}
    return {name: pl.read_parquet(out / f"{name}.parquet") for name in TRACE_TABLES}


def test_a_tracer_that_wrote_nothing_gives_typed_empty_tables(tmp_path: Path) -> None:
    found = tables(scratch_with(tmp_path))
    for name, columns in TRACE_TABLES.items():
        assert found[name].schema == schema(columns)
        assert found[name].height == (name == "sessions")
    row = found["sessions"].row(0, named=True)
    assert row["started_at"] == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (row["session_id"], row["boot_id"], row["anchors"]) == ("s1", None, [])


def test_rows_come_back(tmp_path: Path) -> None:
    rows: list[Row] = [(1, "lo", True, 5, 6), (2, 'eth 0,"x"', False, None, 2**62)]
    found = tables(scratch_with(tmp_path, "trace_network", NET, rows))["trace_network"]
    assert found.rows() == [("s1", *row) for row in rows]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    columns = ("sent_bytes", "t_ns", "of another version")
    found = tables(scratch_with(tmp_path, "trace_network", columns, [(7, 8, "x")]))
    assert found["trace_network"].rows() == [("s1", 8, None, None, None, 7)]


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    rows: list[Row] = [(1, "lo", True, 5, 6), (2, "lo", True, 7, 8)]
    scratch = scratch_with(tmp_path, "trace_network", NET, rows)
    log = scratch / "trace_network.log"
    for cut in range(1, len(line('2,"lo",true,7,8')) + 1):  # wherever it tore
        log.write_bytes(log.read_bytes()[:-1])
        found = tables(scratch)
        assert found["trace_network"].rows() == [("s1", *rows[0])], cut
        assert found["trace_events"].is_empty()


def test_a_flipped_line_is_dropped_and_counted(tmp_path: Path) -> None:
    rows: list[Row] = [(t, "lo", True, 5, 6) for t in range(1, 4)]
    scratch = scratch_with(tmp_path, "trace_network", NET, rows)
    log = Log(scratch / "anchors.log", ANCHOR_COLUMNS)
    log.append([(10, 11, 12), (20, 21, 22)])
    log.close()
    file = scratch / "trace_network.log"
    file.write_bytes(file.read_bytes().replace(b',2,"lo"', b',2,"mo"'))
    found = tables(scratch)
    assert found["trace_network"]["t_ns"].to_list() == [1, 3]
    (event,) = found["trace_events"].to_dicts()
    assert (event["kind"], event["lane"], event["value"]) == ("damaged", "trace_network", 1.0)
    assert event["t_ns"] == 20
    anchors = found["sessions"].row(0, named=True)["anchors"]
    assert anchors[0] == {"monotonic_ns": 10, "boot_ns": 11, "wall_ns": 12}


def test_without_a_header_nothing_can_be_told(tmp_path: Path) -> None:
    scratch = scratch_with(tmp_path, "trace_network", NET, [(1, "lo", True, 5, 6)])
    file = scratch / "trace_network.log"
    file.write_bytes(b"x" + file.read_bytes()[1:])
    found = tables(scratch)
    assert found["trace_network"].is_empty()
    assert found["trace_events"]["value"].to_list() == [2.0]


def test_a_counter_past_64_bits_is_null(tmp_path: Path) -> None:
    found = tables(scratch_with(tmp_path, "trace_network", NET, [(1, "a", False, 2**64, 3)]))
    assert found["trace_network"].rows() == [("s1", 1, "a", False, None, 3)]


def test_events_of_sampler_and_parent_in_order_of_time(tmp_path: Path) -> None:
    scratch = scratch_with(tmp_path)
    for name, t_ns in (("trace_events", 9), ("trace_events.parent", 7)):
        log = Log(scratch / f"{name}.log", EVENT_COLUMNS)
        log.append([(t_ns, name, "lane", None, 0.25, "why")])
        log.close()
    events = tables(scratch)["trace_events"]
    assert events["t_ns"].to_list() == [7, 9]
    assert events["value"].to_list() == [0.25, 0.25]


def test_no_session_no_tables(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        to_parquet(tmp_path, tmp_path / "out")


TEXT = st.text(
    st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f\x85\u2028\u2029")
)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 2**63 - 1),
            TEXT | st.none(),
            st.booleans() | st.none(),
            st.integers(-(2**63), 2**63 - 1) | st.none(),
            st.integers(-(2**63), 2**63 - 1) | st.none(),
        ),
        min_size=1,
    )
)
def test_any_values_come_back(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = tables(scratch_with(Path(folder), "trace_network", NET, rows))
    assert found["trace_network"].rows() == [("s1", *row) for row in rows]
