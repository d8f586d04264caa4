-- One row a response: the engine's own durations beside ours. All in s; null where not said.
-- load_s, prefill_s, decode_s: by the engine; response_s: request to end, by our clock; stream_s: first
-- text to end; unaccounted_s: response_s less the engine's three, so what the connection, the queue
-- and the reading took; first_token_gap_s: our first text less the engine's load and prefill.
SELECT response_id, source, model, position, arm, engine, engine_version, prompt_id, epoch, turn,
    load_ns / 1e9 AS load_s, prefill_ns / 1e9 AS prefill_s, decode_ns / 1e9 AS decode_s,
    (end_ns - request_ns) / 1e9 AS response_s,
    (end_ns - first_token_ns) / 1e9 AS stream_s,
    (end_ns - request_ns - coalesce(load_ns, 0) - prefill_ns - decode_ns) / 1e9 AS unaccounted_s,
    (first_token_ns - request_ns - coalesce(load_ns, 0) - prefill_ns) / 1e9 AS first_token_gap_s
FROM scored
WHERE NOT failed AND request_ns IS NOT NULL AND prefill_ns IS NOT NULL AND decode_ns IS NOT NULL
