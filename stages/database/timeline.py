"""The trace at a pace that a page can show: one row each quarter second, built once.

System-wide counters tick in hundredths of a second, so a share of the CPU over one reading of 50 ms
would jump between a few steps; over a quarter of a second it is good to about four points.
"""

from __future__ import annotations

import duckdb
import polars as pl

from stages.columns import Column

_STEP_NS = 250_000_000

TIMELINE = (
    Column("session_id", pl.String, "", "The measuring process's run."),
    Column("t_ns", pl.Int64, "ns", "Monotonic time of the step's last reading."),
    Column("seconds", pl.Float64, "s", "Time since the last reading of the step before."),
    Column(
        "running",
        pl.String,
        "",
        "Source of the response under way, the first by name of two that share it; null between "
        "responses.",
    ),
    Column("cpu_percent", pl.Float64, "%", "Busy share of all cores, other programs included."),
    Column("memory_used_bytes", pl.Int64, "bytes", "Memory in use, other programs included."),
    Column("memory_total_bytes", pl.Int64, "bytes", "Physical memory."),
    Column("disk_read_bps", pl.Float64, "bytes/s", "Read from all disks; null without any."),
    Column("disk_written_bps", pl.Float64, "bytes/s", "Written to all disks; null without any."),
    Column("gpu_percent", pl.Float64, "%", "Mean utilisation of the devices; null without any."),
    Column("gpu_memory_used_bytes", pl.Int64, "bytes", "Memory of all devices in use."),
    Column("gpu_memory_total_bytes", pl.Int64, "bytes", "Memory of all devices."),
)

TIMELINE_MODELS = (
    Column("session_id", pl.String, "", "The measuring process's run."),
    Column("model", pl.String, "", "Key of the model in this session (responses.traced_as)."),
    Column("t_ns", pl.Int64, "ns", "Monotonic time of the step's last reading."),
    Column("cores_used", pl.Float64, "cores", "CPU time of the model's processes a second."),
    Column("memory_bytes", pl.Int64, "bytes", "Resident memory of the model's processes."),
)

DERIVED = {"timeline": TIMELINE, "timeline_models": TIMELINE_MODELS}

_LAST = f"GROUP BY session_id, t_ns // {_STEP_NS}"
_EARLIER = "OVER (PARTITION BY session_id ORDER BY t_ns)"

_TIMELINE = f"""
INSERT INTO timeline
WITH system_steps AS (
    SELECT session_id, max(t_ns) AS t_ns, t_ns // {_STEP_NS} AS step,
        arg_max(cpu_user_ns + cpu_system_ns + coalesce(cpu_steal_ns, 0), t_ns) AS busy_ns,
        arg_max(cpu_idle_ns + coalesce(cpu_iowait_ns, 0), t_ns) AS idle_ns,
        arg_max(memory_total_bytes - memory_available_bytes, t_ns) AS used,
        arg_max(memory_total_bytes, t_ns) AS total
    FROM trace_system {_LAST}
), disk_readings AS (
    SELECT session_id, t_ns, sum(read_bytes) AS read_bytes, sum(written_bytes) AS written_bytes
    FROM trace_disk GROUP BY ALL
), disk_steps AS (
    SELECT session_id, t_ns // {_STEP_NS} AS step, max(t_ns) AS t_ns,
        arg_max(read_bytes, t_ns) AS read_bytes, arg_max(written_bytes, t_ns) AS written_bytes
    FROM disk_readings {_LAST}
), disk_rates AS (
    SELECT session_id, step,
        (read_bytes - lag(read_bytes) {_EARLIER}) * 1e9 / (t_ns - lag(t_ns) {_EARLIER}) AS read_bps,
        (written_bytes - lag(written_bytes) {_EARLIER}) * 1e9 / (t_ns - lag(t_ns) {_EARLIER})
            AS written_bps
    FROM disk_steps
), gpu_devices AS (
    SELECT session_id, gpu, t_ns // {_STEP_NS} AS step, avg(utilisation_percent) AS percent,
        max(memory_used_bytes) AS used, max(memory_total_bytes) AS total
    FROM trace_gpu GROUP BY ALL
), gpu_steps AS (
    SELECT session_id, step, avg(percent) AS percent, sum(used) AS used, sum(total) AS total
    FROM gpu_devices GROUP BY ALL
), under_way AS (
    SELECT session_id, request_ns, min(source) AS source,
        max(max(end_ns)) OVER (PARTITION BY session_id ORDER BY request_ns) AS until_ns
    FROM responses WHERE request_ns IS NOT NULL GROUP BY session_id, request_ns
), rates AS (
    SELECT *, busy_ns - lag(busy_ns) {_EARLIER} AS busy, idle_ns - lag(idle_ns) {_EARLIER} AS idle,
        (t_ns - lag(t_ns) {_EARLIER}) / 1e9 AS seconds
    FROM system_steps
)
SELECT r.session_id, r.t_ns, r.seconds,
    CASE WHEN u.until_ns >= r.t_ns THEN u.source END AS running,
    CASE WHEN r.busy + r.idle > 0 THEN 100.0 * r.busy / (r.busy + r.idle) END AS cpu_percent,
    r.used, r.total, d.read_bps, d.written_bps, g.percent, g.used, g.total
FROM rates r
ASOF LEFT JOIN under_way u ON u.session_id = r.session_id AND r.t_ns >= u.request_ns
LEFT JOIN disk_rates d ON d.session_id = r.session_id AND d.step = r.step
LEFT JOIN gpu_steps g ON g.session_id = r.session_id AND g.step = r.step
ORDER BY r.session_id, r.t_ns
"""

_TIMELINE_MODELS = f"""
INSERT INTO timeline_models
WITH steps AS (
    SELECT session_id, model, pid, created_ns, t_ns // {_STEP_NS} AS step, max(t_ns) AS t_ns,
        arg_max(cpu_ns, t_ns) AS cpu_ns, arg_max(rss_bytes, t_ns) AS rss_bytes
    FROM trace_process WHERE role = 'engine' AND model IS NOT NULL GROUP BY ALL
), rates AS (
    SELECT *, (cpu_ns - lag(cpu_ns) {{0}}) / (t_ns - lag(t_ns) {{0}}) AS cores FROM steps
)
SELECT session_id, model, max(t_ns), sum(cores), sum(rss_bytes)::BIGINT
FROM rates GROUP BY session_id, model, step
ORDER BY session_id, model, step
""".format("OVER (PARTITION BY session_id, model, pid, created_ns ORDER BY t_ns)")


def build_timeline(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``timeline`` and ``timeline_models`` from the trace and ``responses``."""
    con.execute(_TIMELINE)
    con.execute(_TIMELINE_MODELS)
