from __future__ import annotations

import errno
import gzip
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.trace import keeper as module
from stages.trace.keeper import Keeper, compress, remove_segments, segments

HEADER, LINE = b"columns\n", b"0123456789\n"


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.002)


@contextmanager
def keeping(scratch: Path, segment_bytes: int = 1000) -> Iterator[Keeper]:
    keeper = Keeper(scratch, lambda: HEADER, segment_bytes)
    keeper.start()
    try:
        yield keeper
    finally:
        keeper.close()


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def contents(scratch: Path) -> dict[str, bytes]:
    return {path.name: content(path) for path in segments(scratch)}


def test_what_comes_is_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SYNC_S", 100.0)  # it must not wait for that
    path = tmp_path / "trace.000001.log"
    with keeping(tmp_path) as keeper:
        assert path.read_bytes() == HEADER
        keeper.put(LINE)
        wait_for(lambda: path.read_bytes() == HEADER + LINE)
        keeper.put(LINE)
    assert path.read_bytes() == HEADER + LINE + LINE


def test_what_was_written_is_soon_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(module, "SYNC_S", 0.05)
    monkeypatch.setattr(module, "_sync", lambda fd: synced.append(os.fstat(fd).st_size))
    with keeping(tmp_path) as keeper:
        keeper.put(LINE)
        wait_for(lambda: synced)  # although nothing more comes
        time.sleep(0.2)
        assert synced == [len(HEADER + LINE)]  # and not again


def test_all_is_on_the_disk_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(module, "SYNC_S", 100.0)
    monkeypatch.setattr(module, "_sync", lambda fd: synced.append(os.fstat(fd).st_size))
    with keeping(tmp_path) as keeper:
        keeper.put(LINE)
    assert synced == [len(HEADER + LINE)]


def test_a_disk_that_takes_a_little_at_a_time_gets_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:3]))
    with keeping(tmp_path) as keeper:
        keeper.put(LINE)
    assert contents(tmp_path) == {"trace.000001.log": HEADER + LINE}


def test_what_the_disk_refuses_is_remembered_and_raised_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def full(fd: int, data: bytes) -> int:
        if data == LINE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    keeper = Keeper(tmp_path, lambda: HEADER)
    keeper.start()
    assert keeper.fault is None
    monkeypatch.setattr(os, "write", full)
    keeper.put(LINE)
    wait_for(lambda: keeper.fault)
    keeper.put(LINE)  # whoever hasn't looked yet
    with pytest.raises(OSError, match="No space left"):
        keeper.close()


def test_a_folder_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Keeper(tmp_path / "none", lambda: HEADER)


def test_a_full_file_is_compressed_and_the_next_begins_with_its_own_header(tmp_path: Path) -> None:
    with keeping(tmp_path, segment_bytes=len(HEADER + LINE)) as keeper:
        for number in (1, 2):
            keeper.put(LINE)
            wait_for((tmp_path / f"trace.{number:06}.log.gz").exists)
        keeper.put(b"rest\n")
        wait_for(lambda: content(segments(tmp_path)[-1]).endswith(b"rest\n"))
    assert {path.name for path in tmp_path.iterdir()} == set(contents(tmp_path))
    assert contents(tmp_path) == {
        "trace.000001.log.gz": HEADER + LINE,
        "trace.000002.log.gz": HEADER + LINE,
        "trace.000003.log": HEADER + b"rest\n",
    }


def test_nothing_is_added_to_a_file_that_another_left(tmp_path: Path) -> None:
    torn = tmp_path / "trace.000007.log"
    torn.write_bytes(b"columns\n012")
    with keeping(tmp_path) as keeper:
        keeper.put(LINE)
    assert contents(tmp_path) == {
        "trace.000007.log": b"columns\n012",
        "trace.000008.log": HEADER + LINE,
    }


def test_a_compressed_file_counts_as_left_by_another_too(tmp_path: Path) -> None:
    (tmp_path / "trace.000009.log.gz").write_bytes(gzip.compress(HEADER))
    with keeping(tmp_path):
        pass
    assert [path.name for path in segments(tmp_path)][-1] == "trace.000010.log"


class Killed(BaseException):
    """The process ends here, and nothing is cleaned up behind it."""


@pytest.mark.parametrize("step", ["replace", "unlink"])
def test_a_kill_while_compressing_leaves_each_line_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def kill(*_: object) -> None:
        raise Killed

    path = tmp_path / "trace.000001.log"
    path.write_bytes(HEADER + LINE)
    monkeypatch.setattr(Path, step, kill)
    with pytest.raises(Killed):
        compress(path)
    monkeypatch.undo()
    assert len(list(tmp_path.iterdir())) == 2
    assert list(contents(tmp_path).values()) == [HEADER + LINE]


OTHERS = ["parent.log", "engine.log", "session.json", "xtrace.000001.log"]


def test_segments_are_those_files_alone_in_order(tmp_path: Path) -> None:
    for name in [
        *OTHERS,
        "trace.1.log",
        "trace.000003.part",
        "trace.000010.log",
        "trace.000002.log.gz",
    ]:
        (tmp_path / name).touch()
    assert [path.name for path in segments(tmp_path)] == ["trace.000002.log.gz", "trace.000010.log"]


def test_segments_are_removed_and_nothing_else(tmp_path: Path) -> None:
    of_a_trace = [
        "trace.000001.log.gz",
        "trace.000001.log",
        "trace.000002.log",
        "trace.000002.part",
    ]
    for name in [*OTHERS, *of_a_trace]:
        (tmp_path / name).touch()
    remove_segments(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(OTHERS)
