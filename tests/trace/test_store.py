from __future__ import annotations

import gzip
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
from stages.trace import store
from stages.trace.keeper import compress
from stages.trace.log import ANCHOR_COLUMNS, EVENT_COLUMNS, Format, Row
from stages.trace.schema import TRACE_TABLES
from stages.trace.store import to_parquet

NET = ("t_ns", "interface", "loopback", "received_bytes", "sent_bytes")
COLUMNS: dict[str, tuple[str, ...]] = {
    "trace_network": NET,
    "trace_events": EVENT_COLUMNS,
    "anchors": ANCHOR_COLUMNS,
}


def lines(*tables: tuple[str, list[Row]], columns: dict[str, Any] | None = None) -> list[bytes]:
    """A file's lines: its header, then one for each of these rows of each of these tables."""
    form = Format()
    for name, its in (columns or COLUMNS).items():
        form.declare(name, its)
    return [form.header(), *(form.lines(table, [row]) for table, rows in tables for row in rows)]


def network(*t_ns: int) -> tuple[str, list[Row]]:
    return "trace_network", [(t, "lo", True, 5, 6) for t in t_ns]


def write(scratch: Path, text: list[bytes], number: int = 1) -> Path:
    path = scratch / f"trace.{number:06}.log"
    path.write_bytes(b"".join(text))
    return path


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return scratch_in(tmp_path)


def scratch_in(folder: Path) -> Path:
    """A folder in which a tracer was entered."""
    scratch = folder / "scratch"
    scratch.mkdir()
    session = {
        "session_id": "s1",
        "machine_id": "m",
        "boot_id": None,
        "started_at": "2025-01-02T03:04:05+00:00",
    }
    write_json(scratch / "session.json", session)
    return scratch


def tables(scratch: Path) -> dict[str, pl.DataFrame]:
    before = {path.name for path in scratch.iterdir()}
    out = scratch.parent / "out"
    to_parquet(scratch, out)
    assert {path.name for path in scratch.iterdir()} == before
    assert {path.name for path in out.iterdir()} == {f"{name}.parquet" for name in TRACE_TABLES}
    found = {name: pl.read_parquet(out / f"{name}.parquet") for name in TRACE_TABLES}
    for name, columns in TRACE_TABLES.items():
        assert found[name].schema == schema(columns)
    return found


def times(found: dict[str, pl.DataFrame]) -> list[int]:
    return found["trace_network"]["t_ns"].to_list()


def damaged(found: dict[str, pl.DataFrame]) -> float | None:
    """How many lines were left out."""
    events = found["trace_events"].filter(kind="damaged")
    return events.row(0, named=True)["value"] if events.height else None


def test_a_tracer_that_wrote_nothing_gives_typed_empty_tables(scratch: Path) -> None:
    found = tables(scratch)
    assert {name for name, table in found.items() if table.height} == {"sessions"}
    row = found["sessions"].row(0, named=True)
    assert row["started_at"] == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (row["session_id"], row["boot_id"], row["anchors"]) == ("s1", None, [])


def test_rows_come_back(scratch: Path) -> None:
    rows: list[Row] = [(1, "lo", True, 5, 6), (2, 'eth 0,"x"\n', False, None, 2**62)]
    write(scratch, lines(("trace_network", rows), ("anchors", [(10, 11, 12), (20, 21, 22)])))
    found = tables(scratch)
    assert found["trace_network"].rows() == [("s1", *row) for row in rows]
    anchors = found["sessions"].row(0, named=True)["anchors"]
    assert anchors[0] == {"monotonic_ns": 10, "boot_ns": 11, "wall_ns": 12}
    assert len(anchors) == 2


def test_every_file_is_read_in_order_compressed_or_not_and_each_once(scratch: Path) -> None:
    for number in (2, 1, 3):
        write(scratch, lines(network(number)), number)
    for number in (1, 2):
        whole = (scratch / f"trace.{number:06}.log").read_bytes()
        compress(scratch / f"trace.{number:06}.log")
        if number == 2:  # as a sampler leaves it that is killed just then
            (scratch / "trace.000002.log").write_bytes(whole)
    (scratch / "trace.000003.part").write_bytes(gzip.compress(b"".join(lines(network(4)))))
    found = tables(scratch)
    assert times(found) == [1, 2, 3]
    assert damaged(found) is None


def test_columns_are_found_by_name(scratch: Path) -> None:
    columns = {"trace_network": ("sent_bytes", "t_ns", "of another version"), "trace_other": ("a",)}
    rows: Any = [("trace_network", [(7, 8, "x")]), ("trace_other", [(1,)])]
    write(scratch, lines(*rows, columns=columns))
    found = tables(scratch)
    assert found["trace_network"].rows() == [("s1", 8, None, None, None, 7)]


def test_a_torn_last_line_is_dropped(scratch: Path) -> None:
    text = lines(network(1, 2))
    for cut in (1, 2, 20, len(text[-1]) - 1, len(text[-1])):  # wherever it tore
        write(scratch, [b"".join(text)[:-cut]])
        found = tables(scratch)
        assert times(found) == [1], cut
        assert damaged(found) is None


def test_a_torn_line_ends_its_own_file_only(scratch: Path) -> None:
    write(scratch, [*lines(network(1)), b"0123"])
    write(scratch, lines(network(2)), 2)
    assert times(tables(scratch)) == [1, 2]


def test_a_flipped_line_is_dropped_and_counted(scratch: Path) -> None:
    text = lines(("anchors", [(10, 11, 12), (20, 21, 22)]), network(1, 2, 3))
    text[-2] = text[-2].replace(b'"lo"', b'"mo"')
    write(scratch, text)
    found = tables(scratch)
    assert times(found) == [1, 3]
    (event,) = found["trace_events"].to_dicts()
    assert (event["kind"], event["lane"], event["value"]) == ("damaged", "store", 1.0)
    assert event["t_ns"] == 20  # the last that is known of when this was


def test_without_a_header_nothing_can_be_told(scratch: Path) -> None:
    text = lines(network(1, 2))
    write(scratch, [b"x" + text[0][1:], *text[1:]])
    write(scratch, lines(network(3)), 2)
    found = tables(scratch)
    assert times(found) == [3]
    assert damaged(found) == 3


@pytest.mark.parametrize("how", ["cut", "flipped", "not one"])
def test_of_a_damaged_compressed_file_what_comes_before_is_kept(scratch: Path, how: str) -> None:
    # Names that don't compress, so that the middle of the file is the middle of the lines.
    names = [line(str(number))[:8].decode() for number in range(20_000)]
    rows: list[Row] = [(t, name, None, None, None) for t, name in enumerate(names)]
    path = write(scratch, lines(("trace_network", rows)))
    write(scratch, lines(network(7)), 2)
    compress(path)
    path = scratch / "trace.000001.log.gz"
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "cut": whole[:middle],
            "flipped": whole[:middle] + bytes(byte ^ 255 for byte in whole[middle:]),
            "not one": b"x" * 50,
        }[how]
    )
    found = tables(scratch)
    assert damaged(found) is not None
    *before, last = times(found)
    assert last == 7
    assert before == list(range(len(before)))
    assert (5_000 < len(before) < 15_000) == (how != "not one")


def test_parts_of_a_long_trace_are_put_together(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_PART_ROWS", 2)
    frames: list[int] = []
    made = store._frame
    monkeypatch.setattr(
        store, "_frame", lambda rows, *a: (frames.append(len(rows)), made(rows, *a))[1]
    )
    events: list[Row] = [(t, "late", "disk", None, 1.0, "ms") for t in range(3)]
    write(
        scratch, lines(network(*range(7)), ("trace_events", events), ("anchors", [(1, 2, 3)] * 3))
    )
    found = tables(scratch)
    assert times(found) == list(range(7))
    assert found["trace_events"]["t_ns"].to_list() == [0, 1, 2]
    assert len(found["sessions"].row(0, named=True)["anchors"]) == 3
    assert max(frames) == 2  # of all of them there were never more in memory


HOSTILE = [
    (2**64, "a"),
    (-(2**70), "a"),
    ("x", 7),
    (1.5, ["a"]),
    ({"a": 1}, {"b": []}),
    (True, "\ud800"),
    ([], None),
]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_value_that_a_column_cannot_hold_is_null_and_costs_no_other(
    scratch: Path, value: Any
) -> None:
    number, text = value
    rows: Any = [(1, "lo", True, 5, 6), (2, text, text, number, 3), (3, "lo", True, 5, 6)]
    write(scratch, lines(("trace_network", rows)))
    found = tables(scratch)["trace_network"]
    assert found.rows()[::2] == [("s1", *rows[0]), ("s1", *rows[2])]
    _, t_ns, name, loopback, received, sent = found.row(1)
    assert (t_ns, sent, loopback) == (2, 3, None)
    assert received in (None, number)
    assert name in (None, "a", "7", "?")


def test_events_of_sampler_and_parent_in_order_of_time(scratch: Path) -> None:
    by = {9: lines(("trace_events", [(9, "late", "lane", None, 0.25, "why")]))}
    by[7] = lines(("trace_events", [(7, "idle", "energy", None, 3.0, "s")]))
    write(scratch, by[9])
    (scratch / "parent.log").write_bytes(b"".join(by[7]))
    events = tables(scratch)["trace_events"]
    assert events.select("t_ns", "value").rows() == [(7, 3.0), (9, 0.25)]


def test_no_session_no_tables(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        to_parquet(tmp_path, tmp_path / "out")


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 2**63 - 1),
            st.text() | st.none(),
            st.booleans() | st.none(),
            st.integers(-(2**63), 2**63 - 1) | st.none(),
            st.integers(-(2**63), 2**63 - 1) | st.none(),
        ),
        min_size=1,
    )
)
def test_any_values_come_back(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = scratch_in(Path(folder))
        write(scratch, lines(("trace_network", rows)))
        found = tables(scratch)
    assert found["trace_network"].rows() == [("s1", *row) for row in rows]
