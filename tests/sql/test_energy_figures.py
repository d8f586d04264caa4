"""Joules a response, a phase and a token, as ``tests/powered.py`` has them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stages.database.metrics import metrics
from tests.fixtures import build, queried
from tests.powered import power

Con = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return queried(power(build(tmp_path_factory.mktemp("run"))))


@pytest.fixture
def con(built: Path, tmp_path: Path) -> Iterator[Con]:
    """A copy of the fixture's database, open to be changed."""
    shutil.copyfile(built, tmp_path / "results.duckdb")
    with duckdb.connect(tmp_path / "results.duckdb") as con:
        yield con


def rows(con: Con, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def approx(*values: float) -> Any:
    return pytest.approx(values, rel=0.01)


def medians(con: Con, model: str) -> dict[str, float]:
    sql = f"SELECT measure, median FROM model_summary WHERE model = '{model}'"
    return dict(rows(con, sql))


def test_joules_a_response_and_a_token(con: Con) -> None:
    quick, ponder = medians(con, "quick"), medians(con, "ponder")
    assert (quick["energy_j"], quick["energy_idle_j"]) == approx(111, 36)
    assert quick["energy_j_per_token"] == pytest.approx(111 / 20, rel=0.01)
    assert "thinking_energy_j" not in quick
    assert (ponder["energy_j"], ponder["thinking_energy_j"]) == approx(279, 168)
    assert ponder["energy_j_per_token"] == pytest.approx(279 / 61, rel=0.01)
    assert ponder["energy_j_per_thinking_token"] == pytest.approx(168 / 40, rel=0.01)
    assert 0 < ponder["energy_error_j"] < 28
    assert metrics(con)["models"]["ponder"]["energy_j_per_response"] == pytest.approx(279, rel=0.01)


def test_joules_a_phase(con: Con) -> None:
    sql = """SELECT phase, n_energy, energy_j, energy_idle_j, energy_of FROM thinking_cost
        WHERE model = 'ponder'"""
    of = ["dram", "package-0"]
    assert [(*row[:2], row[4]) for row in rows(con, sql)] == [
        ("prefill", 4, of), ("thinking", 4, of), ("answer", 4, of),
    ]  # fmt: skip
    assert [row[2] for row in rows(con, sql)] == approx(27, 168, 84)
    assert [row[3] for row in rows(con, sql)] == approx(12, 48, 24)
    sql = "SELECT energy_j_per_token FROM thinking_cost WHERE model = 'ponder'"
    assert [row[0] for row in rows(con, sql)] == [
        None, pytest.approx(168 / 40, rel=0.01), pytest.approx(84 / 20, rel=0.01),
    ]  # fmt: skip


def test_sums_over_fewer_devices_do_not_count(con: Con) -> None:
    con.execute("UPDATE phases SET energy_of = ['dram'], energy_j = 1 WHERE response_id = 'p1'")
    sql = "SELECT n FROM model_summary WHERE model = 'ponder' AND measure = 'energy_j'"
    assert rows(con, sql) == [(3,)]
    assert medians(con, "ponder")["energy_j"] == pytest.approx(279, rel=0.01)


def test_a_response_with_a_phase_unmeasured_has_no_joules(con: Con) -> None:
    con.execute("UPDATE phases SET energy_j = NULL WHERE phase = 'prefill' AND response_id = 'p1'")
    sql = "SELECT n FROM model_summary WHERE model = 'ponder' AND measure = 'energy_j'"
    assert rows(con, sql) == [(3,)]


def test_the_account_of_each_device(con: Con) -> None:
    sql = """SELECT device, sessions, total_j, attributed_j + unattributed_j, idle_w, seconds
        FROM energy_devices"""
    found = {row[0]: row[1:] for row in rows(con, sql)}
    assert found.keys() == {"dram", "package-0"}
    sessions, total, parts, idle, seconds = found["dram"]
    assert sessions == 3
    assert (total, parts, idle) == approx(2 * seconds, total, 2)
    _, total, parts, idle, _ = found["package-0"]
    assert (parts, idle) == approx(total, 10)


def test_an_estimate_is_a_measure_of_its_own(con: Con) -> None:
    assert "energy_estimate_j" not in medians(con, "quick")
    con.execute("UPDATE phases SET energy_estimate_j = 7, energy_j = NULL")
    assert medians(con, "quick")["energy_estimate_j"] == 14  # two phases
    assert "energy_j" not in medians(con, "quick")


def test_what_held_the_machine_back(con: Con) -> None:
    sql = """SELECT watched, subject, detail, unit, sessions, happened, value FROM machine_limits
        WHERE happened > 0"""
    assert rows(con, sql) == [
        ("heat", "core 1", "0 s in all", "times", 3, 3, 3),
        ("cpu_limit", "/user.slice/<b>x", "allowed cores: 2", "s", 3, 3, 2),
    ]
    sql = "SELECT DISTINCT watched FROM machine_limits WHERE happened = 0 ORDER BY 1"
    assert [row[0] for row in rows(con, sql)] == ["memory_limit", "out_of_memory", "temperature"]
