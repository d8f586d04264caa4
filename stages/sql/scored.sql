-- One row a response, with its model, its prompt and its scores: what the other views start from.
-- Responses that only look whether a text repeats (arms fresh and warm) are left out: see determinism.
-- label is what it is called on a page: the model's key, with its thinking mode where prompted.
-- forced_connection is known where the topics are unrelated, missed_connection where related.
-- What is known of a prompt (topics, truth, reference) is about its last turn, and stands there.
-- failed: error, timeout or refused; a truncated response came, and isn't counted as failed.
SELECT
    r.response_id, r.source, r.model, r.prompt_id, r.epoch, r.arm, r.test, r.turn, r.seed, r.status,
    r.reason, r.fault, r.tries, r.thinking, r.answer, r.thinking_mode, r.thought_end,
    r.prompt_tokens, r.prompt_shortened, r.output_tokens, r.tokens_method, r.tokens_unattributed,
    r.session_id, r.request_ns, r.first_token_ns,
    r.first_answer_ns, r.end_ns, r.started_at, r.load_ns, r.prefill_ns, r.decode_ns, r.engine,
    r.engine_version, r.weights_digest, r.reused, r.traced_as,
    r.status IN ('error', 'timeout', 'refused') AS failed,
    coalesce(m.demo, false) AS demo,
    coalesce(m.position, 1000) AS position,
    m.parameters,
    p.set AS prompt_set, p.turns AS prompt_turns, f.topics, f.truth, f.reference, f.reconstructed,
    coalesce(s.thinking_tokens, r.thinking_tokens) AS thinking_tokens,
    coalesce(s.answer_tokens, r.answer_tokens) AS answer_tokens,
    coalesce(s.thinking_s, r.thinking_s) AS thinking_s,
    s.thinking_share, s.overthinking_ratio, s.relative_length, s.first_solution_share,
    s.hesitations_per_1k, s.thought_switches, s.loop, s.truncated, s.topic_similarity,
    s.topics_related, s.stance, s.thinking_stance, s.connections, s.reversal, s.abstains,
    s.correct, s.overthinks, s.overthinks_because,
    CASE WHEN f.truth = 'unrelated' THEN s.forced_connection END AS forced_connection,
    CASE WHEN f.truth = 'related'
        THEN coalesce(s.missed_connection, s.stance IN ('separate', 'implicit_separate'))
    END AS missed_connection
FROM responses r
LEFT JOIN scores s ON s.response_id = r.response_id
LEFT JOIN models m ON m.model = r.model
LEFT JOIN prompts p ON p.prompt_id = r.prompt_id
LEFT JOIN prompts f ON f.prompt_id = r.prompt_id AND len(f.turns) = r.turn
WHERE r.arm NOT IN ('fresh', 'warm')
