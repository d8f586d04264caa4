-- One row a response as the report shows it: prompt, thinking, answer and what was scored.
-- thinking_s, first_token_s and response_s in s; tokens as counted by tokens_method.
-- started_at: when it was asked, in UTC. evidence: the sentences that decided the stance, in order; null where there are none.
SELECT
    s.source, s.test, s.arm, s.prompt_set, s.prompt_id, s.prompt_turns[s.turn] AS prompt, s.turn,
    s.epoch, s.position, s.model, s.demo, s.response_id, s.status, s.reason, s.fault, s.tries,
    s.prompt_tokens, s.prompt_shortened, s.thinking_mode,
    s.thought_end, s.thinking, s.answer, s.thinking_tokens, s.answer_tokens, s.tokens_method,
    s.thinking_s, (s.first_token_ns - s.request_ns) / 1e9 AS first_token_s,
    (s.end_ns - s.request_ns) / 1e9 AS response_s, s.overthinking_ratio, s.topics, s.truth,
    s.reconstructed, s.stance, s.forced_connection, s.correct, s.loop, s.truncated, s.reused,
    s.started_at,
    n.texts AS evidence
FROM scored s
LEFT JOIN (
    SELECT response_id, list(text ORDER BY start) AS texts
    FROM notes WHERE heuristic = 'stance' AND kind = 'evidence' GROUP BY ALL
) n ON n.response_id = s.response_id
ORDER BY s.prompt_set, s.prompt_id, s.turn, s.test, s.arm, s.epoch, s.position
