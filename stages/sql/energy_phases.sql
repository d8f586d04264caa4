-- One row a response and phase whose energy was measured, of every device that was ever measured for
-- its model: the others are left out, since sums over different devices don't compare.
-- energy_j, in which idle_j is; low_j and high_j by the counters' steps: J. energy_of: the devices.
SELECT p.response_id, p.phase, p.energy_j, p.energy_low_j AS low_j, p.energy_high_j AS high_j,
    p.energy_idle_j AS idle_j, p.energy_of, p.energy_method
FROM phases p
JOIN responses r ON r.response_id = p.response_id
WHERE p.energy_j IS NOT NULL AND r.arm NOT IN ('fresh', 'warm')
QUALIFY len(p.energy_of) = max(len(p.energy_of)) OVER (PARTITION BY r.model)
ORDER BY p.session_id, p.start_ns, p.response_id
