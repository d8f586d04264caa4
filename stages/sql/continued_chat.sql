-- One row a model and pair of prompts: the same question asked in a fresh chat, and as the last turn
-- of a longer one. Solo responses that didn't fail; fresh_n and continued_n of each.
-- thinking_tokens (tokens), thinking_s and response_s (s): medians. Stances are counts of answers.
WITH questions AS (
    SELECT a.prompt_id AS fresh, b.prompt_id AS continued, b.turns AS continued_turns
    FROM prompts a
    JOIN prompts b ON len(a.turns) = 1 AND len(b.turns) > 1 AND b.turns[-1] = a.turns[1]
), asked AS (
    SELECT q.fresh, q.continued, 'fresh' AS chat, s.*
    FROM questions q JOIN scored s ON s.prompt_id = q.fresh
    UNION ALL
    SELECT q.fresh, q.continued, 'continued' AS chat, s.*
    FROM questions q JOIN scored s ON s.prompt_id = q.continued AND s.turn = len(q.continued_turns)
), held AS (
    SELECT fresh, continued, chat, model, position, stance, thinking_tokens, thinking_s,
        (end_ns - request_ns) / 1e9 AS response_s
    FROM asked WHERE arm = 'solo' AND NOT failed
), sides AS (
    SELECT fresh, continued, chat, model, position, count(*) AS n,
        median(thinking_tokens) AS thinking_tokens, median(thinking_s) AS thinking_s,
        median(response_s) AS response_s,
        count(*) FILTER (stance = 'separate') AS separate,
        count(*) FILTER (stance = 'implicit_separate') AS implicit_separate,
        count(*) FILTER (stance = 'mixed') AS mixed,
        count(*) FILTER (stance = 'connect') AS connect
    FROM held GROUP BY ALL
)
SELECT a.fresh, a.continued, a.model, a.position,
    a.n AS fresh_n, b.n AS continued_n,
    a.thinking_tokens AS fresh_thinking_tokens, b.thinking_tokens AS continued_thinking_tokens,
    a.thinking_s AS fresh_thinking_s, b.thinking_s AS continued_thinking_s,
    a.response_s AS fresh_response_s, b.response_s AS continued_response_s,
    a.separate AS fresh_separate, b.separate AS continued_separate,
    a.implicit_separate AS fresh_implicit_separate,
    b.implicit_separate AS continued_implicit_separate,
    a.mixed AS fresh_mixed, b.mixed AS continued_mixed,
    a.connect AS fresh_connect, b.connect AS continued_connect
FROM sides a
JOIN sides b USING (fresh, continued, model)
WHERE a.chat = 'fresh' AND b.chat = 'continued'
ORDER BY a.position, a.model, a.fresh, a.continued
