-- One row a device and method: its energy over all sessions that measured it.
-- total_j = attributed_j + unattributed_j, J, in seconds of readings; error_j: half of the interval of
-- the total; both parts null for psys, which holds the packages. idle_w: W, before anything was
-- loaded, over idle_s seconds, with its interval; update_s: the counter's longest period, s.
SELECT device, method, count(*) AS sessions, max(update_s) AS update_s, sum(seconds) AS seconds,
    sum(total_j) AS total_j, sum(total_high_j - total_low_j) / 2 AS error_j,
    sum(attributed_j) AS attributed_j, sum(unattributed_j) AS unattributed_j,
    sum(idle_w * idle_s) / sum(idle_s) AS idle_w, sum(idle_low_w * idle_s) / sum(idle_s) AS idle_low_w,
    sum(idle_high_w * idle_s) / sum(idle_s) AS idle_high_w, sum(idle_s) AS idle_s
FROM energy_account
GROUP BY device, method
ORDER BY device = 'psys', NOT starts_with(device, 'GPU'), device, method
