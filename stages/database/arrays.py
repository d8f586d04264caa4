"""A query's columns as NumPy arrays, for what SQL can't do."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np


def arrays(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | dict[str, Any]
) -> dict[str, Any]:
    """The columns by name, each of numbers; in a column of floats what is null is NaN."""
    columns = con.execute(sql, parameters).fetchnumpy()
    return {
        name: values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values
        for name, values in columns.items()
    }
