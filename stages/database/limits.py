"""The ``limits`` table: what may hold a machine back, whether or not it did, built once.

A row a session and thing that was watched, also where nothing happened, so that a page can tell
what was looked at. Counters are their difference over the session; shares are of its readings or of
its time. From what share on something counts as having happened is said with each.
"""

from __future__ import annotations

import duckdb
import polars as pl

from stages.columns import Column

LIMITS = (
    Column("session_id", pl.String, "", "The measuring process's run."),
    Column(
        "watched",
        pl.String,
        "",
        "gpu (clocks held down), heat (cores held down), cpu_limit, memory_limit and out_of_memory "
        "(of a control group), waiting (PSI), swap, steal (by other virtual machines), or "
        "temperature, which is no limit itself.",
    ),
    Column("subject", pl.String, "", "The device, core, control group, resource or sensor."),
    Column("detail", pl.String, "", "What of it; null where there is nothing to add."),
    Column("happened", pl.Boolean, "", "Whether it did; false for temperatures."),
    Column("value", pl.Float64, "", "The figure, in unit; null where there is no limit."),
    Column("unit", pl.String, "", "%, s, times, MB or °C."),
)

DERIVED = {"limits": LIMITS}

# Less than this share of the time goes unnoticed by whoever waits for an answer.
_NOTABLE_PERCENT = 1
# Of memory that is limited, the kernel uses what is left for file pages: near it, it drops some.
_FULL_PERCENT = 95

# nvmlClocksThrottleReasons (nvml.h) that are limits: being idle and clocks that somebody set
# aren't. A slowdown by hardware (8) comes with its reason where the driver knows it.
_GPU = """
WITH reasons(name, bits, but) AS (
    VALUES ('power cap', 4, 0), ('slowed by hardware', 8, 192), ('heat', 32, 0),
        ('heat, by hardware', 64, 0), ('power supply, by hardware', 128, 0)
), counted AS (
    SELECT session_id, gpu, throttle_reasons AS held, count(*) AS n
    FROM trace_gpu WHERE throttle_reasons IS NOT NULL GROUP BY ALL
), shares AS (
    SELECT session_id, gpu, name,
        100.0 * sum(CASE WHEN held & bits > 0 AND held & but = 0 THEN n ELSE 0 END) / sum(n)
            AS percent
    FROM counted CROSS JOIN reasons GROUP BY ALL
)
SELECT session_id, 'gpu', 'GPU ' || gpu, name, percent > 0, percent, '%' FROM shares
"""

# Cores that share hardware share its counter, so they aren't added up.
_HEAT = """
WITH cores AS (
    SELECT session_id, core, max(throttles) - min(throttles) AS times,
        (max(throttled_ns) - min(throttled_ns)) / 1e9 AS seconds
    FROM trace_core GROUP BY ALL
)
SELECT session_id, 'heat', 'core ' || arg_max(core, times),
    printf('%.3g s in all', max(seconds)), max(times) > 0, max(times), 'times'
FROM cores WHERE times IS NOT NULL GROUP BY session_id
"""

_GROUPS = f"""
WITH groups AS (
    SELECT session_id, cgroup, min(cpu_limit_cores) AS cores, min(memory_limit_bytes) AS allowed,
        (max(throttled_ns) - min(throttled_ns)) / 1e9 AS held_s,
        max(100.0 * memory_used_bytes / nullif(memory_limit_bytes, 0)) AS filled,
        max(oom_kills) - min(oom_kills) AS kills
    FROM trace_cgroup GROUP BY ALL
)
SELECT session_id, 'cpu_limit', cgroup,
    coalesce(printf('allowed cores: %.3g', cores), 'no limit'),
    coalesce(held_s > 0, false), held_s, 's'
FROM groups
UNION ALL
SELECT session_id, 'memory_limit', cgroup,
    coalesce(printf('allowed: %.3g GiB, file pages included', allowed / 1024.0 ** 3), 'no limit'),
    coalesce(filled >= {_FULL_PERCENT}, false), filled, '%'
FROM groups
UNION ALL
SELECT session_id, 'out_of_memory', cgroup, 'processes killed', kills > 0, kills, 'times'
FROM groups WHERE kills IS NOT NULL
"""

_WAITING = f"""
WITH pressed AS (
    SELECT session_id, scope, resource,
        100.0 * (max(some_ns) - min(some_ns)) / nullif(max(t_ns) - min(t_ns), 0) AS percent
    FROM trace_pressure GROUP BY ALL
)
SELECT session_id, 'waiting', resource, scope, percent >= {_NOTABLE_PERCENT}, percent, '%'
FROM pressed WHERE percent IS NOT NULL
"""

_SYSTEM = f"""
WITH machine AS (
    SELECT session_id,
        (max(swapped_in_bytes) - min(swapped_in_bytes)
            + max(swapped_out_bytes) - min(swapped_out_bytes)) / 1e6 AS swapped,
        100.0 * (max(cpu_steal_ns) - min(cpu_steal_ns))
            / nullif(max(cpu_user_ns + cpu_system_ns + cpu_idle_ns)
                - min(cpu_user_ns + cpu_system_ns + cpu_idle_ns)
                + max(cpu_steal_ns) - min(cpu_steal_ns), 0) AS stolen
    FROM trace_system GROUP BY ALL
)
SELECT session_id, 'swap', 'machine', 'moved to and from swap', swapped > 0, swapped, 'MB'
FROM machine WHERE swapped IS NOT NULL
UNION ALL
SELECT session_id, 'steal', 'machine', 'of all CPU time', stolen >= {_NOTABLE_PERCENT}, stolen, '%'
FROM machine WHERE stolen IS NOT NULL
"""

_TEMPERATURE = """
SELECT session_id, 'temperature', sensor, NULL, false, max(celsius), '°C'
FROM trace_temperature WHERE celsius IS NOT NULL GROUP BY session_id, sensor
UNION ALL
SELECT session_id, 'temperature', 'GPU ' || gpu, NULL, false, max(temperature_c), '°C'
FROM trace_gpu WHERE temperature_c IS NOT NULL GROUP BY session_id, gpu
"""


def build_limits(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``limits`` from the trace."""
    for select in (_GPU, _HEAT, _GROUPS, _WAITING, _SYSTEM, _TEMPERATURE):
        con.execute(f"INSERT INTO limits FROM ({select}) ORDER BY ALL")
