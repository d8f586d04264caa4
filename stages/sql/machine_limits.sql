-- One row a thing that was watched for holding the machine back: in happened of sessions it did.
-- watched, subject and detail as in the table limits; value: the largest over the sessions, in unit;
-- null where there is no limit. Temperatures are no limits, but stand here with what they explain.
SELECT watched, subject, detail, unit, count(*) AS sessions, count(*) FILTER (happened) AS happened,
    max(value) AS value
FROM limits
GROUP BY watched, subject, detail, unit
ORDER BY list_position(
    ['gpu', 'heat', 'cpu_limit', 'memory_limit', 'out_of_memory', 'waiting', 'swap', 'steal'], watched
), subject, detail
