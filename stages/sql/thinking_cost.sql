-- One row a model and phase (prefill, thinking, answer), over its solo responses that didn't fail.
-- seconds, cpu_s (CPU seconds), cores, memory_gib (GiB), energy_j (J): medians; low and high are of
-- seconds (what interval says); seconds_mean: their mean; time_share: of all the
-- model's time; n_cpu, n_energy: phases with a figure.
SELECT
    s.model, s.position, s.demo, p.phase, count(*) AS n,
    avg(p.seconds) AS seconds_mean, median(p.seconds) AS seconds,
    median_low(p.seconds) AS low, median_high(p.seconds) AS high,
    interval_kind(count(*)) AS interval,
    sum(p.seconds) / sum(sum(p.seconds)) OVER (PARTITION BY s.model) AS time_share,
    count(p.cpu_s) AS n_cpu, median(p.cpu_s) AS cpu_s, median(p.cores_used) AS cores,
    max(p.memory_peak_bytes) / 1024.0 ** 3 AS memory_gib,
    count(p.energy_j) AS n_energy, median(p.energy_j) AS energy_j,
    any_value(p.energy_reason) AS energy_reason
FROM phases p
JOIN scored s ON s.response_id = p.response_id
WHERE s.arm = 'solo' AND NOT s.failed
GROUP BY s.model, s.position, s.demo, p.phase
ORDER BY s.position, s.model,
    list_position(['load', 'prefill', 'thinking', 'answer'], p.phase)
