-- One row a kind of fault, refused for what wasn't asked: n responses failed by it, in tries tries in
-- all. The kinds are those of stages/engines/protocol.py.
SELECT coalesce(fault, CASE WHEN status = 'refused' THEN 'refused' ELSE 'unknown' END) AS fault,
    count(*) AS n, sum(tries)::BIGINT AS tries, count(DISTINCT model) AS models
FROM failures
GROUP BY 1
ORDER BY n DESC, 1
