-- One row a model, kind of run (solo, alone) and set of other models that its server had in memory
-- meanwhile; also_held null: the server didn't say. n: responses. An empty set is what should be.
SELECT r.model, coalesce(m.position, 1000) AS position, r.arm, r.also_held, count(*) AS n
FROM responses r
LEFT JOIN models m ON m.model = r.model
WHERE r.arm IN ('solo', 'alone') AND r.request_ns IS NOT NULL AND r.engine = 'ollama'
GROUP BY ALL
ORDER BY position, r.model, r.arm, r.also_held
