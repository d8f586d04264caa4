-- One row a model and kind of repeat, and one an engine (model null): of n times that the same
-- question was asked again with the same seed and options, in k every token was the same.
-- fresh runner: the model loaded anew, against its first load; warm cache: asked once more right after,
-- against the answer before it. Texts of at most 128 tokens, compared piece by piece as they came.
-- rate, low, high: fractions, Wilson's 95 % interval.
WITH pieces AS (
    SELECT response_id, list(characters ORDER BY index) AS lengths FROM chunks GROUP BY response_id
), texts AS (
    SELECT r.model, coalesce(m.position, 1000) AS position, r.engine, r.engine_version, r.arm,
        r.prompt_id, r.epoch, r.thinking, r.answer, p.lengths
    FROM responses r
    LEFT JOIN models m ON m.model = r.model
    LEFT JOIN pieces p ON p.response_id = r.response_id
    WHERE r.arm IN ('fresh', 'warm') AND r.status IN ('ok', 'truncated')
), pairs AS (
    SELECT 'fresh runner' AS kind, a AS one, b AS other
    FROM texts a JOIN texts b USING (model, engine, engine_version, prompt_id)
    WHERE a.arm = 'fresh' AND b.arm = 'fresh' AND a.epoch = 1 AND b.epoch > 1
    UNION ALL
    SELECT 'warm cache', a, b
    FROM texts a JOIN texts b USING (model, engine, engine_version, prompt_id, epoch)
    WHERE a.arm = 'fresh' AND b.arm = 'warm'
), compared AS (
    SELECT kind, one.model AS model, one.position AS position, one.engine AS engine,
        one.engine_version AS engine_version,
        one.thinking IS NOT DISTINCT FROM other.thinking
        AND one.answer IS NOT DISTINCT FROM other.answer
        AND one.lengths IS NOT DISTINCT FROM other.lengths AS same
    FROM pairs
)
SELECT model, min(position) AS position, engine, engine_version, kind,
    count(*) FILTER (same) AS k, count(*) AS n, count(*) FILTER (same) / count(*) AS rate,
    wilson_low(count(*) FILTER (same), count(*)) AS low,
    wilson_high(count(*) FILTER (same), count(*)) AS high
FROM compared
GROUP BY GROUPING SETS ((model, engine, engine_version, kind), (engine, engine_version, kind))
ORDER BY model IS NULL, position, engine, engine_version, kind
