-- One row: the whole run in counts. seconds: length of all measured responses, s. reused: responses
-- kept from earlier runs, asked from first_reused to last_reused; times in UTC.
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
    min(started_at) FILTER (reused) AS first_reused,
    max(started_at) FILTER (reused) AS last_reused,
    count(*) FILTER (prompt_shortened) AS shortened,
    sum((end_ns - request_ns) / 1e9) AS seconds,
    min(started_at) AS first_request,
    max(started_at) AS last_request
FROM scored
