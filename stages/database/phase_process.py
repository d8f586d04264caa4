"""What a phase took of its model's processes: CPU time, memory, bytes and page faults.

Counters are cumulative: what a phase took is their difference between its two edges, each
interpolated linearly between the readings around it that have them. A process that ended counts to
its last reading, one that began to its first. Memory is that of the model's processes added up: the
mean weighs each quarter second by how much of it lies in the phase. A figure is null where the
readings don't cover the phase, and where one of the processes couldn't be read; what counters say
also where the machine was suspended meanwhile (``phase_machine.py``).

Temporary tables made here, in the order of ``TABLES``:

- ``process_steps``: readings by process, slice and quarter second.
- ``process_used``: what each process's counters gained in each slice in which its model ran.
- ``process_use``: the figures, a row a twin and phase (see ``slices.py``).
"""

from __future__ import annotations

import duckdb

from stages.database.slices import STEP_NS, sliced, used

TABLES = ("process_steps", "process_used", "process_use")

# Readings may begin or end this far inside a phase and still count as covering it.
_SLACK_NS = 250_000_000
_SLACK_SHARE = 0.1

_EACH_TICK = ("cpu_ns",)
_IN_FULL = ("read_bytes", "written_bytes", "minor_faults", "major_faults")  # at some ticks only
COUNTERS = (*_EACH_TICK, *_IN_FULL)
_KEYS = "session_id, model, pid, created_ns"

# As counters only grow, their least is their first.
_FIRST_AND_LAST = ", ".join(
    f"min({{0}}) AS {name}_first, max({{1}}) AS {name}_last".format(name, name) for name in COUNTERS
)
_STEPS = f"""
CREATE TEMP TABLE process_steps AS
SELECT {_KEYS}, slice, t_ns // {STEP_NS} AS step, min(t_ns) AS first_ns, max(t_ns) AS last_ns,
    min(t_ns) FILTER (coalesce({", ".join(_IN_FULL)}) IS NOT NULL) AS full_first_ns,
    max(t_ns) FILTER (coalesce({", ".join(_IN_FULL)}) IS NOT NULL) AS full_last_ns,
    {_FIRST_AND_LAST}, max(rss_bytes) AS rss_peak, avg(rss_bytes) AS rss_mean
FROM {sliced("trace_process", "r.role = 'engine' AND r.model IS NOT NULL")}
GROUP BY ALL
"""


def _read(counters: tuple[str, ...], times: str = "") -> str:
    """A subquery: the first and last of counters, and when they were read, by process and slice."""
    of_slice = ", ".join(
        f"min({name}_first) AS {name}_first, max({name}_last) AS {name}_last" for name in counters
    )
    return f"""(
        SELECT {_KEYS}, slice, min({times}first_ns) AS first_ns, max({times}last_ns) AS last_ns,
            {of_slice}
        FROM process_steps WHERE {times}first_ns IS NOT NULL GROUP BY ALL
    )"""


_SAME_PROCESS = " AND ".join(f"b.{key} = u.{key}" for key in _KEYS.split(", "))
# What is known of a process at all gained nothing before its first reading and after its last.
_OF_FULL = ", ".join(
    f"CASE WHEN k.{name} THEN if(b.slice IS NULL, 0, b.{name}) END AS {name}" for name in _IN_FULL
)
_KNOWN = ", ".join(f"count({name}_first) > 0 AS {name}" for name in _IN_FULL)
_USED = f"""
CREATE TEMP TABLE process_used AS
WITH each_tick AS ({used(_read(_EACH_TICK), _KEYS, _EACH_TICK)}),
in_full AS ({used(_read(_IN_FULL, "full_"), _KEYS, _IN_FULL)}),
known AS (SELECT {_KEYS}, {_KNOWN} FROM process_steps GROUP BY ALL)
SELECT u.*, {_OF_FULL}
FROM each_tick u
LEFT JOIN in_full b ON {_SAME_PROCESS} AND b.slice = u.slice
LEFT JOIN known k ON {_SAME_PROCESS.replace("b.", "k.")}
SEMI JOIN running r ON r.session_id = u.session_id AND r.model = u.model AND r.slice = u.slice
"""


def _whole(column: str) -> str:
    """The sum, or null if any of them has no value."""
    return f"CASE WHEN count(*) = count({column}) THEN sum({column}) END"


_USE = f"""
CREATE TEMP TABLE process_use AS
WITH covers AS (
    SELECT session_id, model, min(first_ns) AS from_ns, max(last_ns) AS until_ns
    FROM process_steps GROUP BY ALL
), covered AS (
    SELECT s.response_id, s.phase, s.session_id, s.model, s.start_ns, s.end_ns
    FROM spans s
    JOIN covers c ON c.session_id = s.session_id AND c.model = s.model
    WHERE s.response_id = s.twin AND s.end_ns > s.start_ns
        AND c.from_ns <= s.start_ns + least({_SLACK_NS}, {_SLACK_SHARE} * (s.end_ns - s.start_ns))
        AND c.until_ns >= s.end_ns - least({_SLACK_NS}, {_SLACK_SHARE} * (s.end_ns - s.start_ns))
), slices_of AS (
    SELECT r.*, l.start_ns, l.end_ns
    FROM covered c
    JOIN running r ON r.response_id = c.response_id AND r.phase = c.phase
    JOIN slices l ON l.session_id = r.session_id AND l.slice = r.slice
), counted AS (
    SELECT response_id, phase, {", ".join(f"{_whole(name)} AS {name}" for name in COUNTERS)}
    FROM slices_of JOIN process_used USING (session_id, model, slice)
    ANTI JOIN suspended USING (response_id, phase)
    GROUP BY response_id, phase
), added_up AS (
    -- Where all were read: memory is, at some ticks only.
    SELECT session_id, model, slice, step, sum(rss_peak) AS peak, sum(rss_mean) AS mean
    FROM process_steps GROUP BY session_id, model, slice, step
    HAVING count(*) = count(rss_peak)
), weighed AS (
    SELECT response_id, phase, peak, mean,
        least((step + 1) * {STEP_NS}, end_ns) - greatest(step * {STEP_NS}, start_ns) AS weight
    FROM slices_of JOIN added_up USING (session_id, model, slice)
), held AS (
    SELECT response_id, phase, max(peak) AS memory_peak_bytes,
        sum(mean * weight) / sum(weight) AS memory_mean_bytes
    FROM weighed GROUP BY ALL
), nearest AS (
    -- A phase in which nothing was read: the last reading before it. Slice and step both grow
    -- with time, so their sum is in its order.
    SELECT c.response_id, c.phase, a.peak, a.mean
    FROM covered c
    JOIN slices l ON l.session_id = c.session_id AND l.start_ns = c.start_ns
    ASOF JOIN added_up a ON a.session_id = c.session_id AND a.model = c.model
        AND l.slice + c.start_ns // {STEP_NS} > a.slice + a.step
    ANTI JOIN held h ON h.response_id = c.response_id AND h.phase = c.phase
)
SELECT c.response_id, c.phase, k.cpu_ns / 1e9 AS cpu_s,
    k.* EXCLUDE (response_id, phase, cpu_ns), h.memory_peak_bytes, h.memory_mean_bytes
FROM covered c
LEFT JOIN counted k ON k.response_id = c.response_id AND k.phase = c.phase
LEFT JOIN (FROM held UNION ALL FROM nearest) h
    ON h.response_id = c.response_id AND h.phase = c.phase
"""


def build_process_use(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables of ``TABLES`` from the trace and those of ``slices.py``."""
    for statement in (_STEPS, _USED, _USE):
        con.execute(statement)
