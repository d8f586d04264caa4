-- One row a response and measure: the values that model_summary takes medians of.
-- unit names each value's unit; a response without a value has no row. Failed ones are left out.
-- energy_j: of the whole response, in which energy_idle_j is what the devices draw idle; energy_error_j:
-- half the interval that the counters leave; energy_j_per_token: energy_j ÷ the tokens that came;
-- thinking_energy_j and energy_j_per_thinking_token: of the thinking. energy_estimate_j is no
-- measurement but an estimate from the TDP that the user gave.
WITH spent AS (
    SELECT p.response_id, max(p.memory_peak_bytes) AS memory_peak_bytes,
        sum(p.memory_mean_bytes * p.seconds) / sum(p.seconds) FILTER (p.memory_mean_bytes IS NOT NULL)
            AS memory_mean_bytes,
        sum(p.gpu_utilisation * p.seconds) / sum(p.seconds) FILTER (p.gpu_utilisation IS NOT NULL)
            AS gpu_percent,
        CASE WHEN count(*) = count(p.cpu_s) THEN sum(p.cpu_s) END AS cpu_s,
        CASE WHEN count(*) = count(p.read_bytes) THEN sum(p.read_bytes) END AS read_bytes,
        CASE WHEN count(*) = count(p.major_faults) THEN sum(p.major_faults) END AS major_faults,
        CASE WHEN count(*) = count(e.energy_j) THEN sum(e.energy_j) END AS energy_j,
        CASE WHEN count(*) = count(e.energy_j) THEN sum(e.high_j - e.low_j) / 2 END AS energy_error_j,
        CASE WHEN count(*) = count(e.idle_j) THEN sum(e.idle_j) END AS energy_idle_j,
        sum(e.energy_j) FILTER (p.phase = 'thinking') AS thinking_energy_j,
        CASE WHEN count(*) = count(p.energy_estimate_j) THEN sum(p.energy_estimate_j) END
            AS energy_estimate_j
    FROM phases p
    LEFT JOIN energy_phases e ON e.response_id = p.response_id AND e.phase = p.phase
    WHERE p.seconds > 0 GROUP BY ALL
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
        p.memory_mean_bytes / 1024.0 ** 3 AS memory_mean_gib,
        p.read_bytes / 1024.0 ** 2 AS read_mib,
        p.major_faults::DOUBLE AS major_faults,
        p.gpu_percent,
        p.cpu_s,
        p.energy_j,
        p.energy_error_j,
        p.energy_idle_j,
        p.energy_j / nullif(coalesce(s.output_tokens, s.thinking_tokens + s.answer_tokens), 0)
            AS energy_j_per_token,
        p.thinking_energy_j,
        p.thinking_energy_j / nullif(s.thinking_tokens, 0) AS energy_j_per_thinking_token,
        p.energy_estimate_j
    FROM scored s
    LEFT JOIN spent p ON p.response_id = s.response_id
    WHERE NOT s.failed
), long AS (
    UNPIVOT wide ON thinking_tokens, answer_tokens, thinking_s, thinking_share, overthinking_ratio,
        hesitations_per_1k, relative_length, first_solution_share, first_token_s, response_s,
        tokens_per_s, memory_peak_gib, memory_mean_gib, read_mib, major_faults, gpu_percent, cpu_s,
        energy_j, energy_error_j, energy_idle_j, energy_j_per_token, thinking_energy_j,
        energy_j_per_thinking_token, energy_estimate_j
    INTO NAME measure VALUE value
)
SELECT *, CASE measure
    WHEN 'thinking_tokens' THEN 'tokens' WHEN 'answer_tokens' THEN 'tokens'
    WHEN 'thinking_s' THEN 's' WHEN 'first_token_s' THEN 's' WHEN 'response_s' THEN 's'
    WHEN 'cpu_s' THEN 'CPU s' WHEN 'memory_peak_gib' THEN 'GiB' WHEN 'memory_mean_gib' THEN 'GiB'
    WHEN 'read_mib' THEN 'MiB' WHEN 'major_faults' THEN 'faults' WHEN 'gpu_percent' THEN '%'
    WHEN 'energy_j' THEN 'J' WHEN 'energy_error_j' THEN 'J' WHEN 'energy_idle_j' THEN 'J'
    WHEN 'thinking_energy_j' THEN 'J' WHEN 'energy_estimate_j' THEN 'J'
    WHEN 'energy_j_per_token' THEN 'J/token' WHEN 'energy_j_per_thinking_token' THEN 'J/token'
    WHEN 'tokens_per_s' THEN 'tokens/s' WHEN 'hesitations_per_1k' THEN 'per 1,000 tokens'
    WHEN 'thinking_share' THEN 'fraction' WHEN 'first_solution_share' THEN 'fraction'
    ELSE '×' END AS unit
FROM long
