from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.sealed import line, payload_of
from stages.trace.log import Format, Row


def network() -> Format:
    """Lines of a table ``net`` of two columns."""
    lines = Format()
    lines.declare("net", ("t_ns", "interface"))
    return lines


def test_a_line_is_checksum_and_values() -> None:
    assert line("123456789") == b"cbf43926,123456789\n"  # CRC-32's published check value
    assert payload_of(b"cbf43926,123456789\n") == b"123456789"


@given(text=st.text(), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(text: str, at: int, bit: int) -> None:
    whole = line(text)
    flipped = bytearray(whole)
    flipped[at % len(whole)] ^= 1 << bit
    assert payload_of(bytes(flipped)) is None


def test_rows_of_a_table_are_one_line_of_json() -> None:
    rows: list[Row] = [(1, None), (-2, "lo")]
    assert network().lines("net", rows) == line('{"net":[[1,null],[-2,"lo"]]}')
    assert network().lines("net", []) == b""


def test_the_header_names_the_columns_of_every_table() -> None:
    lines = network()
    lines.declare("disk", ("t_ns",))
    assert lines.header() == line('{"columns":{"net":["t_ns","interface"],"disk":["t_ns"]}}')


@given(st.text(st.characters(codec=None)))
def test_no_text_can_break_a_line(text: str) -> None:
    whole = network().lines("net", [(1, text)])
    assert whole.count(b"\n") == 1
    assert json.loads(payload_of(whole) or b"") == {"net": [[1, text]]}


def test_text_from_outside_stays_in_its_line() -> None:
    whole = network().lines("net", [(1, 'a "b",\r\nc\0\x1b[2J\u2028\x85d')])
    assert not {character for character in whole[:-1] if not 32 <= character < 127}


@pytest.mark.parametrize("row", [(), (1,), (1, "lo", 2)])
def test_a_row_of_the_wrong_width_is_refused(row: Row) -> None:
    with pytest.raises(ValueError, match=f"{len(row)} values for 2 columns of net"):
        network().checked("net", [(1, "lo"), row])


def test_the_sampler_loads_none_of_the_heavy_libraries() -> None:
    program = "import sys, stages.trace.sampler; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = {"polars", "duckdb", "pydantic", "numpy"}
    if sys.platform == "linux":
        heavy.add("psutil")
    assert not heavy & set(done.stdout.split())
