from __future__ import annotations

import pytest

from stages.sizing.remark import Size, available, needed, remark, size_in


def test_a_remark_is_read_as_it_was_written() -> None:
    size = Size(disk_bytes=4_700_000_000, memory_bytes=5_400_000_000)
    assert remark(size) == "4.7 GB on disk, 5.4 GB in memory"
    assert size_in(f"  key:   # {remark(size)}; thinks") == size


@pytest.mark.parametrize(
    "line", ["key:", "key: # 4.7 GB", "4.7 GB on disk, 5.4 GB in memory", "# x GB on disk, 1 GB"]
)
def test_other_lines_have_none(line: str) -> None:
    assert size_in(line) is None


def test_needs_are_rounded_up_and_what_there_is_down() -> None:
    assert needed(5_310_000_000) == "5.4 GB"
    assert available(5_390_000_000) == "5.3 GB"
    assert needed(5_300_000_000) == available(5_300_000_000) == "5.3 GB"
