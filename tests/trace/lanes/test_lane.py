from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stages.trace.lanes.lane import KeptFile, rows_of, why

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pread")


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 4095, 4096, 4097, 20_480, 100_000])
def test_a_kept_file_is_read_whole_and_anew(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * size)
    file = KeptFile(path)
    assert file.read() == b"a" * size
    path.write_bytes(b"b" * (size + 5))
    assert file.read() == b"b" * (size + 5)
    file.close()


def test_a_file_that_the_kernel_hands_out_in_parts_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    text = b"".join(b"%07d\n" % number for number in range(1280))
    path.write_bytes(text)
    file = KeptFile(path)
    pread = os.pread
    # As /proc does: never more than a page at a time, and that up to the last whole record.
    monkeypatch.setattr(os, "pread", lambda fd, size, at: pread(fd, min(size, 4088), at))
    assert file.read() == text
    file.close()


def test_rows_are_there_or_made() -> None:
    assert rows_of([(1,)]) == rows_of(lambda: [(1,)]) == [(1,)]


def test_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OSError) as error:
        KeptFile(tmp_path / "none")
    assert why(error.value) == f"{tmp_path / 'none'}: No such file or directory"
    assert why(ProcessLookupError("it has ended")) == "it has ended"
    assert why(KeyError()) == "KeyError"
