-- One row a response whose prompt the server silently shortened, by its own count of it.
-- prompt_tokens: that count; num_ctx: the context window, in tokens; null where not sent.
SELECT r.source, r.model, coalesce(m.position, 1000) AS position, r.prompt_id, r.epoch, r.arm,
    r.turn, r.prompt_tokens,
    TRY_CAST(nullif(regexp_extract(r.options, '"num_ctx": ([0-9]+)', 1), '') AS BIGINT) AS num_ctx
FROM responses r
LEFT JOIN models m ON m.model = r.model
WHERE r.prompt_shortened AND r.arm NOT IN ('fresh', 'warm')
ORDER BY position, r.model, r.prompt_id, r.turn, r.epoch, r.arm
