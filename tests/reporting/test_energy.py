"""What the page says of joules and of what held the machine back (``tests/powered.py``)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from stages.plans.report import ReportPlan
from stages.reporting import cost, energy, instruments, observations
from stages.reporting.energy import with_error
from stages.reporting.results import Results
from tests.fixtures import build, queried
from tests.powered import power
from tests.reporting.test_escape import HOSTILE
from tests.reporting.test_sections import said


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return queried(power(build(tmp_path_factory.mktemp("run"))))


@pytest.fixture
def results(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Results]:
    monkeypatch.chdir(tmp_path)  # where pictures go
    shutil.copyfile(built, tmp_path / "results.duckdb")
    with duckdb.connect(tmp_path / "results.duckdb") as con:
        yield Results(con, ReportPlan(title="", author="", excerpt_characters=600), "by hand")


def unmeasured(results: Results) -> None:
    """As if nothing had measured energy."""
    results.con.execute("DELETE FROM energy_account")
    results.con.execute(
        "UPDATE phases SET energy_j = NULL, energy_of = NULL, energy_reason = '/x/y: hidden; do so'"
    )


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [(12.34, 0.456, "12.3 J ± 0.5"), (1200.0, 31.0, "1,200 J ± 30"), (None, 1.0, "–"),
     (5.0, None, "5 J")],
)  # fmt: skip
def test_a_figure_with_what_it_leaves_open(
    value: float | None, error: float | None, text: str
) -> None:
    assert with_error(value, error).replace("\u00a0", " ") == text


def test_joules_stand_beside_each_phase(results: Results) -> None:
    text = said(cost.cost, results)
    assert "| thinking | 4 s (all alike), n 4 | 57 % | 8 s | 2 | 168 J ±" in text
    assert "| 48 J |" in text
    assert "Energy is that of dram, package-0, by counter" in text


def test_joules_of_a_response_and_of_a_token(results: Results) -> None:
    text = said(energy.energy, results)
    assert "| ponder prompted thinking demo | 279 J" in text
    assert "| package-0 | counter, which steps each 1 ms | 10 W" in text
    assert "goes to the model that runs" in text
    assert "Estimated" not in text


def test_phases_without_joules_are_counted(results: Results) -> None:
    results.con.execute(
        """UPDATE phases SET energy_j = NULL, energy_reason = 'the machine was suspended meanwhile'
        WHERE response_id = 'p1'"""
    )
    text = said(energy.energy, results)
    assert "3 phases have no figure, as the machine was suspended meanwhile" in text
    assert "Where it lacks: the machine was suspended meanwhile." in said(cost.cost, results)


def test_nothing_measured_is_one_line_with_the_remedy(results: Results) -> None:
    unmeasured(results)
    text = said(energy.energy, results)
    assert text.startswith("No energy was measured. …/y: hidden; do so. ")
    assert "|" not in text
    assert " J " not in said(cost.cost, results)


def test_an_estimate_is_labelled_as_one(results: Results) -> None:
    unmeasured(results)
    results.con.execute("UPDATE phases SET energy_estimate_j = 5")
    text = said(energy.energy, results)
    assert "Estimated, not measured: quick 10 J (all alike), n 3; ponder (prompted" in text


def test_the_platform_is_not_added(results: Results) -> None:
    results.con.execute(
        """INSERT INTO energy_account SELECT * REPLACE ('psys' AS device, NULL AS attributed_j,
        NULL AS unattributed_j) FROM energy_account WHERE device = 'package-0'"""
    )
    text = said(energy.energy, results)
    assert "psys is nearly the whole machine" in text
    assert text.index("| package-0 |") < text.index("| psys |")


def test_memory_and_faults_of_each_phase(results: Results) -> None:
    text = said(cost.cost, results)
    assert "| thinking | 0.195 GiB | 0.195 GiB | 0 MiB | – |" in text
    assert "GPU busy" not in text
    results.con.execute("UPDATE phases SET gpu_utilisation = 50, major_faults = 3")
    assert "| thinking | 0.195 GiB | 0.195 GiB | 0 MiB | 3 | 50 % |" in said(cost.cost, results)


def test_a_models_processes_have_distributions(results: Results) -> None:
    text = said(observations.machine, results)
    assert "| ponder prompted thinking demo cores | " in text


# what held it back


def test_what_held_the_machine_back_is_listed(results: Results) -> None:
    text = said(instruments.measuring, results)
    assert "| Core slowed by heat | core 1 | 3 times | 0 s in all | 3 of 3 |" in text
    assert "| 2 s | allowed cores: 2 | 3 of 3 |" in text
    assert "Not to be watched here: the GPUs’ clocks, time spent waiting (PSI)" in text
    assert "Hottest: chip <i> 80 °C." in text


def test_nothing_that_held_it_back_is_one_sentence(results: Results) -> None:
    results.con.execute("UPDATE limits SET happened = false")
    text = said(instruments.measuring, results)
    assert "Nothing was seen to hold the machine back. Watched: the cores’ heat, the" in text
    assert "Control group, not reached: allowed cores: 2." in text
    assert "Core slowed" not in text


def test_without_anything_watched_nothing_is_said(results: Results) -> None:
    results.con.execute("DELETE FROM limits")
    assert "hold the machine back" not in said(instruments.measuring, results)


def test_the_tracers_own_cost(results: Results) -> None:
    text = said(instruments.measuring, results)
    assert (
        "how many came late or were missed isn’t known), and took at most 1 % of one core" in text
    )
    assert "and 20 MiB of memory itself." in text
    results.con.execute(
        """INSERT INTO trace_events (session_id, kind, value)
        VALUES ('session-quick', 'late', 2), ('session-quick', 'missed', 0)"""
    )
    assert "2 late, 0 missed, unknown in 2 sessions)" in said(instruments.measuring, results)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_names_of_devices_and_groups_are_text(results: Results, hostile: str) -> None:
    for table, column in (("energy_account", "device"), ("limits", "subject"),
                          ("limits", "detail"), ("phases", "energy_reason")):  # fmt: skip
        results.con.execute(f"UPDATE {table} SET {column} = ?", [hostile])
    results.con.execute("UPDATE phases SET energy_of = [?]", [hostile])
    for section in (cost.cost, energy.energy, instruments.measuring):
        assert hostile not in section(results)
