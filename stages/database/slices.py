"""Where phases begin and end cuts a session into slices, to which every reading is assigned.

Slice n of a session begins at its n-th edge, 0 being all before the first; between two edges the
same phases are under way throughout. A reading finds its slice by the second that it falls into,
in one hash join: joining 100 million readings with spans by inequality takes ten times as long.

Made here are temporary tables, in the order of ``TABLES``, that the other modules read:

- ``spans``: a row a response and phase, with the model as its trace names it. Two rows of one
  response, as two tests that ask the same may share one, have the same spans: figures are taken
  for the first of them, ``twin``, and serve both.
- ``slices``: ``session_id, slice, start_ns, end_ns``.
- ``running``: a row a twin, phase and slice in it.
- ``seconds``: the slice at the start of each second, ``base``, and the edges within it, ``edges``.
"""

from __future__ import annotations

import duckdb

_SECOND = 1_000_000_000

STEP_NS = 250_000_000
"""What is added up over several processes or devices is added up in steps of this length."""

TABLES = ("spans", "slices", "running", "seconds")

# prefill runs from the request (or the end of loading, where the server reports it) to the first
# token; a thought that never ended lasts until the stream's end.
_SPANS = """
CREATE TEMP TABLE spans AS
WITH timed AS (
    SELECT *,
        least(request_ns + coalesce(load_ns, 0), coalesce(first_token_ns, end_ns)) AS loaded_ns
    FROM responses
    WHERE request_ns IS NOT NULL AND session_id IS NOT NULL
), parts AS (
    SELECT *, 'load' AS phase, request_ns AS a, loaded_ns AS b FROM timed WHERE load_ns > 0
    UNION ALL BY NAME
    SELECT *, 'prefill' AS phase, loaded_ns AS a, first_token_ns AS b FROM timed
    UNION ALL BY NAME
    SELECT *, 'thinking' AS phase, first_token_ns AS a, coalesce(first_answer_ns, end_ns) AS b
    FROM timed WHERE thinking IS NOT NULL
    UNION ALL BY NAME
    SELECT *, 'answer' AS phase,
        CASE WHEN thinking IS NULL THEN first_token_ns ELSE first_answer_ns END AS a, end_ns AS b
    FROM timed WHERE answer IS NOT NULL
)
SELECT response_id, phase, session_id, coalesce(traced_as, model) AS model,
    a AS start_ns, b AS end_ns,
    min(response_id) OVER (
        PARTITION BY session_id, coalesce(traced_as, model), phase, a, b
    ) AS twin
FROM parts WHERE a <= b
"""

_SLICES = """
CREATE TEMP TABLE slices AS
WITH edges AS (
    SELECT DISTINCT session_id, unnest([start_ns, end_ns]) AS start_ns
    FROM spans WHERE end_ns > start_ns
)
SELECT session_id, row_number() OVER later AS slice, start_ns, lead(start_ns) OVER later AS end_ns
FROM edges WINDOW later AS (PARTITION BY session_id ORDER BY start_ns)
"""

_RUNNING = """
CREATE TEMP TABLE running AS
SELECT s.response_id, s.phase, s.session_id, s.model, unnest(range(a.slice, b.slice)) AS slice
FROM spans s
JOIN slices a ON a.session_id = s.session_id AND a.start_ns = s.start_ns
JOIN slices b ON b.session_id = s.session_id AND b.start_ns = s.end_ns
WHERE s.response_id = s.twin AND s.end_ns > s.start_ns
"""

_SECONDS = f"""
CREATE TEMP TABLE seconds AS
WITH readings AS (
    SELECT session_id, t_ns FROM trace_system
    UNION ALL SELECT session_id, t_ns FROM trace_process
    UNION ALL SELECT session_id, t_ns FROM trace_gpu
), extents AS (
    SELECT session_id, min(t_ns) // {_SECOND} AS first, max(t_ns) // {_SECOND} AS last
    FROM readings GROUP BY session_id
), each_second AS (
    SELECT session_id, unnest(range(first, last + 1)) AS second FROM extents
), cut AS (
    SELECT session_id, start_ns // {_SECOND} AS second, list(start_ns) AS edges,
        max(slice) AS slice
    FROM slices GROUP BY ALL
)
SELECT e.session_id, e.second, c.edges, coalesce(p.slice, 0) AS base
FROM each_second e
LEFT JOIN cut c ON c.session_id = e.session_id AND c.second = e.second
ASOF LEFT JOIN cut p ON p.session_id = e.session_id AND e.second > p.second
"""


def build_slices(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables of ``TABLES`` from ``responses`` and the trace."""
    for statement in (_SPANS, _SLICES, _RUNNING, _SECONDS):
        con.execute(statement)


def sliced(table: str, where: str = "true") -> str:
    """A subquery: the rows of a trace table with their ``slice``."""
    return f"""(
        SELECT r.*,
            s.base + coalesce(len(list_filter(s.edges, lambda edge: edge <= r.t_ns)), 0) AS slice
        FROM {table} r
        JOIN seconds s ON s.session_id = r.session_id AND s.second = r.t_ns // {_SECOND}
        WHERE {where}
    )"""


def used(first_and_last: str, keys: str, counters: tuple[str, ...]) -> str:
    """A query: what each subject's counters gained in each slice from its first to its last.

    ``first_and_last`` has a row a subject (``keys``, separated by commas) and slice that holds
    readings of it: ``first_ns, last_ns`` and, of each counter, ``NAME_first`` and ``NAME_last``.
    At an edge a counter stands where the line between the readings around it does; before a
    subject's first reading and after its last, where it stood there.
    """
    names = keys.split(", ")
    before = " AND ".join(f"b.{key} = e.{key}" for key in names)
    after = " AND ".join(f"a.{key} = e.{key}" for key in names)
    at_edge = ", ".join(_at_edge(name) for name in counters)
    gained = ", ".join(_gained(name) for name in counters)
    return f"""
    WITH known AS (
        FROM {first_and_last}
    ), lives AS (
        SELECT {keys}, unnest(range(min(slice), max(slice) + 2)) AS slice FROM known GROUP BY {keys}
    ), edges AS (
        SELECT {", ".join(f"l.{key}" for key in names)}, l.slice, s.start_ns AS t_ns
        FROM lives l
        JOIN slices s ON s.session_id = l.session_id AND s.slice = l.slice
    ), standing AS (
        SELECT e.*, {at_edge}
        FROM edges e
        ASOF LEFT JOIN known b ON {before} AND e.slice > b.slice
        ASOF LEFT JOIN known a ON {after} AND e.slice <= a.slice
    )
    SELECT {keys}, slice, {gained}
    FROM standing
    WINDOW later AS (PARTITION BY {keys} ORDER BY slice)
    QUALIFY lead(slice) OVER later IS NOT NULL
    """


def _at_edge(name: str) -> str:
    """A counter at an edge: between the readings around it, or the only one that there is."""
    return f"""CASE
        WHEN b.{name}_last IS NULL THEN a.{name}_first
        WHEN a.{name}_first IS NULL THEN b.{name}_last
        ELSE b.{name}_last + (a.{name}_first - b.{name}_last)::DOUBLE
            * (e.t_ns - b.last_ns) / (a.first_ns - b.last_ns)
    END AS {name}"""


def _gained(name: str) -> str:
    """What a counter gained until the next edge; one that goes back was read wrongly."""
    return f"""CASE WHEN lead({name}) OVER later < {name} THEN 0
        ELSE lead({name}) OVER later - {name} END AS {name}"""
