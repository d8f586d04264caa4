-- One row a test, model and measure: how much slower beside the other models than alone.
-- ratio: median of together ÷ alone (×) over n pairs; low and high are what interval says.
SELECT test, model, position, measure, count(*) AS n, median(ratio) AS ratio,
    median_low(ratio) AS low, median_high(ratio) AS high, interval_kind(count(*)) AS interval,
    median(alone_s) AS alone_s, median(together_s) AS together_s
FROM sidebyside_pairs
GROUP BY test, model, position, measure
ORDER BY test, position, measure
