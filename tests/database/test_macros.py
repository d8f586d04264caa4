from __future__ import annotations

from collections.abc import Iterator
from math import comb

import duckdb
import pytest

from stages.database.macros import create_macros


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        create_macros(con)
        yield con


def exact_rank(n: int) -> int:
    """The largest r with P(fewer than r of n below the median) at most 2.5 %."""
    total, rank = 0.0, 0
    for below in range(n):
        total += comb(n, below) / 2**n
        if total > 0.025:
            break
        rank = below + 1
    return rank


def test_ranks_are_the_binomials(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute("SELECT n, median_rank(n) FROM range(1, 101) t(n)").fetchall()
    assert found == [(n, exact_rank(n)) for n in range(1, 101)]


def test_large_samples_err_outwards(con: duckdb.DuckDBPyConnection) -> None:
    for n in (101, 500, 2_000):
        (rank,) = con.execute("SELECT median_rank(?)", [n]).fetchone() or (0,)
        assert exact_rank(n) - 2 <= rank <= exact_rank(n)


def test_median_interval_of_six_is_its_ends(con: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT median_low(x), median_high(x), interval_kind(count(x)) FROM (VALUES {}) t(x)"
    assert con.execute(sql.format("(6),(1),(5),(2),(4),(3)")).fetchone() == (1, 6, "95 %")
    assert con.execute(sql.format("(3),(NULL),(1)")).fetchone() == (1, 3, "min–max")


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)],  # Wilson's, by tables
)
def test_wilson(con: duckdb.DuckDBPyConnection, k: int, n: int, low: float, high: float) -> None:
    found = con.execute("SELECT wilson_low($k, $n), wilson_high($k, $n)", {"k": k, "n": n})
    assert found.fetchone() == pytest.approx((low, high), abs=1e-4)


def test_no_sample_no_interval(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("SELECT wilson_low(0, 0), wilson_high(0, 0)").fetchone() == (None, None)
