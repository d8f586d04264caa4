"""Stage ``query``: every table of the run into one database, with the views that answer questions.

Reads ``data/plan``, ``data/models``, ``data/responses``, ``data/sidebyside``, ``data/imported``,
``data/transcripts``, ``data/scores`` and ``data/validation.json``; writes ``data/results.duckdb``,
``metrics.json``, ``data/plots`` and ``data/failures.json``.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from stages.database import digest, limits, observations, phase_energy, rounds, timeline
from stages.database.ddl import create_tables
from stages.database.digest import build_digest
from stages.database.limits import build_limits
from stages.database.loading import PLANNED, load
from stages.database.macros import create_macros
from stages.database.metrics import failures, metrics, write_plots
from stages.database.observations import build_observations
from stages.database.phases import build_phases
from stages.database.rounds import build_rounds
from stages.database.timeline import build_timeline
from stages.database.views import create_views
from stages.errors import run
from stages.files import replacing, write_json
from stages.machine import usable_cores
from stages.plans.query import QueryPlan
from stages.tables import TABLES

DATABASE = Path("data/results.duckdb")

DERIVED = (
    timeline.DERIVED
    | observations.DERIVED
    | rounds.DERIVED
    | digest.DERIVED
    | limits.DERIVED
    | phase_energy.DERIVED
)
"""What is derived once, beside ``phases``: no view reads the raw trace."""

BUILDS = (
    build_phases,
    build_rounds,
    build_timeline,
    build_observations,
    build_digest,
    build_limits,
)
"""Fill ``phases`` and the tables of ``DERIVED``."""


def main(_arguments: list[str]) -> None:
    """Build the database beside its place, then move it there and write what is read from it."""
    plan = QueryPlan.read(Path("data/plan/query.json"))
    sources = [*(m.key for m in plan.models), *(t.name for t in plan.tests), *plan.imports]
    with (
        replacing(DATABASE) as part,
        duckdb.connect(part, config={"threads": usable_cores()}) as con,
    ):
        # By a wrong guess DuckDB joins the trace in nested loops, in quadratic time.
        con.execute("SET asof_loop_join_threshold = 0")
        create_tables(con, TABLES | PLANNED | DERIVED)
        create_macros(con)
        load(con, plan)
        for build in BUILDS:
            build(con)
        create_views(con)
        write_json(Path("metrics.json"), metrics(con))
        write_plots(con, Path("data/plots"))
        counted = failures(con, sources)
        write_json(Path("data/failures.json"), counted)
        con.execute("CHECKPOINT")
    failed = f", {counted['failed']} of them failed" if counted["failed"] else ""
    print(f"query: {counted['responses']} responses{failed} -> {DATABASE}")


if __name__ == "__main__":
    run(main)
