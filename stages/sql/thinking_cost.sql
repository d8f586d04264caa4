-- One row a model and phase (load, prefill, thinking, answer), over its solo responses that didn't fail.
-- seconds, cpu_s (CPU seconds), cores, memory_mean_gib (GiB), read_mib (MiB), major_faults,
-- gpu_percent: medians; memory_gib: largest; low and high are of seconds (what interval says);
-- seconds_mean: their mean; time_share: of all the model's time; n_cpu: phases with CPU time.
-- energy_j: median over n_energy phases (see energy_phases), with energy_low and energy_high what
-- energy_interval says; energy_error_j: median of what the counters leave open, ±; energy_idle_j: of
-- it, idle; energy_j_per_token: median of J ÷ the phase's tokens (thinking and answer only); all J.
-- energy_of: the devices in it; energy_reason: why some have none, null if all have.
SELECT
    s.model, s.position, s.demo, p.phase, count(*) AS n,
    avg(p.seconds) AS seconds_mean, median(p.seconds) AS seconds,
    median_low(p.seconds) AS low, median_high(p.seconds) AS high,
    interval_kind(count(*)) AS interval,
    sum(p.seconds) / sum(sum(p.seconds)) OVER (PARTITION BY s.model) AS time_share,
    count(p.cpu_s) AS n_cpu, median(p.cpu_s) AS cpu_s, median(p.cores_used) AS cores,
    max(p.memory_peak_bytes) / 1024.0 ** 3 AS memory_gib,
    median(p.memory_mean_bytes) / 1024.0 ** 3 AS memory_mean_gib,
    median(p.read_bytes) / 1024.0 ** 2 AS read_mib, median(p.major_faults) AS major_faults,
    median(p.gpu_utilisation) AS gpu_percent,
    count(e.energy_j) AS n_energy, median(e.energy_j) AS energy_j,
    median_low(e.energy_j) AS energy_low, median_high(e.energy_j) AS energy_high,
    interval_kind(count(e.energy_j)) AS energy_interval,
    median((e.high_j - e.low_j) / 2) AS energy_error_j, median(e.idle_j) AS energy_idle_j,
    median(e.energy_j / nullif(CASE p.phase WHEN 'thinking' THEN s.thinking_tokens
        WHEN 'answer' THEN s.answer_tokens END, 0)) AS energy_j_per_token,
    any_value(e.energy_of) AS energy_of, min(p.energy_reason) AS energy_reason
FROM phases p
JOIN scored s ON s.response_id = p.response_id
LEFT JOIN energy_phases e ON e.response_id = p.response_id AND e.phase = p.phase
WHERE s.arm = 'solo' AND NOT s.failed
GROUP BY s.model, s.position, s.demo, p.phase
ORDER BY s.position, s.model,
    list_position(['load', 'prefill', 'thinking', 'answer'], p.phase)
