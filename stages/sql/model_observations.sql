-- One row a model and gauge of its processes, over the n quarter seconds in which one of its responses
-- was under way: cores (cores' worth of CPU time) and memory (resident, GiB); and over the n seconds in
-- which its processes were read on GPUs: GPU memory (held by them, GiB).
-- mean, p05, median, p95 and largest in unit.
SELECT g.model, coalesce(m.position, 1000) AS position, g.gauge, g.unit, g.n, g.mean, g.p05,
    g.median, g.p95, g.largest
FROM model_gauges g LEFT JOIN models m ON m.model = g.model
ORDER BY position, g.model, g.gauge
