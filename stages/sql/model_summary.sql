-- One row a model and measure, over its solo and imported responses that didn't fail.
-- unit names the unit; low and high are what interval says: the 95 % interval of the median by
-- order statistics, or the smallest and largest where n < 6. Responses count as independent.
SELECT model, position, demo, measure, unit, count(*) AS n, median(value) AS median,
    median_low(value) AS low, median_high(value) AS high, interval_kind(count(*)) AS interval
FROM response_measures
WHERE arm IN ('solo', 'imported')
GROUP BY model, position, demo, measure, unit
ORDER BY position, model, measure
