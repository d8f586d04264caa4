-- One row a source: what was seen of connections beyond this machine in the sessions that gave its
-- responses, those kept from earlier runs included; source is null for all of them, each once.
-- readings: looks at the sockets of engine and server (once a second); with_sockets: those that found any with a
-- peer beyond loopback; sent and received: bytes of the whole machine's other interfaces, so an
-- upper bound. Null where it can't be read.
WITH sources AS (
    SELECT DISTINCT session_id, source FROM responses
    WHERE arm <> 'imported' AND session_id IS NOT NULL
    UNION
    SELECT session_id, NULL FROM responses WHERE arm <> 'imported' AND session_id IS NOT NULL
), looks AS (
    SELECT session_id, sum(socket_looks) AS readings, sum(remote_looks) AS with_sockets,
        max(most_remote) AS most_sockets
    FROM processes WHERE role IN ('engine', 'server') AND socket_looks > 0 GROUP BY ALL
), bytes AS (
    SELECT session_id, sum(sent_bytes) AS sent, sum(received_bytes) AS received
    FROM interfaces WHERE NOT loopback GROUP BY ALL
)
SELECT s.source, coalesce(sum(k.readings), 0)::BIGINT AS readings,
    sum(k.with_sockets)::BIGINT AS with_sockets, max(k.most_sockets) AS most_sockets,
    sum(b.sent)::BIGINT AS sent_bytes, sum(b.received)::BIGINT AS received_bytes
FROM sources s
LEFT JOIN looks k ON k.session_id = s.session_id
LEFT JOIN bytes b ON b.session_id = s.session_id
GROUP BY s.source
ORDER BY s.source NULLS FIRST
