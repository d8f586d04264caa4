-- One row a response and measure: the values that model_summary takes medians of.
-- unit names each value's unit; a response without a value has no row. Failed ones are left out.
WITH spent AS (
    SELECT response_id, max(memory_peak_bytes) AS memory_peak_bytes,
        CASE WHEN count(*) = count(cpu_s) THEN sum(cpu_s) END AS cpu_s,
        CASE WHEN count(*) = count(energy_j) THEN sum(energy_j) END AS energy_j
    FROM phases WHERE seconds > 0 GROUP BY ALL
), wide AS (
    SELECT s.response_id, s.source, s.model, s.position, s.demo, s.arm, s.prompt_id,
        s.thinking_tokens::DOUBLE AS thinking_tokens,
        s.answer_tokens::DOUBLE AS answer_tokens,
        s.thinking_s::DOUBLE AS thinking_s,
        s.thinking_share::DOUBLE AS thinking_share,
        s.overthinking_ratio::DOUBLE AS overthinking_ratio,
        s.hesitations_per_1k::DOUBLE AS hesitations_per_1k,
        s.relative_length::DOUBLE AS relative_length,
        s.first_solution_share::DOUBLE AS first_solution_share,
        (s.first_token_ns - s.request_ns) / 1e9 AS first_token_s,
        (s.end_ns - s.request_ns) / 1e9 AS response_s,
        -- the engine's own decoding time, or else from the first token on
        CASE WHEN s.decode_ns > 0 THEN s.output_tokens / (s.decode_ns / 1e9)
            WHEN s.end_ns > s.first_token_ns AND s.output_tokens > 1
            THEN (s.output_tokens - 1) / ((s.end_ns - s.first_token_ns) / 1e9)
        END AS tokens_per_s,
        p.memory_peak_bytes / 1024.0 ** 3 AS memory_peak_gib,
        p.cpu_s,
        p.energy_j
    FROM scored s
    LEFT JOIN spent p ON p.response_id = s.response_id
    WHERE NOT s.failed
), long AS (
    UNPIVOT wide ON thinking_tokens, answer_tokens, thinking_s, thinking_share, overthinking_ratio,
        hesitations_per_1k, relative_length, first_solution_share, first_token_s, response_s,
        tokens_per_s, memory_peak_gib, cpu_s, energy_j
    INTO NAME measure VALUE value
)
SELECT *, CASE measure
    WHEN 'thinking_tokens' THEN 'tokens' WHEN 'answer_tokens' THEN 'tokens'
    WHEN 'thinking_s' THEN 's' WHEN 'first_token_s' THEN 's' WHEN 'response_s' THEN 's'
    WHEN 'cpu_s' THEN 'CPU s' WHEN 'energy_j' THEN 'J' WHEN 'memory_peak_gib' THEN 'GiB'
    WHEN 'tokens_per_s' THEN 'tokens/s' WHEN 'hesitations_per_1k' THEN 'per 1,000 tokens'
    WHEN 'thinking_share' THEN 'fraction' WHEN 'first_solution_share' THEN 'fraction'
    ELSE '×' END AS unit
FROM long
