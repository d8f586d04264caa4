from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.sealed import line, payload_of
from stages.trace.log import Log


def test_a_line_is_checksum_and_values() -> None:
    assert line("123456789") == b"cbf43926,123456789\n"  # CRC-32's published check value
    assert payload_of(b"cbf43926,123456789\n") == b"123456789"


@given(text=st.text(), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(text: str, at: int, bit: int) -> None:
    whole = line(text)
    flipped = bytearray(whole)
    flipped[at % len(whole)] ^= 1 << bit
    assert payload_of(bytes(flipped)) is None


def test_values_as_text(tmp_path: Path) -> None:
    log = Log(tmp_path / "a.log", ("t_ns", "b", "c", "d"))
    log.append([(1, None, True, "x"), (-2, 0.5, False, 'a "b",\r\nc\u2028d')])
    log.append([])
    log.close()
    lines = (tmp_path / "a.log").read_bytes().split(b"\n")
    assert [text[9:].decode() for text in lines] == [
        "#t_ns,b,c,d",
        '1,,true,"x"',
        '-2,0.5,false,"a ""b"", c d"',
        "",
    ]


def test_a_log_goes_on_where_it_was(tmp_path: Path) -> None:
    for value in (1, 2):
        log = Log(tmp_path / "a.log", ("v",))
        log.append([(value,)])
        log.close()
    assert (tmp_path / "a.log").read_bytes() == line("#v") + line("1") + line("2")


def test_a_row_of_the_wrong_width_is_refused(tmp_path: Path) -> None:
    log = Log(tmp_path / "a.log", ("a", "b"))
    with pytest.raises(ValueError, match="1 values for 2 columns"):
        log.append([(1,)])
    log.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_raises() -> None:
    with pytest.raises(OSError, match="No space left"):
        Log(Path("/dev/full"), ("a",))


def test_the_sampler_loads_none_of_the_heavy_libraries() -> None:
    program = "import sys, stages.trace.sampler; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = {"polars", "duckdb", "pydantic", "numpy"}
    if sys.platform == "linux":
        heavy.add("psutil")
    assert not heavy & set(done.stdout.split())
