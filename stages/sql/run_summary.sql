-- One row: the whole run in counts. seconds: length of all measured responses, s.
SELECT
    (SELECT count(*) FROM models) AS models,
    (SELECT count(*) FROM models WHERE demo) AS demo_models,
    (SELECT count(*) FROM models WHERE thinking_mode = 'prompted') AS prompted_models,
    (SELECT count(DISTINCT test) FROM responses) AS tests,
    count(DISTINCT source) FILTER (arm = 'imported') AS imports,
    count(DISTINCT prompt_id) AS prompts,
    count(*) AS responses,
    count(*) FILTER (failed) AS failed,
    count(*) FILTER (status = 'truncated') AS truncated,
    count(*) FILTER (reused) AS reused,
    sum((end_ns - request_ns) / 1e9) AS seconds,
    min(started_at) AS first_request,
    max(started_at) AS last_request
FROM scored
