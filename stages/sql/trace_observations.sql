-- One row a source and gauge of the whole machine, other programs included, over the n quarter seconds
-- in which one of its responses was under way; source is null for the whole run.
-- mean, p05, median, p95 and largest in unit.
WITH gauges AS (
    UNPIVOT (
        SELECT running AS source,
            cpu_percent AS cpu,
            100.0 * memory_used_bytes / memory_total_bytes AS memory,
            (disk_read_bps + disk_written_bps) / 1e6 AS disk,
            gpu_percent AS gpu,
            100.0 * gpu_memory_used_bytes / gpu_memory_total_bytes AS gpu_memory
        FROM timeline WHERE running IS NOT NULL
    ) ON cpu, memory, disk, gpu, gpu_memory INTO NAME gauge VALUE value
)
SELECT source, gauge, CASE gauge WHEN 'disk' THEN 'MB/s' ELSE '%' END AS unit, count(*) AS n,
    avg(value) AS mean, quantile_cont(value, 0.05) AS p05, median(value) AS median,
    quantile_cont(value, 0.95) AS p95, max(value) AS largest
FROM gauges
GROUP BY GROUPING SETS ((source, gauge), (gauge))
ORDER BY source NULLS FIRST, list_position(['cpu', 'memory', 'gpu', 'gpu_memory', 'disk'], gauge)
