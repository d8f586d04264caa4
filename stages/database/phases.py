"""The ``phases`` table: what each part of a response took, in time, CPU, memory, bytes and energy.

Built once, set by set, so that no view and no page needs to read the raw trace. Counters are
cumulative: what a phase took is their difference between its two edges, each interpolated linearly
between the readings around it. A figure is null where the readings don't cover the phase.
"""

from __future__ import annotations

import duckdb

# Readings may begin or end this far inside a phase and still count as covering it.
_SLACK_NS = 250_000_000
_SLACK_SHARE = 0.1

# The model is named as its trace names it. Two rows of one response, as two tests that ask the same
# may share one, have the same spans: figures are taken for the first of them, ``twin``, and serve
# both. prefill runs from the request (or the end of loading, where the server reports it) to the
# first token; a thought that never ended lasts until the stream's end.
_SPANS = """
CREATE TEMP TABLE spans AS
WITH timed AS (
    SELECT *,
        least(request_ns + coalesce(load_ns, 0), coalesce(first_token_ns, end_ns)) AS loaded_ns
    FROM responses
    WHERE request_ns IS NOT NULL AND session_id IS NOT NULL
), parts AS (
    SELECT *, 'load' AS phase, request_ns AS a, loaded_ns AS b FROM timed WHERE load_ns > 0
    UNION ALL BY NAME
    SELECT *, 'prefill' AS phase, loaded_ns AS a, first_token_ns AS b FROM timed
    UNION ALL BY NAME
    SELECT *, 'thinking' AS phase, first_token_ns AS a, coalesce(first_answer_ns, end_ns) AS b
    FROM timed WHERE thinking IS NOT NULL
    UNION ALL BY NAME
    SELECT *, 'answer' AS phase,
        CASE WHEN thinking IS NULL THEN first_token_ns ELSE first_answer_ns END AS a, end_ns AS b
    FROM timed WHERE answer IS NOT NULL
)
SELECT response_id, phase, session_id, coalesce(traced_as, model) AS model, arm,
    a AS start_ns, b AS end_ns,
    min(response_id) OVER (
        PARTITION BY session_id, coalesce(traced_as, model), phase, a, b
    ) AS twin
FROM parts WHERE a <= b
"""

# Each phase with each process that served its model meanwhile. Phases of no length have no figures.
_SERVED = f"""
CREATE TEMP TABLE served AS
WITH lives AS (
    SELECT session_id, model, pid, created_ns, min(t_ns) AS seen_ns, max(t_ns) AS gone_ns
    FROM trace_process WHERE role = 'engine' GROUP BY ALL
), covers AS (
    SELECT session_id, model, min(seen_ns) AS from_ns, max(gone_ns) AS until_ns
    FROM lives GROUP BY ALL
)
SELECT s.response_id, s.phase, s.session_id, s.model, l.pid, l.created_ns, s.start_ns, s.end_ns
FROM spans s
JOIN covers c ON c.session_id = s.session_id AND c.model = s.model
JOIN lives l ON l.session_id = s.session_id AND l.model = s.model
    AND l.seen_ns < s.end_ns AND l.gone_ns > s.start_ns
WHERE s.response_id = s.twin AND s.end_ns > s.start_ns
    AND c.from_ns <= s.start_ns + least({_SLACK_NS}, {_SLACK_SHARE} * (s.end_ns - s.start_ns))
    AND c.until_ns >= s.end_ns - least({_SLACK_NS}, {_SLACK_SHARE} * (s.end_ns - s.start_ns))
"""


def _at_edge(column: str) -> str:
    """The counter at an edge: between the readings around it, or the only one that there is."""
    return f"""CASE
        WHEN b.{column} IS NULL THEN a.{column}
        WHEN a.{column} IS NULL OR a.t_ns = b.t_ns THEN b.{column}
        ELSE b.{column} + (a.{column} - b.{column})::DOUBLE * (e.t_ns - b.t_ns) / (a.t_ns - b.t_ns)
    END AS {column}"""


def _whole(column: str) -> str:
    """The sum over processes, or null if any of them has no value."""
    return f"CASE WHEN count(*) = count({column}) THEN sum({column}) END"


_KEYS = "session_id, model, pid, created_ns"
_ON = " AND ".join(f"{{0}}.{key} = {{1}}.{key}" for key in _KEYS.split(", "))

_PROCESS = f"""
CREATE TEMP TABLE process_use AS
WITH readings AS (
    SELECT {_KEYS}, t_ns, cpu_ns, rss_bytes, read_bytes, written_bytes
    FROM trace_process WHERE role = 'engine'
), edges AS (
    SELECT response_id, phase, {_KEYS}, start_ns AS t_ns, 'start' AS edge FROM served
    UNION ALL
    SELECT response_id, phase, {_KEYS}, end_ns AS t_ns, 'end' AS edge FROM served
), counted AS (
    SELECT e.response_id, e.phase, e.pid, e.created_ns, e.edge,
        greatest(b.rss_bytes, a.rss_bytes) AS rss_bytes,
        {_at_edge("cpu_ns")}, {_at_edge("read_bytes")}, {_at_edge("written_bytes")}
    FROM edges e
    ASOF LEFT JOIN readings b ON {_ON.format("e", "b")} AND e.t_ns >= b.t_ns
    ASOF LEFT JOIN readings a ON {_ON.format("e", "a")} AND e.t_ns <= a.t_ns
), inside AS (
    SELECT s.response_id, s.phase, s.pid, s.created_ns, r.rss_bytes
    FROM readings r
    ASOF JOIN served s ON {_ON.format("r", "s")} AND r.t_ns >= s.start_ns
    WHERE r.t_ns <= s.end_ns
), peaks AS (
    SELECT response_id, phase, pid, created_ns, max(rss_bytes) AS rss_bytes
    FROM (SELECT * FROM inside UNION ALL BY NAME
          SELECT response_id, phase, pid, created_ns, rss_bytes FROM counted)
    GROUP BY ALL
), each_process AS (
    SELECT response_id, phase, pid, created_ns,
        max(cpu_ns) FILTER (edge = 'end') - max(cpu_ns) FILTER (edge = 'start') AS cpu_ns,
        max(read_bytes) FILTER (edge = 'end') - max(read_bytes) FILTER (edge = 'start')
            AS read_bytes,
        max(written_bytes) FILTER (edge = 'end') - max(written_bytes) FILTER (edge = 'start')
            AS written_bytes
    FROM counted GROUP BY ALL
)
SELECT response_id, phase,
    {_whole("cpu_ns")} / 1e9 AS cpu_s,
    {_whole("rss_bytes")} AS memory_peak_bytes,
    {_whole("read_bytes")} AS read_bytes,
    {_whole("written_bytes")} AS written_bytes
FROM each_process JOIN peaks USING (response_id, phase, pid, created_ns)
GROUP BY response_id, phase
"""

# A device's counter can't be divided among models that use it at the same moment: side by side,
# utilisation is the device's and there is no energy.
_GPU = f"""
CREATE TEMP TABLE gpu_use AS
WITH timed AS (
    SELECT s.*, g.gpu, g.until_ns, g.from_ns
    FROM spans s JOIN (
        SELECT session_id, gpu, min(t_ns) AS from_ns, max(t_ns) AS until_ns
        FROM trace_gpu GROUP BY ALL
    ) g ON g.session_id = s.session_id
    WHERE s.response_id = s.twin AND s.end_ns > s.start_ns
), edges AS (
    SELECT response_id, phase, session_id, gpu, start_ns AS t_ns, 'start' AS edge FROM timed
    UNION ALL
    SELECT response_id, phase, session_id, gpu, end_ns AS t_ns, 'end' AS edge FROM timed
), counted AS (
    SELECT e.response_id, e.phase, e.gpu, e.edge,
        b.t_ns IS NOT NULL AND a.t_ns IS NOT NULL AS between_readings, {_at_edge("energy_mj")}
    FROM edges e
    ASOF LEFT JOIN trace_gpu b
        ON e.session_id = b.session_id AND e.gpu = b.gpu AND e.t_ns >= b.t_ns
    ASOF LEFT JOIN trace_gpu a
        ON e.session_id = a.session_id AND e.gpu = a.gpu AND e.t_ns <= a.t_ns
), energy AS (
    SELECT response_id, phase, gpu, bool_and(between_readings) AS covered,
        max(energy_mj) FILTER (edge = 'end') - max(energy_mj) FILTER (edge = 'start') AS energy_mj
    FROM counted GROUP BY ALL
), of_model AS (
    SELECT g.session_id, m.model, g.t_ns, g.utilisation_percent
    FROM trace_gpu g JOIN (SELECT DISTINCT session_id, model FROM spans) m
        ON m.session_id = g.session_id
), busy AS (
    SELECT s.response_id, s.phase, avg(g.utilisation_percent) AS gpu_utilisation
    FROM of_model g
    ASOF JOIN (FROM spans WHERE response_id = twin AND end_ns > start_ns) s
        ON g.session_id = s.session_id AND g.model = s.model AND g.t_ns >= s.start_ns
    WHERE g.t_ns <= s.end_ns
    GROUP BY ALL
)
SELECT response_id, phase, any_value(gpu_utilisation) AS gpu_utilisation,
    bool_and(covered) AS covered, {_whole("energy_mj")} / 1e3 AS energy_j
FROM energy LEFT JOIN busy USING (response_id, phase)
GROUP BY response_id, phase
"""

_PHASES = """
INSERT INTO phases
WITH traced AS (
    SELECT session_id, count(*) AS n FROM trace_system GROUP BY ALL
), missing AS (
    SELECT session_id, any_value(detail) AS detail
    FROM trace_events WHERE kind = 'lane_missing' AND lane = 'gpu' GROUP BY ALL
)
SELECT s.response_id, s.phase, s.session_id, s.start_ns, s.end_ns,
    (s.end_ns - s.start_ns) / 1e9 AS seconds,
    p.cpu_s,
    p.cpu_s / ((s.end_ns - s.start_ns) / 1e9) AS cores_used,
    p.memory_peak_bytes::BIGINT,
    round(p.read_bytes)::BIGINT,
    round(p.written_bytes)::BIGINT,
    g.gpu_utilisation,
    CASE WHEN s.arm <> 'together' AND g.covered THEN g.energy_j END AS energy_j,
    CASE
        WHEN t.n IS NULL THEN 'no trace of this session is here'
        WHEN g.response_id IS NULL AND s.end_ns = s.start_ns THEN 'the phase has no length'
        WHEN g.response_id IS NULL
            THEN coalesce(e.gpu_reason, m.detail, 'no accelerator was traced')
        WHEN s.arm = 'together'
            THEN 'several models ran at the same moment: the counter can''t be divided'
        WHEN NOT g.covered THEN 'the readings don''t cover this phase'
        WHEN g.energy_j IS NULL THEN 'the accelerator has no energy counter'
    END AS energy_reason
FROM spans s
LEFT JOIN process_use p ON p.response_id = s.twin AND p.phase = s.phase
LEFT JOIN gpu_use g ON g.response_id = s.twin AND g.phase = s.phase
LEFT JOIN environment e ON e.session_id = s.session_id
LEFT JOIN missing m ON m.session_id = s.session_id
LEFT JOIN traced t ON t.session_id = s.session_id
ORDER BY s.session_id, s.start_ns, s.end_ns
"""


def build_phases(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``phases`` from ``responses`` and the trace."""
    for statement in (_SPANS, _SERVED, _PROCESS, _GPU, _PHASES):
        con.execute(statement)
    for name in ("spans", "served", "process_use", "gpu_use"):
        con.execute(f"DROP TABLE temp.{name}")
