-- One row a source and gauge of the whole machine, other programs included, over the n quarter seconds
-- in which one of its responses was under way; source is null for the whole run.
-- mean, p05, median, p95 and largest in unit.
SELECT source, gauge, unit, n, mean, p05, median, p95, largest
FROM observations
ORDER BY source NULLS FIRST, list_position(['cpu', 'memory', 'gpu', 'gpu_memory', 'disk'], gauge)
