"""What the machine did over time, in the same steps."""

from __future__ import annotations

import numpy as np
import polars as pl

from stages.trace.energy import Curve
from stages.tracing.courses import Floats, Times
from stages.tracing.tables import Tables


def cores(tables: Tables, at_ns: Times) -> Floats | None:
    """Cores busy in each step, whoever used them."""
    busy = pl.sum_horizontal("cpu_user_ns", "cpu_system_ns", "cpu_steal_ns").alias("busy")
    rows = tables.during("trace_system", having="cpu_idle_ns").select("t_ns", busy).collect()
    if rows.height < 2:
        return None
    total = np.interp(at_ns, rows["t_ns"].to_numpy(), rows["busy"].to_numpy())
    rate: Floats = np.maximum(np.diff(total), 0) / np.diff(at_ns)
    return rate


def bytes_s(tables: Tables, table: str, subject: str, counter: str, at_ns: Times) -> Floats | None:
    """Growth a second of a counter of bytes in each step, of all subjects together."""
    total = np.zeros(len(at_ns))
    rows = tables.during(table).filter(pl.col(counter).is_not_null()).collect()
    for _, one in rows.group_by(subject):
        total += np.interp(at_ns, one["t_ns"].to_numpy(), one[counter].to_numpy())
    # A counter that goes back was begun anew.
    return np.maximum(np.diff(total), 0) / np.diff(at_ns) * 1e9 if rows.height > 1 else None


def watts(curve: Curve, at_ns: Times) -> Floats:
    """Mean power in each step; NaN where the readings don't cover it."""
    return curve.between(at_ns[:-1], at_ns[1:]).joules / np.diff(at_ns) * 1e9
