-- One row a counter that couldn't be read: lane, what of it (null: all; processes by model, not by
-- number), the reason with its remedy, and in how many of the run's sessions.
WITH owners AS (
    SELECT DISTINCT session_id, pid::VARCHAR AS pid, coalesce(model, role) AS owner
    FROM processes
)
SELECT e.lane, coalesce(o.owner, e.subject) AS subject, e.detail,
    count(DISTINCT e.session_id) AS sessions,
    (SELECT count(DISTINCT session_id) FROM sessions) AS all_sessions
FROM trace_events e
LEFT JOIN owners o ON o.session_id = e.session_id AND o.pid = e.subject
WHERE e.kind = 'lane_missing'
GROUP BY ALL
ORDER BY e.lane, subject NULLS FIRST, e.detail
