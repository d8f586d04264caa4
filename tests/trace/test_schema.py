from __future__ import annotations

import pytest

from stages.trace.lanes import disk, gpu, network, process, system
from stages.trace.lanes.process import Reading
from stages.trace.log import ANCHOR_COLUMNS, EVENT_COLUMNS
from stages.trace.schema import SESSIONS, TRACE_TABLES


@pytest.mark.parametrize(
    ("table", "written"),
    [
        ("trace_system", system.COLUMNS),
        ("trace_process", process.COLUMNS),
        ("trace_disk", disk.COLUMNS),
        ("trace_network", network.COLUMNS),
        ("trace_gpu", gpu.COLUMNS),
        ("trace_events", EVENT_COLUMNS),
    ],
)
def test_a_lane_writes_every_column_of_its_table(table: str, written: tuple[str, ...]) -> None:
    declared = {column.name for column in TRACE_TABLES[table]}
    assert set(written) | {"session_id"} == declared
    assert len(written) == len(declared) - 1


def test_a_reading_stands_in_the_order_of_the_process_columns() -> None:
    start = process.COLUMNS.index("cpu_ns")
    assert process.COLUMNS[start : start + len(Reading._fields)] == Reading._fields


def test_anchors_have_the_fields_of_their_column() -> None:
    anchors = next(column for column in SESSIONS if column.name == "anchors")
    assert tuple(field.name for field in anchors.dtype.inner.fields) == ANCHOR_COLUMNS
