from __future__ import annotations

import pytest

from stages.trace.lanes.figure import figure


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"0\n", 0),
        (b" 12 ", 12),
        (b"9223372036854775807", 2**63 - 1),
        (b"9223372036854775808", None),
        (b"9" * 5000, None),
        (b"", None),
        (b"-1", None),
        (b"max", None),
        (b"1 2", None),
        (b"1.5", None),
        ("٣".encode(), None),
        (b"\xff\x00", None),
    ],
)
def test_whole_numbers_that_a_column_holds(text: bytes, value: int | None) -> None:
    assert figure(text) == value
