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
    Column(
        "memory_bytes",
        pl.Int64,
        "bytes",
        "Resident memory of the model's processes; null if not of all.",
    ),
    Column("running", pl.Boolean, "", "Whether one of its responses was under way."),
)

DERIVED = {"timeline": TIMELINE, "timeline_models": TIMELINE_MODELS}

_LAST = f"GROUP BY session_id, t_ns // {_STEP_NS}"
_EARLIER = "OVER (PARTITION BY session_id ORDER BY t_ns)"
_OF_DEVICE = "OVER (PARTITION BY session_id, device ORDER BY t_ns)"

_TIMELINE = f"""
INSERT INTO timeline
WITH system_steps AS (
    SELECT session_id, max(t_ns) AS t_ns, t_ns // {_STEP_NS} AS step,
        arg_max(cpu_user_ns + cpu_system_ns + coalesce(cpu_steal_ns, 0), t_ns) AS busy_ns,
        arg_max(cpu_idle_ns + coalesce(cpu_iowait_ns, 0), t_ns) AS idle_ns,
        arg_max(memory_total_bytes - memory_available_bytes, t_ns) AS used,
        arg_max(memory_total_bytes, t_ns) AS total
    FROM trace_system {_LAST}
), disk_devices AS (
    SELECT session_id, device, t_ns // {_STEP_NS} AS step, max(t_ns) AS t_ns,
        arg_max(read_bytes, t_ns) AS read_bytes, arg_max(written_bytes, t_ns) AS written_bytes
    FROM trace_disk GROUP BY session_id, device, t_ns // {_STEP_NS}
), disk_gains AS (
    -- each device by itself: one that comes or goes is no traffic
    SELECT session_id, step, read_bytes - lag(read_bytes) {_OF_DEVICE} AS read_bytes,
        written_bytes - lag(written_bytes) {_OF_DEVICE} AS written_bytes,
        (t_ns - lag(t_ns) {_OF_DEVICE}) / 1e9 AS seconds
    FROM disk_devices
), disk_rates AS (
    SELECT session_id, step, sum(read_bytes / seconds) AS read_bps,
        sum(written_bytes / seconds) AS written_bps
    FROM disk_gains GROUP BY ALL
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
), models_steps AS (
    SELECT session_id, model, max(t_ns) AS t_ns, sum(cores) AS cores,
        CASE WHEN count(*) = count(rss_bytes) THEN sum(rss_bytes)::BIGINT END AS rss_bytes
    FROM rates GROUP BY session_id, model, step
), under_way AS (
    SELECT session_id, coalesce(traced_as, model) AS model, request_ns, max(end_ns) AS until_ns
    FROM responses WHERE request_ns IS NOT NULL GROUP BY ALL
)
SELECT s.*, coalesce(u.until_ns >= s.t_ns, false)
FROM models_steps s
ASOF LEFT JOIN under_way u
    ON u.session_id = s.session_id AND u.model = s.model AND s.t_ns >= u.request_ns
ORDER BY s.session_id, s.model, s.t_ns
""".format("OVER (PARTITION BY session_id, model, pid, created_ns ORDER BY t_ns)")


def build_timeline(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``timeline`` and ``timeline_models`` from the trace and ``responses``."""
    con.execute(_TIMELINE)
    con.execute(_TIMELINE_MODELS)
