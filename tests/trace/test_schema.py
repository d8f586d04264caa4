from __future__ import annotations

import pytest

from stages.trace.lanes import gpu, held, process
from stages.trace.lanes.here import lanes, process_lane
from stages.trace.lanes.processes import Reading
from stages.trace.log import ANCHOR_COLUMNS, EVENT_COLUMNS, EVENTS
from stages.trace.schema import LATER_TABLES, SESSIONS, TRACE_TABLES
from tests.trace.notes import Notes

LANES = [process_lane(Notes()), *lanes(Notes(), list)]
WRITTEN = [
    *[(lane.table, lane.columns) for lane in LANES],
    *gpu.TABLES.items(),
    *held.TABLES.items(),
    (EVENTS, EVENT_COLUMNS),
]


@pytest.mark.parametrize(("table", "written"), WRITTEN, ids=[table for table, _ in WRITTEN])
def test_a_lane_writes_every_column_of_its_table(table: str, written: tuple[str, ...]) -> None:
    declared = {column.name for column in TRACE_TABLES[table]}
    assert set(written) | {"session_id"} == declared
    assert len(written) == len(declared) - 1


def test_every_table_is_written_by_something() -> None:
    assert {table for table, _ in WRITTEN} | {"sessions"} == set(TRACE_TABLES)
    assert set(TRACE_TABLES) > LATER_TABLES


def test_a_reading_stands_in_the_order_of_the_process_columns() -> None:
    start = process.COLUMNS.index("cpu_ns")
    assert process.COLUMNS[start : start + len(Reading._fields)] == Reading._fields


def test_anchors_have_the_fields_of_their_column() -> None:
    anchors = next(column for column in SESSIONS if column.name == "anchors")
    assert tuple(field.name for field in anchors.dtype.inner.fields) == ANCHOR_COLUMNS
