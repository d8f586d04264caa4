"""The ``rounds`` table: whether the models of a side-by-side round were truly there at once.

Asking several models at the same moment proves nothing: a server that can't hold them all answers
one after the other. So each round is held against the trace: in every reading while all requests
were under way each model must have had a process, and, where its server was asked, must have been
among what that server held.
"""

from __future__ import annotations

import duckdb
import polars as pl

from stages.columns import Column

ROUNDS = (
    Column("test", pl.String, "", "The side-by-side test."),
    Column("prompt_id", pl.String, "", "The prompt."),
    Column("epoch", pl.Int64, "", "Repetition, from 1."),
    Column("turn", pl.Int64, "", "Turn of the conversation, from 1."),
    Column("session_id", pl.String, "", "The measuring process's run."),
    Column("models", pl.Int64, "", "Models that were asked."),
    Column("skew_ms", pl.Float64, "ms", "From the first request to the last."),
    Column("start_ns", pl.Int64, "ns", "Monotonic time from which all were under way."),
    Column("end_ns", pl.Int64, "ns", "Monotonic time at which the first of them was done."),
    Column("readings", pl.Int64, "readings", "Of processes and of servers, in between."),
    Column("failed", pl.Int64, "", "How many of the models failed."),
    Column(
        "overlapped",
        pl.Boolean,
        "",
        "Whether all had begun to write before the first was done; null if one never wrote.",
    ),
    Column(
        "together",
        pl.Boolean,
        "",
        "Whether all were in memory all that time; false: they took turns; null: it can't be told.",
    ),
)

DERIVED: dict[str, tuple[Column, ...]] = {"rounds": ROUNDS}

_KEYS = "test, prompt_id, epoch, turn, session_id"
# Two tests that ask the same share a round: its readings are counted once and serve both.
_WINDOW = "session_id, start_ns, end_ns"
_OF_WINDOW = "w.session_id, w.start_ns, w.end_ns"
_SECOND = 1_000_000_000
_IN_SECOND = f"w.session_id = t.session_id AND w.second = t.t_ns // {_SECOND}"

# By chance a lane's first or last reading may fall out of the window where another's falls into it.
_IN_ALL = "{n} >= greatest(1, {whole} - 2)"

_ROUNDS = f"""
INSERT INTO rounds
WITH asked AS (
    SELECT {_KEYS}, coalesce(traced_as, model) AS model, request_ns, first_token_ns, end_ns,
        status NOT IN ('ok', 'truncated') AS failed
    FROM responses WHERE arm = 'together' AND request_ns IS NOT NULL AND session_id IS NOT NULL
), spans AS (
    SELECT {_KEYS}, count(*) AS models, (max(request_ns) - min(request_ns)) / 1e6 AS skew_ms,
        max(request_ns) AS start_ns, min(end_ns) AS end_ns,
        CASE WHEN count(*) = count(first_token_ns) THEN max(first_token_ns) < min(end_ns) END
            AS overlapped, count(*) FILTER (failed) AS failed
    FROM asked GROUP BY ALL
), windows AS (
    -- by the second: joined by equality, which takes a tenth of the time of an inequality
    SELECT DISTINCT {_WINDOW},
        unnest(range(start_ns // {_SECOND}, end_ns // {_SECOND} + 1)) AS second
    FROM spans
), members AS (
    SELECT DISTINCT {_KEYS}, a.model, s.start_ns, s.end_ns
    FROM asked a JOIN spans s USING ({_KEYS})
), ticks AS (
    SELECT {_OF_WINDOW}, count(*) AS n
    FROM trace_system t
    JOIN windows w ON {_IN_SECOND}
    WHERE t.t_ns BETWEEN w.start_ns AND w.end_ns GROUP BY ALL
), seen AS (
    SELECT DISTINCT session_id, model FROM trace_process WHERE role = 'engine'
), processes AS (
    SELECT {_OF_WINDOW}, t.model, count(DISTINCT t.t_ns) AS n
    FROM (SELECT session_id, model, t_ns FROM trace_process WHERE role = 'engine') t
    JOIN windows w ON {_IN_SECOND}
    WHERE t.t_ns BETWEEN w.start_ns AND w.end_ns GROUP BY ALL
), homes AS (
    SELECT session_id, model, any_value(server) AS server
    FROM trace_held WHERE model IS NOT NULL GROUP BY ALL
), looks AS (
    SELECT {_OF_WINDOW}, t.server, t.model, t.t_ns
    FROM trace_held t
    JOIN windows w ON {_IN_SECOND}
    WHERE t.t_ns BETWEEN w.start_ns AND w.end_ns
), servers AS (
    SELECT {_WINDOW}, server, count(DISTINCT t_ns) AS n FROM looks GROUP BY ALL
), held AS (
    SELECT {_WINDOW}, model, count(DISTINCT t_ns) AS n FROM looks GROUP BY ALL
), placed AS (
    SELECT m.*, e.model IS NOT NULL AS seen, o.server
    FROM members m
    LEFT JOIN seen e USING (session_id, model)
    LEFT JOIN homes o USING (session_id, model)
), each_model AS (
    SELECT {_KEYS}, model, k.n AS ticks, v.n AS looks,
        CASE WHEN seen AND k.n > 0
            THEN {_IN_ALL.format(n="coalesce(p.n, 0)", whole="k.n")} END AS by_process,
        CASE WHEN v.n > 0
            THEN {_IN_ALL.format(n="coalesce(h.n, 0)", whole="v.n")} END AS by_server
    FROM placed
    LEFT JOIN ticks k USING ({_WINDOW})
    LEFT JOIN processes p USING ({_WINDOW}, model)
    LEFT JOIN servers v USING ({_WINDOW}, server)
    LEFT JOIN held h USING ({_WINDOW}, model)
), judged AS (
    SELECT {_KEYS},
        max(coalesce(ticks, 0)) + max(coalesce(looks, 0)) AS readings,
        bool_and(coalesce(by_process AND by_server, by_process, by_server)) AS resident,
        bool_and(coalesce(by_process, by_server) IS NOT NULL) AS known
    FROM each_model GROUP BY ALL
)
SELECT s.test, s.prompt_id, s.epoch, s.turn, s.session_id, s.models, s.skew_ms, s.start_ns,
    s.end_ns, j.readings, s.failed, s.overlapped,
    CASE WHEN NOT j.resident THEN false
        WHEN j.known THEN true
        -- nothing could be read of some: that all wrote at once shows it all the same
        WHEN s.overlapped THEN true END AS together
FROM spans s JOIN judged j USING ({_KEYS}) JOIN tests t USING (test)
WHERE s.models = len(t.roster)  -- after one has failed, the others are asked without it
ORDER BY s.test, s.session_id, s.start_ns
"""


def build_rounds(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``rounds`` from ``responses`` and the trace."""
    con.execute(_ROUNDS)
