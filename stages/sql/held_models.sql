-- One row a model of this run and server, by what the server said of its memory twice a second:
-- memory_gib: most that it took by the server's reckoning, GiB; vram_share: fraction of that on
-- accelerators; context_tokens: largest context that it was loaded with; smallest_context: smallest;
-- readings: in which it was held, of looks.
WITH looks AS (
    SELECT session_id, server, count(DISTINCT t_ns) AS n FROM trace_held GROUP BY ALL
), each AS (
    SELECT h.server, h.model, coalesce(m.position, 1000) AS position,
        max(h.size_bytes) / 1024.0 ** 3 AS memory_gib,
        max(h.vram_bytes::DOUBLE / nullif(h.size_bytes, 0)) AS vram_share,
        max(h.context_tokens) AS context_tokens, min(h.context_tokens) AS smallest_context,
        count(DISTINCT (h.session_id, h.t_ns)) AS readings, list(DISTINCT h.session_id) AS sessions
    FROM trace_held h LEFT JOIN models m ON m.model = h.model
    WHERE h.model IS NOT NULL
    GROUP BY ALL
)
SELECT model, position, server, memory_gib, vram_share, context_tokens, smallest_context, readings,
    (SELECT sum(n) FROM looks l WHERE l.server = each.server
        AND list_contains(each.sessions, l.session_id))::BIGINT AS looks
FROM each
ORDER BY position, model, server
