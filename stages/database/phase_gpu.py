"""How busy the GPUs were in a phase, and the most of their memory that was in use.

Both are the devices', not the model's: whatever else used them is in it. Devices are read at times
of their own, so their memory is added up by quarter seconds. The temporary table ``gpu_use`` has a
row a twin and phase (see ``slices.py``) in which a GPU was read.
"""

from __future__ import annotations

import duckdb

from stages.database.slices import STEP_NS, sliced

TABLES = ("gpu_use",)

_USE = f"""
CREATE TEMP TABLE gpu_use AS
WITH steps AS (
    SELECT session_id, gpu, slice, t_ns // {STEP_NS} AS step,
        sum(utilisation_percent) AS percent, count(utilisation_percent) AS n,
        max(memory_used_bytes) AS memory
    FROM {sliced("trace_gpu")} GROUP BY ALL
), added_up AS (
    SELECT session_id, slice, step, sum(percent) AS percent, sum(n) AS n, sum(memory) AS memory
    FROM steps GROUP BY ALL
)
SELECT r.response_id, r.phase, sum(percent) / nullif(sum(n), 0) AS gpu_utilisation,
    max(memory) AS gpu_memory_peak_bytes
FROM running r
JOIN added_up a ON a.session_id = r.session_id AND a.slice = r.slice
GROUP BY r.response_id, r.phase
"""


def build_gpu_use(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``gpu_use`` from the trace and the temporary tables of ``slices.py``."""
    con.execute(_USE)
