"""The trace in short, built once for the views: a row a process, interface, session or held model.

No view reads the raw trace (``trace_events`` apart, which is small): a page would wait for it.
"""

from __future__ import annotations

import duckdb
import polars as pl

from stages.columns import Column

_SESSION = Column("session_id", pl.String, "", "The measuring process's run.")

PROCESSES = (
    _SESSION,
    Column("model", pl.String, "", "Key of the model that it served; null for our own."),
    Column("role", pl.String, "", "engine, server, client or tracer."),
    Column("pid", pl.Int64, "", "Process id."),
    Column("created_ns", pl.Int64, "ns", "When it began, since boot."),
    Column("first_ns", pl.Int64, "ns", "Monotonic time of its first reading."),
    Column("last_ns", pl.Int64, "ns", "Monotonic time of its last reading."),
    Column("readings", pl.Int64, "readings", "How often it was read."),
    Column("cpu_s", pl.Float64, "s", "CPU time between its first and last reading."),
    Column("memory_peak_bytes", pl.Int64, "bytes", "Largest resident memory."),
    Column("memory_mean_bytes", pl.Int64, "bytes", "Mean resident memory over its readings."),
    Column("read_bytes", pl.Int64, "bytes", "Read from storage; null where not permitted."),
    Column("written_bytes", pl.Int64, "bytes", "Written to storage; null where not permitted."),
    Column("socket_looks", pl.Int64, "looks", "How often its sockets were looked at."),
    Column("remote_looks", pl.Int64, "looks", "Of them, those that found a peer beyond loopback."),
    Column("most_remote", pl.Int64, "sockets", "Most such sockets at once; null if never looked."),
)

INTERFACES = (
    _SESSION,
    Column("interface", pl.String, "", "Network interface."),
    Column("loopback", pl.Boolean, "", "Whether it never leaves this machine."),
    Column("sent_bytes", pl.Int64, "bytes", "Sent between its first and last reading."),
    Column("received_bytes", pl.Int64, "bytes", "Received between them."),
)

PACE = (
    _SESSION,
    Column("readings", pl.Int64, "readings", "Readings of the whole machine."),
    Column("interval_ms", pl.Float64, "ms", "Median time between two; null for a single one."),
    Column("p99_ms", pl.Float64, "ms", "99th percentile of it."),
)

HELD = (
    _SESSION,
    Column("server", pl.String, "", "Address of an Ollama server."),
    Column("model", pl.String, "", "Key of a model of this run that it held."),
    Column("readings", pl.Int64, "looks", "Looks in which it held it."),
    Column("looks", pl.Int64, "looks", "Looks at that server in the session."),
    Column("memory_bytes", pl.Int64, "bytes", "Most memory that it took, as the server says."),
    Column("vram_share", pl.Float64, "fraction", "Largest part of it on accelerators."),
    Column("context_tokens", pl.Int64, "tokens", "Largest context that it was loaded with."),
    Column("smallest_context", pl.Int64, "tokens", "Smallest context that it was loaded with."),
)

DERIVED = {"processes": PROCESSES, "interfaces": INTERFACES, "pace": PACE, "held": HELD}

_FILL = {
    "processes": """
SELECT session_id, model, role, pid, created_ns, min(t_ns) AS first_ns, max(t_ns) AS last_ns,
    count(*), (max(cpu_ns) - min(cpu_ns)) / 1e9, max(rss_bytes), round(avg(rss_bytes))::BIGINT,
    max(read_bytes) - min(read_bytes), max(written_bytes) - min(written_bytes),
    count(remote_sockets), count(*) FILTER (remote_sockets > 0), max(remote_sockets)
FROM trace_process GROUP BY session_id, model, role, pid, created_ns
ORDER BY session_id, first_ns, pid""",
    "interfaces": """
SELECT session_id, interface, any_value(loopback), max(sent_bytes) - min(sent_bytes),
    max(received_bytes) - min(received_bytes)
FROM trace_network GROUP BY session_id, interface ORDER BY session_id, interface""",
    "pace": """
WITH paced AS (
    SELECT session_id,
        (t_ns - lag(t_ns) OVER (PARTITION BY session_id ORDER BY t_ns)) / 1e6 AS interval_ms
    FROM trace_system
)
SELECT session_id, count(*), median(interval_ms), quantile_cont(interval_ms, 0.99)
FROM paced GROUP BY session_id ORDER BY session_id""",
    "held": """
WITH looks AS (
    SELECT session_id, server, count(DISTINCT t_ns) AS n FROM trace_held GROUP BY ALL
)
SELECT h.session_id, h.server, h.model, count(DISTINCT h.t_ns), any_value(l.n),
    max(h.size_bytes), max(h.vram_bytes::DOUBLE / nullif(h.size_bytes, 0)), max(h.context_tokens),
    min(h.context_tokens)
FROM trace_held h JOIN looks l ON l.session_id = h.session_id AND l.server = h.server
WHERE h.model IS NOT NULL
GROUP BY h.session_id, h.server, h.model ORDER BY h.session_id, h.server, h.model""",
}


def build_digest(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables of ``DERIVED`` from the trace."""
    for table, select in _FILL.items():
        con.execute(f"INSERT INTO {table} {select}")
