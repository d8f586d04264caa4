-- One row a session: how well the tracer kept its pace, and what it took itself.
-- hz: readings a second by the median interval; late_ms: p99 of the intervals over that median, ms;
-- late, missed: readings over half a period late, and not made; null if it died before counting;
-- core_percent: its CPU time in % of one core; memory_mib: MiB; overhead is part of every figure.
-- source: the sources with responses of the session; null where it gave none.
WITH own AS (
    SELECT session_id, sum(cpu_s) AS cpu_s, (max(last_ns) - min(first_ns)) / 1e9 AS seconds,
        max(memory_peak_bytes) AS memory_peak_bytes
    FROM processes WHERE role = 'tracer' GROUP BY ALL
), missed AS (
    SELECT session_id, sum(value) FILTER (kind = 'missed') AS missed,
        sum(value) FILTER (kind = 'late') AS late
    FROM trace_events GROUP BY ALL
), sources AS (
    SELECT session_id, string_agg(DISTINCT source, ', ' ORDER BY source) AS source
    FROM responses WHERE session_id IS NOT NULL GROUP BY ALL
)
SELECT p.session_id, s.source, p.readings, 1000 / p.interval_ms AS hz,
    p.p99_ms - p.interval_ms AS late_ms, m.missed,
    m.late, 100 * o.cpu_s / nullif(o.seconds, 0) AS core_percent,
    o.memory_peak_bytes / 1024.0 ** 2 AS memory_mib
FROM pace p
LEFT JOIN own o ON o.session_id = p.session_id
LEFT JOIN missed m ON m.session_id = p.session_id
LEFT JOIN sources s ON s.session_id = p.session_id
ORDER BY s.source, p.session_id
