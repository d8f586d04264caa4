"""One Parquet table, there whole or not at all (apart from ``files``: Polars takes its time)."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from stages.files import replacing

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO)


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write one Parquet table (zstd). Raises ``OSError`` where the disk refuses."""
    with replacing(path) as part, disk_faults(path):
        frame.write_parquet(part, compression="zstd", statistics=True)


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Raise what Polars says of the disk as the ``OSError`` that it is."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        for code in _OF_THE_DISK:
            if os.strerror(code) in str(error):
                raise OSError(code, os.strerror(code), str(path)) from error
        raise
