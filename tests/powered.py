"""Power for the tree of ``fixtures.py``, and what held its machine back.

The package draws 10 W idle and 15 W more for each busy core, its memory 2 W: measured before the
first request, idle power is 12 W. In joules, of the responses that ran by themselves:

| | reading the prompt | thinking | answering | in all | idle part |
|---|---|---|---|---|---|
| quick | 27 | | 84 | 111 | 36 |
| ponder | 27 | 168 | 84 | 279 | 84 |

The control group holds the CPU back for 2 s of each session, and core 1 was too hot 3 times.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from stages.columns import frame
from stages.parquet import write_parquet
from stages.trace.schema import TRACE_TABLES
from tests.fixtures import S

CGROUP = "/user.slice/<b>x"


def power(root: Path) -> Path:
    """Add the readings to every source's trace under ``root``, and return it."""
    for path in sorted(root.glob("data/*/*/trace_system.parquet")):
        ticks = pl.read_parquet(path).sort("session_id", "t_ns").to_dicts()
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _MADE}
        events = pl.read_parquet(path.parent / "trace_events.parquet").to_dicts()
        starts: dict[str, int] = {}
        for tick in ticks:
            session, t_ns = tick["session_id"], tick["t_ns"]
            if starts.setdefault(session, t_ns) == t_ns:
                events.append({"session_id": session, "t_ns": t_ns + 3 * S // 4, "kind": "idle",
                               "lane": "energy", "value": 0.75})  # fmt: skip
            _read(rows, {"session_id": session, "t_ns": t_ns}, t_ns - starts[session],
                  tick["cpu_user_ns"])  # fmt: skip
        for name, made in rows.items():
            write_parquet(frame(made, TRACE_TABLES[name]), path.parent / f"{name}.parquet")
        events_path = path.parent / "trace_events.parquet"
        write_parquet(frame(events, TRACE_TABLES["trace_events"]), events_path)
    return root


_MADE = ("trace_energy", "trace_core", "trace_cgroup", "trace_temperature")


def _read(rows: dict[str, list[dict[str, Any]]], key: dict[str, Any], at: int, busy: int) -> None:
    package, memory = "intel-rapl:0", "intel-rapl:0:0"
    rows["trace_energy"] += [
        key | {"zone": package, "name": "package-0", "energy_uj": (10 * at + 15 * busy) // 1000},
        key | {"zone": memory, "name": "dram", "above": package, "energy_uj": 2 * at // 1000},
    ]
    rows["trace_core"] += [
        key | {"core": core, "throttles": 3 * core if at > S else 0, "throttled_ns": 0}
        for core in (0, 1)
    ]
    rows["trace_cgroup"].append(
        key | {"cgroup": CGROUP, "cpu_limit_cores": 2.0, "throttled_ns": min(at, 2 * S),
               "oom_kills": 0}
    )  # fmt: skip
    rows["trace_temperature"].append(key | {"sensor": "chip <i>", "celsius": 80.0})
