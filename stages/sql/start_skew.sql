-- One row a test: how close together the requests of a round started, and whether its models were
-- in memory at once. A round is of one session: the clocks of two say nothing about each other.
-- skews in ms, median and largest; together, took_turns, untold: rounds by that; wrote_at_once: rounds
-- in which every model had begun to write before the first was done.
SELECT test, count(*) AS rounds, max(models) AS models, median(skew_ms) AS skew_ms_median,
    max(skew_ms) AS skew_ms_max,
    count(*) FILTER (together) AS together,
    count(*) FILTER (NOT together) AS took_turns,
    count(*) FILTER (together IS NULL) AS untold,
    count(*) FILTER (overlapped) AS wrote_at_once
FROM rounds
GROUP BY test
ORDER BY test
