-- One row a source: what was seen of connections beyond this machine while it ran.
-- readings: looks at the engine's sockets (once a second); with_sockets: those that found any with a
-- peer beyond loopback; sent and received: bytes of the whole machine's other interfaces, so an
-- upper bound. Null where it can't be read.
WITH sources AS (
    SELECT DISTINCT session_id, source FROM responses WHERE arm <> 'imported' AND NOT reused
), sockets AS (
    SELECT s.source, count(*) AS readings, count(*) FILTER (p.remote_sockets > 0) AS with_sockets,
        max(p.remote_sockets) AS most_sockets
    FROM trace_process p JOIN sources s ON s.session_id = p.session_id
    WHERE p.role = 'engine' AND p.remote_sockets IS NOT NULL GROUP BY ALL
), interfaces AS (
    SELECT s.source, s.session_id, n.interface,
        max(n.sent_bytes) - min(n.sent_bytes) AS sent,
        max(n.received_bytes) - min(n.received_bytes) AS received
    FROM trace_network n JOIN sources s ON s.session_id = n.session_id
    WHERE NOT n.loopback GROUP BY ALL
), bytes AS (
    SELECT source, sum(sent)::BIGINT AS sent_bytes, sum(received)::BIGINT AS received_bytes
    FROM interfaces GROUP BY ALL
)
SELECT s.source, coalesce(k.readings, 0) AS readings, k.with_sockets, k.most_sockets,
    b.sent_bytes, b.received_bytes
FROM (SELECT DISTINCT source FROM sources) s
LEFT JOIN sockets k ON k.source = s.source
LEFT JOIN bytes b ON b.source = s.source
ORDER BY s.source
