"""The tables ``energy_account`` and ``energy_shares``: where a session's joules went.

How energy is measured is ``stages/trace/energy.py``'s matter, what measures it
``energy_devices.py``'s, and by which rule it is divided ``energy_shares.py``'s.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import polars as pl

from stages.columns import Column
from stages.database.arrays import arrays
from stages.database.energy_devices import EQUAL, Device, devices
from stages.database.energy_shares import (
    Idle,
    Running,
    Slices,
    account,
    idle_power,
    shares,
)

_SESSION = Column("session_id", pl.String, "", "The measuring process's run.")
_DEVICE = Column("device", pl.String, "", "GPU 0, package-0, dram or psys.")

ENERGY_ACCOUNT = (
    _SESSION,
    _DEVICE,
    Column("method", pl.String, "", "counter or power samples."),
    Column("update_s", pl.Float64, "s", "The counter's period; null if finer than it was read."),
    Column("seconds", pl.Float64, "s", "Time that the readings cover."),
    Column("total_j", pl.Float64, "J", "Energy in that time."),
    Column("total_low_j", pl.Float64, "J", "Least that it can have been."),
    Column("total_high_j", pl.Float64, "J", "Most that it can have been."),
    Column(
        "attributed_j",
        pl.Float64,
        "J",
        "What phases got of it, by stages/database/energy_shares.py; null for psys, which holds "
        "the packages and isn't divided.",
    ),
    Column(
        "unattributed_j",
        pl.Float64,
        "J",
        "The rest: between responses, and of other programs; null where none is attributed.",
    ),
    Column("idle_w", pl.Float64, "W", "Power before anything was loaded; null if not measured."),
    Column("idle_low_w", pl.Float64, "W", "Least that it can have been."),
    Column("idle_high_w", pl.Float64, "W", "Most that it can have been."),
    Column("idle_s", pl.Float64, "s", "How long that was measured."),
)

ENERGY_SHARES = (
    _SESSION,
    _DEVICE,
    Column("response_id", pl.String, "", "The response; of two rows of one, the first."),
    Column("phase", pl.String, "", "load, prefill, thinking or answer."),
    Column("joules", pl.Float64, "J", "What the phase got of the device's energy."),
    Column("low_j", pl.Float64, "J", "Least that it can have been."),
    Column("high_j", pl.Float64, "J", "Most that it can have been."),
    Column("idle_j", pl.Float64, "J", "Of it, what the device draws idle; null if unknown."),
    Column("rule", pl.String, "", "alone, equal parts or CPU time."),
)

DERIVED = {"energy_account": ENERGY_ACCOUNT, "energy_shares": ENERGY_SHARES}

TABLES = ("numbered",)

# Phases by number: arrays hold no names.
_NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT session_id, response_id, phase,
    row_number() OVER (PARTITION BY session_id ORDER BY response_id, phase) - 1 AS number
FROM (SELECT DISTINCT session_id, response_id, phase FROM running)
"""

_EDGES = """
SELECT s.start_ns, m.busy_ns / 1e9 AS busy_s
FROM slices s LEFT JOIN machine_used m ON m.session_id = s.session_id AND m.slice = s.slice
WHERE s.session_id = ? ORDER BY s.slice
"""

_RUNNING = """
WITH cpu AS (
    SELECT session_id, model, slice, sum(cpu_ns) / 1e9 AS cpu_s FROM process_used
    WHERE session_id = $session GROUP BY ALL
), used AS (
    SELECT n.number, r.slice - 1 AS slice, c.cpu_s / count(*) OVER same AS cpu_s
    FROM running r
    JOIN numbered n USING (session_id, response_id, phase)
    LEFT JOIN cpu c USING (session_id, model, slice)
    WHERE r.session_id = $session
    WINDOW same AS (PARTITION BY r.model, r.slice)
)
FROM used ORDER BY number, slice
"""

# A suspend lies after the tick before that at which it was noted.
_BREAKS = """
SELECT unnest([e.t_ns, max(s.t_ns) + 1])
FROM trace_events e
LEFT JOIN trace_system s ON s.session_id = e.session_id AND s.t_ns < e.t_ns
WHERE e.session_id = ? AND e.kind = 'suspend'
GROUP BY e.t_ns
"""

_QUIET = """
SELECT t_ns - (value * 1e9)::BIGINT, t_ns FROM trace_events
WHERE session_id = ? AND kind = 'idle' AND lane = 'energy' AND value > 0
"""


def build_energy(con: duckdb.DuckDBPyConnection) -> None:
    """Fill both tables from the trace and the temporary tables of ``slices.py`` and the phases'."""
    con.execute(_NUMBERED)
    sessions = """SELECT session_id FROM trace_gpu UNION SELECT session_id FROM trace_energy
        ORDER BY session_id"""
    for (session_id,) in con.execute(sessions).fetchall():
        _session(con, session_id)


def _session(con: duckdb.DuckDBPyConnection, session_id: str) -> None:
    breaks = [t_ns for (t_ns,) in con.execute(_BREAKS, [session_id]).fetchall() if t_ns is not None]
    quiet = con.execute(_QUIET, [session_id]).fetchall()
    edges = arrays(con, _EDGES, [session_id])
    slices = Slices(edges["start_ns"].astype(np.int64), edges["busy_s"][:-1])
    found = arrays(con, _RUNNING, {"session": session_id})
    running = Running(
        found["number"].astype(np.int64), found["slice"].astype(np.int64), found["cpu_s"]
    )
    for device in devices(con, session_id, breaks):
        idle = idle_power(device.curve, quiet)
        attributed = None
        if device.rule is not None:
            attributed = _share(con, session_id, device, slices, running, idle)
        _account(con, session_id, device, slices, attributed, idle)


def _share(
    con: duckdb.DuckDBPyConnection,
    session_id: str,
    device: Device,
    slices: Slices,
    running: Running,
    idle: Idle | None,
) -> float:
    """Write what each phase got; returns the joules that they got together."""
    phases = int(running.phase.max(initial=-1)) + 1
    if not phases or device.rule is None:
        return 0.0
    found = shares(device.curve, device.rule, slices, running, phases, idle)
    figures = {
        "number": np.arange(phases), "joules": found.joules, "low_j": found.low,
        "high_j": found.high, "idle_j": found.idle, "divided": found.divided,
    }  # fmt: skip
    con.register("figures", figures)
    con.execute(
        """INSERT INTO energy_shares
        SELECT n.session_id, $device, n.response_id, n.phase, f.joules, f.low_j, f.high_j, f.idle_j,
            CASE WHEN $rule <> $equal OR f.divided THEN $rule ELSE 'alone' END
        FROM figures f JOIN numbered n ON n.number = f.number AND n.session_id = $session
        ANTI JOIN suspended z ON z.response_id = n.response_id AND z.phase = n.phase
        WHERE f.joules IS NOT NULL ORDER BY f.number""",
        {"device": device.name, "rule": device.rule, "equal": EQUAL, "session": session_id},
    )
    con.unregister("figures")
    attributed = con.execute(
        "SELECT coalesce(sum(joules), 0) FROM energy_shares WHERE session_id = ? AND device = ?",
        [session_id, device.name],
    ).fetchall()
    return float(attributed[0][0])


def _account(
    con: duckdb.DuckDBPyConnection,
    session_id: str,
    device: Device,
    slices: Slices,
    attributed: float | None,
    idle: Idle | None,
) -> None:
    found = account(device.curve, slices.edges_ns, attributed or 0.0)
    row: list[Any] = [
        session_id, device.name, device.curve.method, device.curve.update_s, found.seconds,
        found.total, found.low, found.high, attributed,
        None if attributed is None else found.unattributed,
        *((idle.watts, idle.low, idle.high, idle.seconds) if idle else (None,) * 4),
    ]  # fmt: skip
    con.execute(f"INSERT INTO energy_account VALUES ({', '.join('?' for _ in row)})", row)
