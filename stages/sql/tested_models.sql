-- One row a model as it was tested, imports included: what answered, and how often.
-- id: first 12 digits of the weights' sha256 (null for an import); size_mib in MiB; counts.
-- engine_version: every version that answered; reused: kept from earlier runs.
SELECT
    s.model, s.position, s.demo,
    any_value(s.thinking_mode) AS thinking_mode,
    any_value(s.engine) AS engine, string_agg(DISTINCT s.engine_version, ', ' ORDER BY s.engine_version) AS engine_version,
    left(split_part(any_value(coalesce(s.weights_digest, m.weights_digest)), ':', 2), 12) AS id,
    any_value(m.size_bytes) / 1024.0 ** 2 AS size_mib,
    count(DISTINCT s.prompt_id) AS prompts,
    count(*) AS responses,
    count(*) FILTER (s.status = 'ok') AS ok,
    count(*) FILTER (s.status = 'truncated') AS truncated,
    count(*) FILTER (s.failed) AS failed,
    count(*) FILTER (s.reused) AS reused
FROM scored s
LEFT JOIN models m ON m.model = s.model
GROUP BY s.model, s.position, s.demo
ORDER BY s.position, s.model
