-- One row a model, kind of run and number of threads that it was given (null: the engine chose).
SELECT r.model, coalesce(m.position, 1000) AS position,
    CASE WHEN r.arm = 'solo' THEN 'alone' ELSE 'in a side-by-side test' END AS run,
    TRY_CAST(nullif(regexp_extract(r.options, '"num_thread": ([0-9]+)', 1), '') AS BIGINT)
        AS threads
FROM responses r
LEFT JOIN models m ON m.model = r.model
WHERE r.arm IN ('solo', 'alone', 'together') AND r.options IS NOT NULL
GROUP BY ALL
ORDER BY position, r.model, run, threads
