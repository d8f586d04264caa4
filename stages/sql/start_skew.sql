-- One row a test: how close together the requests of one round started. A round is of one session:
-- the clocks of two say nothing about each other.
-- rounds: rounds in which at least two models were asked; skews in ms, median and largest.
WITH rounds AS (
    SELECT test, prompt_id, epoch, turn, session_id, count(*) AS models,
        (max(request_ns) - min(request_ns)) / 1e6 AS skew_ms,
        -- every model had begun before the first one ended: they truly ran at once
        max(request_ns) < min(end_ns) AS overlapped
    FROM responses WHERE arm = 'together' AND request_ns IS NOT NULL GROUP BY ALL
)
SELECT test, count(*) AS rounds, max(models) AS models, median(skew_ms) AS skew_ms_median,
    max(skew_ms) AS skew_ms_max, count(*) FILTER (overlapped) AS overlapped
FROM rounds WHERE models > 1
GROUP BY test
ORDER BY test
