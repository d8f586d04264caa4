-- One row a way of counting tokens (engine, tokenizer, estimated; null: unknown), over the n
-- responses that said anything. tokens: of their thinking and answers; unattributed: what the
-- engine's own count has beyond them, in the n_whole responses that have both counts; below 0 where
-- it counts fewer.
SELECT tokens_method AS method, count(*) AS n,
    sum(coalesce(thinking_tokens, 0) + coalesce(answer_tokens, 0))::BIGINT AS tokens,
    count(tokens_unattributed) AS n_whole, sum(tokens_unattributed)::BIGINT AS unattributed
FROM responses
WHERE (thinking IS NOT NULL OR answer IS NOT NULL) AND arm NOT IN ('fresh', 'warm')
GROUP BY tokens_method
ORDER BY n DESC, method
