"""Distributions over the time in which responses were under way, built once from the timeline.

``observations`` is of the whole machine, ``model_gauges`` of each model's own processes. A value is
that of a quarter second (``timeline.py``); memory that a model's processes hold on GPUs is read
once a second, also between responses.
"""

from __future__ import annotations

import duckdb
import polars as pl

from stages.columns import Column

_FIGURES = (
    Column("gauge", pl.String, "", "What was read."),
    Column("unit", pl.String, "", "Unit of the figures."),
    Column(
        "n", pl.Int64, "readings", "How many quarter seconds (GPU memory: seconds) had a value."
    ),
    Column("mean", pl.Float64, "", "Mean, in unit."),
    Column("p05", pl.Float64, "", "5th percentile, in unit."),
    Column("median", pl.Float64, "", "Median, in unit."),
    Column("p95", pl.Float64, "", "95th percentile, in unit."),
    Column("largest", pl.Float64, "", "Largest, in unit."),
)

OBSERVATIONS = (
    Column("source", pl.String, "", "Source of the responses under way; null: the whole run."),
    *_FIGURES,
)

MODEL_GAUGES = (Column("model", pl.String, "", "Key of the model."), *_FIGURES)

DERIVED = {"observations": OBSERVATIONS, "model_gauges": MODEL_GAUGES}

_OF_VALUES = """count(*) AS n, avg(value) AS mean, quantile_cont(value, 0.05) AS p05,
    median(value) AS median, quantile_cont(value, 0.95) AS p95, max(value) AS largest"""

_OBSERVATIONS = f"""
INSERT INTO observations
WITH gauges AS (
    UNPIVOT (
        SELECT running AS source,
            cpu_percent AS cpu,
            100.0 * memory_used_bytes / memory_total_bytes AS memory,
            (disk_read_bps + disk_written_bps) / 1e6 AS disk,
            gpu_percent AS gpu,
            100.0 * gpu_memory_used_bytes / gpu_memory_total_bytes AS gpu_memory
        FROM timeline WHERE running IS NOT NULL
    ) ON cpu, memory, disk, gpu, gpu_memory INTO NAME gauge VALUE value
)
SELECT source, gauge, CASE gauge WHEN 'disk' THEN 'MB/s' ELSE '%' END, {_OF_VALUES}
FROM gauges
GROUP BY GROUPING SETS ((source, gauge), (gauge))
ORDER BY source NULLS FIRST, list_position(['cpu', 'memory', 'gpu', 'gpu_memory', 'disk'], gauge)
"""

# A model may have had another key in the trace of an earlier session.
_MODEL_GAUGES = f"""
INSERT INTO model_gauges
WITH keys AS (
    SELECT DISTINCT session_id, coalesce(traced_as, model) AS traced_as, model FROM responses
), gauges AS (
    UNPIVOT (
        SELECT k.model, t.cores_used AS cores, t.memory_bytes / 1024.0 ** 3 AS memory
        FROM timeline_models t
        JOIN keys k ON k.session_id = t.session_id AND k.traced_as = t.model
        WHERE t.running
    ) ON cores, memory INTO NAME gauge VALUE value
), on_each_gpu AS (
    -- A second may have two readings of a process: they are once a second, and at the end.
    SELECT k.model, g.session_id, g.t_ns // 1_000_000_000 AS second,
        CASE WHEN count(*) = count(g.memory_bytes) THEN max(g.memory_bytes) END AS memory_bytes
    FROM trace_gpu_process g
    JOIN keys k ON k.session_id = g.session_id AND k.traced_as = g.model
    GROUP BY k.model, g.session_id, second, g.gpu, g.pid
), on_gpus AS (
    SELECT model, sum(memory_bytes) / 1024.0 ** 3 AS value
    FROM on_each_gpu
    GROUP BY model, session_id, second
    HAVING count(*) = count(memory_bytes)
)
SELECT model, gauge, CASE gauge WHEN 'cores' THEN 'cores' ELSE 'GiB' END, {_OF_VALUES}
FROM (FROM gauges UNION ALL SELECT model, 'GPU memory', value FROM on_gpus)
GROUP BY model, gauge ORDER BY model, gauge
"""


def build_observations(con: duckdb.DuckDBPyConnection) -> None:
    """Fill both tables from ``timeline`` and ``timeline_models``."""
    con.execute(_OBSERVATIONS)
    con.execute(_MODEL_GAUGES)
