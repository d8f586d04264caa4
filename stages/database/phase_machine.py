"""The machine during phases: how much CPU time all programs took, and whether it was suspended.

Temporary tables made here, in the order of ``TABLES``:

- ``machine_steps``: first and last tick, and reading of the busy time, in each slice;
- ``machine_used``: what it gained in each slice, ``busy_ns`` (see ``slices.py``);
- ``suspended``: the twins and phases that hold a suspend, or whose edges lie between two readings
  around one. Counters can't be interpolated there: nobody knows which part came before it.
"""

from __future__ import annotations

import duckdb

from stages.database.slices import sliced, used

TABLES = ("machine_steps", "machine_used", "suspended")

_STEPS = f"""
CREATE TEMP TABLE machine_steps AS
SELECT session_id, slice, min(t_ns) AS first_ns, max(t_ns) AS last_ns,
    min(t_ns) FILTER (busy_ns IS NOT NULL) AS busy_first_ns,
    max(t_ns) FILTER (busy_ns IS NOT NULL) AS busy_last_ns,
    min(busy_ns) AS busy_ns_first, max(busy_ns) AS busy_ns_last
FROM (SELECT *, cpu_user_ns + cpu_system_ns AS busy_ns FROM {sliced("trace_system")}) GROUP BY ALL
"""

# CPU time isn't read at every tick.
_BUSY = """(
    SELECT session_id, slice, busy_first_ns AS first_ns, busy_last_ns AS last_ns, busy_ns_first,
        busy_ns_last
    FROM machine_steps WHERE busy_first_ns IS NOT NULL
)"""
_USED = f"""
CREATE TEMP TABLE machine_used AS
{used(_BUSY, "session_id", ("busy_ns",))}
"""

# A suspend is noted at the tick after it, just before that tick's readings.
_SUSPENDED = """
CREATE TEMP TABLE suspended AS
WITH edges AS (
    SELECT s.response_id, s.phase, s.session_id,
        coalesce(b.last_ns, s.start_ns) AS before_ns, coalesce(a.first_ns, s.end_ns) AS after_ns
    FROM spans s
    JOIN slices l ON l.session_id = s.session_id AND l.start_ns = s.start_ns
    JOIN slices r ON r.session_id = s.session_id AND r.start_ns = s.end_ns
    ASOF LEFT JOIN machine_steps b ON b.session_id = s.session_id AND l.slice > b.slice
    ASOF LEFT JOIN machine_steps a ON a.session_id = s.session_id AND r.slice <= a.slice
    WHERE s.response_id = s.twin AND s.end_ns > s.start_ns
)
SELECT e.response_id, e.phase
FROM edges e
ASOF JOIN (FROM trace_events WHERE kind = 'suspend') t
    ON t.session_id = e.session_id AND e.before_ns < t.t_ns
WHERE t.t_ns <= e.after_ns
"""


def build_machine_use(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables of ``TABLES`` from the trace and those of ``slices.py``."""
    for statement in (_STEPS, _USED, _SUSPENDED):
        con.execute(statement)
