from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stages.trace.lanes.lane import KeptFile, why

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pread")


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 100_000])
def test_a_kept_file_is_read_whole_and_anew(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * size)
    file = KeptFile(path)
    assert file.read() == b"a" * size
    path.write_bytes(b"b" * (size + 5))
    assert file.read() == b"b" * (size + 5)
    file.close()


def test_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OSError) as error:
        KeptFile(tmp_path / "none")
    assert why(error.value) == f"{tmp_path / 'none'}: No such file or directory"
    assert why(ProcessLookupError("it has ended")) == "it has ended"
    assert why(KeyError()) == "KeyError"
