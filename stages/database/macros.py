"""Statistics that the views share, as macros inside the database: they work in any client."""

from __future__ import annotations

import duckdb

MACROS = (
    # Ends of Wilson's 95 % interval for a share of k in n (E. B. Wilson, 1927); null where n = 0.
    """CREATE MACRO wilson_low(k, n) AS CASE WHEN n > 0 THEN greatest(0,
        (k + 1.9207 - 1.96 * sqrt(k * (n - k) / n + 0.9604)) / (n + 3.8415)) END""",
    """CREATE MACRO wilson_high(k, n) AS CASE WHEN n > 0 THEN least(1,
        (k + 1.9207 + 1.96 * sqrt(k * (n - k) / n + 0.9604)) / (n + 3.8415)) END""",
    # Rank r such that the r-th smallest and r-th largest of n values hold the median in at least
    # 95 % of samples, whatever their distribution (order statistics, from the binomial); 0 for
    # n < 6, where even smallest and largest hold it less often. Beyond 100 the normal
    # approximation, rounded outwards.
    """CREATE MACRO median_rank(n) AS CASE WHEN n > 100
        THEN CAST(floor(n / 2 - 0.98 * sqrt(n)) AS BIGINT)
        ELSE len(list_filter(range(0, n // 2), lambda j:
            list_sum(list_transform(range(0, j + 1), lambda i:
                exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) - n * ln(2)))) <= 0.025))
        END""",
    """CREATE MACRO median_low(x) AS (list(x ORDER BY x) FILTER (x IS NOT NULL))[
        greatest(1, median_rank(count(x)))]""",
    """CREATE MACRO median_high(x) AS (list(x ORDER BY x DESC) FILTER (x IS NOT NULL))[
        greatest(1, median_rank(count(x)))]""",
    # What low and high are: too few values have no interval, only a smallest and a largest.
    "CREATE MACRO interval_kind(n) AS CASE WHEN n < 6 THEN 'min–max' ELSE '95 %' END",
)


def create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Create them all."""
    for macro in MACROS:
        con.execute(macro)
