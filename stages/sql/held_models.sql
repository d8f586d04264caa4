-- One row a model of this run and server, by what the server said of its memory twice a second:
-- memory_gib: most that it took by the server's reckoning, GiB; vram_share: fraction of that on
-- accelerators; context_tokens: largest context that it was loaded with; smallest_context: smallest;
-- readings: in which it was held, of looks.
SELECT h.model, coalesce(m.position, 1000) AS position, h.server,
    max(h.memory_bytes) / 1024.0 ** 3 AS memory_gib, max(h.vram_share) AS vram_share,
    max(h.context_tokens) AS context_tokens, min(h.smallest_context) AS smallest_context,
    sum(h.readings)::BIGINT AS readings, sum(h.looks)::BIGINT AS looks
FROM held h LEFT JOIN models m ON m.model = h.model
GROUP BY h.model, m.position, h.server
ORDER BY position, h.model, h.server
