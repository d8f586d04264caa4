"""`phases` and all that is derived with it from 100 million trace rows: 2 minutes on 2 cores.

Four sessions of a day each, made up in SQL: three of one model and one of two models side by side,
at 20 Hz, with processes, disks, interfaces, a GPU and two energy zones. Printed are the seconds of
each step of `query` after loading (claim: 2 minutes in all, at most) and of each view (claim: under
1 s each). It takes some minutes, 1 GB of disk and some GiB of memory; `python
benchmarks/phases_100m.py 10` makes 10 million rows.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from stages.database.ddl import create_table, create_tables
from stages.database.loading import PLANNED, SCORE_COLUMNS
from stages.database.macros import create_macros
from stages.database.views import create_views, read_views
from stages.query import BUILDS, DERIVED
from stages.tables import TABLES

HZ, SLOT_S = 20, 10
ROWS_A_SECOND = 14.15 * HZ
MODELS = ("small", "middle", "large")
# Each session's models; in the last they are asked at the same moment.
SESSIONS = {"one": MODELS[:1], "two": MODELS[1:2], "three": MODELS[2:], "both": MODELS[:2]}
Con = duckdb.DuckDBPyConnection


def main() -> None:
    """Print rows, seconds and peak of what was built, then each view's seconds."""
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 100.0
    seconds = round(millions * 1e6 / ROWS_A_SECOND / len(SESSIONS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.duckdb"
        with duckdb.connect(path, config={"threads": 2}) as con:
            timed("making it up", lambda: make(con, seconds))
            con.execute("CHECKPOINT")
            print(f"{rows(con):,} trace rows, {path.stat().st_size / 1e9:.1f} GB")
            con.execute("SET asof_loop_join_threshold = 0")
            total = sum(timed(build.__name__, lambda b=build: b(con)) for build in BUILDS)
            print(f"built in {total:.0f} s")
            create_views(con)
            con.execute("CHECKPOINT")
        with duckdb.connect(path, config={"threads": 2}, read_only=True) as con:
            taken = {
                name: timed("", lambda n=name: con.execute(f"CREATE TEMP TABLE t_{n} AS FROM {n}"))
                for name in read_views()
            }
    for name, took in sorted(taken.items(), key=lambda pair: -pair[1]):
        print(f"{took:7.2f} s  view {name}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"slowest view {max(taken.values()):.2f} s; {memory:.1f} GiB at most")


def timed(name: str, work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    took = time.perf_counter() - begun
    if name:
        print(f"{took:7.2f} s  {name}", flush=True)
    return took


def rows(con: Con) -> int:
    tables = [name for name in TABLES if name.startswith("trace_")]
    sql = " + ".join(f"(SELECT count(*) FROM {name})" for name in tables)
    return con.execute(f"SELECT {sql}").fetchall()[0][0]


def make(con: Con, seconds: int) -> None:
    create_tables(con, TABLES | PLANNED | DERIVED)
    create_table(con, "scores", SCORE_COLUMNS)
    create_macros(con)
    for position, model in enumerate(MODELS, 1):
        insert(con, "models", f"SELECT '{model}' AS model, {position} AS position, false AS demo,"
               f" 'native' AS thinking_mode, {position} * 1e9::BIGINT AS parameters")  # fmt: skip
    insert(con, "prompts", "SELECT 'p' AS prompt_id, 'original' AS set, ['Why?'] AS turns")
    insert(con, "tests", "SELECT 'both' AS test, 1 AS position, ['small', 'middle'] AS roster")
    for session, models in SESSIONS.items():
        session_of(con, session, models, seconds)


def session_of(con: Con, session: str, models: tuple[str, ...], seconds: int) -> None:
    """Slots of 10 s: 1 s prefill, 4 s thinking, 3 s answer and 2 s of nothing."""
    insert(con, "sessions", f"SELECT '{session}' AS session_id, 'm' AS machine_id")
    insert(con, "environment", f"SELECT '{session}' AS session_id, 'Abacus' AS cpu, "
           "2 AS cores_logical, 2 AS cores_usable")  # fmt: skip
    insert(con, "trace_events", f"SELECT '{session}' AS session_id, 9500000000 AS t_ns, "
           "'idle' AS kind, 'energy' AS lane, 9.0 AS value")  # fmt: skip
    together = len(models) > 1
    for number, model in enumerate(models):
        insert(con, "responses", f"""
            SELECT '{session} {model} ' || i AS response_id,
                '{session if together else model}' AS source, '{model}' AS model,
                'p' AS prompt_id, i AS epoch, '{"together" if together else "solo"}' AS arm,
                {"'both'" if together else "NULL"} AS test, 1 AS turn, i AS seed, 'ok' AS status,
                'Hm.' AS thinking, 'Yes.' AS answer, 'native' AS thinking_mode,
                10 AS prompt_tokens, 350 AS output_tokens, 200 AS thinking_tokens,
                150 AS answer_tokens, 'engine' AS tokens_method, '{session}' AS session_id,
                asked AS request_ns, asked + 1000000000 AS first_token_ns,
                asked + 5000000000 AS first_answer_ns, asked + 8000000000 AS end_ns,
                4.0 AS thinking_s, '2026-01-01'::TIMESTAMP AS started_at, 'ollama' AS engine,
                '1' AS engine_version, 0 AS load_ns, 1000000000 AS prefill_ns,
                6900000000 AS decode_ns
            FROM (SELECT i, i * {SLOT_S} * 1000000000 + {number} * 7000000 AS asked
                FROM range(1, {seconds // SLOT_S - 1}) t(i))""")  # fmt: skip
    key = f"'{session}' AS session_id, t_ns"
    ticks = f"""(SELECT i, i * {1_000_000_000 // HZ} + hash(i) % 300000 AS t_ns
        FROM range({seconds * HZ}) t(i))"""
    looks = f"(SELECT i, i * 1000000000 + hash(i) % 300000 AS t_ns FROM range({seconds}) t(i))"
    busy = "i * 45000000 + hash(i) % 4000000"
    insert(con, "trace_system", f"""SELECT {key}, {busy} AS cpu_user_ns, i * 1000000 AS
        cpu_system_ns, i * 50000000 AS cpu_idle_ns, 16e9::BIGINT AS memory_total_bytes,
        8000000000 + hash(i) % 100000000 AS memory_available_bytes, 0 AS swap_used_bytes,
        0 AS swapped_in_bytes FROM {ticks}""")  # fmt: skip
    who: list[tuple[str | None, str]] = [(model, "engine") for model in 2 * models]
    who += [(None, "server"), (None, "client"), (None, "tracer")]
    for pid, (model, role) in enumerate(who, 100):
        insert(con, "trace_process", f"""SELECT {key}, {"NULL" if model is None else f"'{model}'"}
            AS model, '{role}' AS role, {pid} AS pid, 1 AS created_ns,
            i * 20000000 + hash(i + {pid}) % 2000000 AS cpu_ns,
            4000000000 + hash(i) % 50000000 AS rss_bytes, i * 4096 AS read_bytes,
            0 AS written_bytes, i * 5 AS minor_faults, 0 AS major_faults, 9 AS threads,
            CASE WHEN i % {HZ} = 0 THEN 0 END AS remote_sockets FROM {ticks}""")  # fmt: skip
    for device in ("sda", "sdb"):
        insert(con, "trace_disk", f"""SELECT {key}, '{device}' AS device, i * 4096 AS read_bytes,
            i * 512 AS written_bytes, i AS reads, i AS writes FROM {ticks}""")  # fmt: skip
    for interface in ("lo", "eth0"):
        insert(con, "trace_network", f"""SELECT {key}, '{interface}' AS interface,
            {interface == "lo"} AS loopback, i * 100 AS received_bytes, i * 10 AS sent_bytes
            FROM {ticks}""")  # fmt: skip
    top = "'intel-rapl:0'"
    for zone, name, above, watts in (("0", "package-0", "NULL", 40), ("0:0", "dram", top, 4)):
        insert(con, "trace_energy", f"""SELECT {key}, 'intel-rapl:{zone}' AS zone,
            '{name}' AS name, {above} AS above,
            ({watts} * t_ns // 1000) % 262143328850 AS energy_uj,
            262143328850 AS range_uj FROM {ticks}""")  # fmt: skip
    insert(con, "trace_gpu", f"""SELECT {key}, 0 AS gpu, 'Abacus G' AS name,
        hash(i) % 101 AS utilisation_percent, 9000000000 AS memory_used_bytes,
        24000000000 AS memory_total_bytes, 100000 AS power_mw,
        i // 2 * 2 * 5000 AS energy_mj, 60 AS temperature_c, 0 AS throttle_reasons
        FROM {ticks}""")  # fmt: skip
    for core in (0, 1):
        insert(con, "trace_core", f"""SELECT {key}, {core} AS core, i * 500000000 AS user_ns,
            0 AS throttles, 0 AS throttled_ns FROM {looks}""")  # fmt: skip
    for waited in ("cpu", "memory", "io"):
        insert(con, "trace_pressure", f"""SELECT {key}, 'machine' AS scope,
            '{waited}' AS resource, i * 1000 AS some_ns FROM {looks}""")  # fmt: skip
    insert(con, "trace_cgroup", f"""SELECT {key}, '/ollama' AS cgroup, 2.0 AS cpu_limit_cores,
        i * 10 AS periods, i AS throttled_periods, i * 1000000 AS throttled_ns
        FROM {looks}""")  # fmt: skip
    for sensor in ("package", "nvme"):
        insert(con, "trace_temperature", f"""SELECT {key}, '{sensor}' AS sensor,
            50.0 + hash(i) % 30 AS celsius FROM {looks}""")  # fmt: skip
    for model in models:
        insert(con, "trace_held", f"""SELECT {key}, 'http://127.0.0.1:11434' AS server,
            '{model}' AS name, '{model}' AS model, 4000000000 AS size_bytes, 0 AS vram_bytes,
            4096 AS context_tokens FROM {looks}""")  # fmt: skip


def insert(con: Con, table: str, select: str) -> None:
    con.execute(f"INSERT INTO {table} BY NAME {select}")


if __name__ == "__main__":
    main()
