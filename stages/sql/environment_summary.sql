-- One row a machine and engine as the run found it, with the sessions and responses that it gave.
-- memory_gib in GiB; the first and last request in UTC; reused: responses kept from earlier runs;
-- models: keys of those that answered there. Null where unknown, gpu_reason saying why. A session
-- that gave no response is left out where another did.
WITH answered AS (
    SELECT e.session_id FROM environment e JOIN responses r ON r.session_id = e.session_id
)
SELECT
    e.cpu, e.cores_logical, e.cores_usable, e.memory_bytes / 1024.0 ** 3 AS memory_gib,
    e.gpus, e.gpu_reason, e.system, e.container, e.python, s.machine_id,
    r.engine, r.engine_version,
    count(DISTINCT e.session_id) AS sessions, count(r.response_id) AS responses,
    list_sort(list(DISTINCT r.model) FILTER (r.model IS NOT NULL)) AS models,
    min(r.started_at) AS first_request, max(r.started_at) AS last_request,
    count(*) FILTER (r.reused) AS reused
FROM environment e
LEFT JOIN sessions s ON s.session_id = e.session_id
LEFT JOIN responses r ON r.session_id = e.session_id AND r.arm NOT IN ('fresh', 'warm')
WHERE e.session_id IN (FROM answered) OR NOT EXISTS (FROM answered)
GROUP BY ALL
ORDER BY last_request DESC NULLS LAST, r.engine, r.engine_version
