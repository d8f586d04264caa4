-- One row a model and kind of repeat: of n prompts that were asked again, in k every text was the
-- same to the last character. "same seed": the same prompt and seed in several arms (alone,
-- together, solo); "other seeds": the same prompt and arm in several epochs.
-- rate, low, high: fractions, Wilson's 95 % interval.
WITH texts AS (
    SELECT *, hash(coalesce(thinking, ''), coalesce(answer, '')) AS words
    FROM scored WHERE NOT failed AND arm <> 'imported'
), repeats AS (
    SELECT model, position, 'same seed' AS kind, count(DISTINCT words) = 1 AS same
    FROM texts GROUP BY model, position, prompt_id, turn, seed
    -- two tests may share one kept response, which is no repeat
    HAVING count(DISTINCT (session_id, request_ns)) > 1
    UNION ALL
    SELECT model, position, 'other seeds' AS kind, count(DISTINCT words) = 1 AS same
    FROM texts GROUP BY model, position, prompt_id, turn, source, arm
    HAVING count(DISTINCT seed) > 1
)
SELECT model, position, kind, count(*) FILTER (same) AS k, count(*) AS n,
    count(*) FILTER (same) / count(*) AS rate,
    wilson_low(count(*) FILTER (same), count(*)) AS low,
    wilson_high(count(*) FILTER (same), count(*)) AS high
FROM repeats
GROUP BY model, position, kind
ORDER BY position, kind DESC
