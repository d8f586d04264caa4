-- One row a machine and engine as the run found it, with the sessions that saw it so.
-- memory_gib in GiB; the first and last request in UTC. Null where unknown, gpu_reason saying why.
SELECT
    e.cpu, e.cores_logical, e.cores_usable, e.memory_bytes / 1024.0 ** 3 AS memory_gib,
    e.gpus, e.gpu_reason, e.system, e.container, e.python,
    r.engine, r.engine_version,
    count(DISTINCT e.session_id) AS sessions,
    min(r.started_at) AS first_request, max(r.started_at) AS last_request,
    count(*) FILTER (r.reused) AS reused
FROM environment e
LEFT JOIN responses r ON r.session_id = e.session_id
GROUP BY ALL
ORDER BY sessions DESC, r.engine
