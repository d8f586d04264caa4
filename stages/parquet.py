"""One Parquet table, there whole or not at all (apart from ``files``: Polars takes its time)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from stages.files import replacing


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write one Parquet table (zstd)."""
    with replacing(path) as part:
        frame.write_parquet(part, compression="zstd", statistics=True)
