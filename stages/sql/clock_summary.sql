-- One row a model and engine version, over its solo responses: medians of what clocks has, in s, and
-- of the share that the engine doesn't account for (fraction of response_s), with its range over n.
SELECT model, position, engine, engine_version, count(*) AS n,
    median(load_s) AS load_s, median(prefill_s) AS prefill_s, median(decode_s) AS decode_s,
    median(response_s) AS response_s, median(unaccounted_s) AS unaccounted_s,
    median(unaccounted_s / nullif(response_s, 0)) AS share,
    min(unaccounted_s / nullif(response_s, 0)) AS share_min,
    max(unaccounted_s / nullif(response_s, 0)) AS share_max
FROM clocks
WHERE arm = 'solo'
GROUP BY model, position, engine, engine_version
ORDER BY position, model, engine_version
