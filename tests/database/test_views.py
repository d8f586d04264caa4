from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from stages import query
from stages.database.views import comment_of, read_views
from tests.fixtures import build
from tests.powered import power

VIEWS = read_views()


def test_each_comes_after_those_that_it_reads() -> None:
    seen: set[str] = set()
    for name, sql in VIEWS.items():
        words = set(re.findall(r"\w+", re.sub(r"--[^\n]*", "", sql))) - {name}
        assert words & VIEWS.keys() <= seen
        seen.add(name)


@pytest.mark.parametrize("name", VIEWS)
def test_each_says_what_a_row_is(name: str) -> None:
    assert comment_of(VIEWS[name]).startswith("One row")


@pytest.mark.parametrize("name", VIEWS)
def test_none_reads_the_raw_trace_but_for_its_events(name: str) -> None:
    tables = re.findall(r"\btrace_\w+", re.sub(r"--[^\n]*", "", VIEWS[name]))
    assert set(tables) - VIEWS.keys() <= {"trace_events"}


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(power(build(tmp_path_factory.mktemp("run"), chat=True, served=True)))
        query.main([])
        with duckdb.connect(Path("data/results.duckdb").absolute(), read_only=True) as con:
            yield con


@pytest.mark.parametrize("name", VIEWS)
def test_each_answers_and_is_commented(con: duckdb.DuckDBPyConnection, name: str) -> None:
    assert con.execute(f"FROM {name}").fetchall()
    (comment,) = con.execute(
        "SELECT comment FROM duckdb_views() WHERE view_name = ?", [name]
    ).fetchone() or ("",)
    assert comment == comment_of(VIEWS[name])


def test_none_needs_an_extension(con: duckdb.DuckDBPyConnection) -> None:
    assert "json" not in " ".join(VIEWS.values()).lower()
    kinds = con.execute("SELECT DISTINCT data_type FROM duckdb_columns() WHERE NOT internal")
    assert not [kind for (kind,) in kinds.fetchall() if "TIME ZONE" in kind]
