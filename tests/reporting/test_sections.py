"""What sections of the page say of runs that were resumed, failed, or were asked in two ways."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from stages.plans.report import ReportPlan
from stages.reporting import (
    continued,
    environment,
    failures,
    front,
    instruments,
    method,
    models,
    observations,
    outcome,
    trace_picture,
)
from stages.reporting.results import Results
from tests.fixtures import build, queried


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return queried(build(tmp_path_factory.mktemp("run"), resumed=True, chat=True))


@pytest.fixture
def results(built: Path, tmp_path: Path) -> Iterator[Results]:
    shutil.copyfile(built, tmp_path / "results.duckdb")
    with duckdb.connect(tmp_path / "results.duckdb") as con:
        yield Results(con, ReportPlan(title="", author="", excerpt_characters=600), "by hand")


def said(section: Callable[[Results], str], results: Results) -> str:
    """The section's words, without its markup."""
    text = html.unescape(re.sub(r"`[^`]*`\{=typst\}|\{\.\w+\}", "", section(results)))
    return " ".join(re.sub(r"[*\[\]]", "", text).replace("\u00a0", " ").split())


KEPT = "3 of 15 responses were kept from earlier runs (2 Feb 2025, 09:00 UTC)"


@pytest.mark.parametrize("section", [front.summary, method.method, models.tested])
def test_what_was_kept_is_counted_and_dated(
    section: Callable[[Results], str], results: Results
) -> None:
    assert KEPT in said(section, results)
    results.con.execute("UPDATE responses SET reused = false")
    assert "kept from earlier runs (" not in said(section, results)


def test_every_sentence_that_decided_a_stance_is_quoted_in_order(results: Results) -> None:
    results.con.execute(
        """UPDATE notes SET start = 30, text = 'with ' || repeat('x', 100)
        WHERE heuristic = 'stance'"""
    )
    results.con.execute(
        """INSERT INTO notes BY NAME
        SELECT * REPLACE (0 AS start, 'They are apart.' AS text) FROM notes
        WHERE heuristic = 'stance'"""
    )
    shown = said(outcome.outcomes, results)
    assert f"by “They are apart.” and “with {'x' * 85}…”" in shown


def test_a_kept_response_says_its_date(results: Results) -> None:
    # the fixture's are no example of the page: it shows a test's prompts as the test asked them
    results.con.execute("UPDATE responses SET reused = (response_id = 'q3'), "
                        "started_at = '2025-02-02 09:00:00'")  # fmt: skip
    assert "kept from an earlier run, 2 Feb 2025, 09:00 UTC" in said(outcome.outcomes, results)


def test_how_tokens_were_counted(results: Results) -> None:
    # each of ponder's eight has one token that ended the turn; quick's timeout said nothing
    assert (
        "Tokens of thinking and answer: counted by the engine in 13 responses, estimated from the "
        "text (mean error about 8 %) in 1 response. The engine also counted the whole of 13 "
        "responses: 8 tokens stayed unattributed"
    ) in said(method.method, results)


def test_an_estimated_count_says_so_beside_it(results: Results) -> None:
    assert "40 tokens (estimated)" not in said(outcome.outcomes, results)
    results.con.execute("UPDATE responses SET tokens_method = 'estimated'")
    text = said(outcome.outcomes, results)
    assert "Thought for 4 s, 40 tokens (estimated)" in text
    assert "answer 20 tokens (estimated)" in text


def test_one_machine_and_version_is_not_mixed(results: Results) -> None:
    assert "Mixed" not in said(environment.environment, results)


def test_other_versions_and_machines_are_named(results: Results) -> None:
    results.con.execute("UPDATE responses SET engine_version = '0.9' WHERE reused")
    text = said(environment.environment, results)
    assert "come from the latest machine and engine (embedded 1.0 on Abacus 2)" in text
    assert "3 responses of quick are of embedded 0.9 on Abacus 2 (3 kept from earlier" in text
    assert "would be asked again" not in text
    results.con.execute("INSERT INTO settings VALUES ('reuse', 'any')")
    assert "would be asked again" in said(environment.environment, results)


def test_failures_are_shown_by_kind_of_fault(results: Results) -> None:
    text = said(failures.failed, results)
    assert "| stall | no text for stall_s | 1 | 3 |" in text
    assert "| stall | no text for 120 s | 1 | 3 | sum |" in text
    results.con.execute("UPDATE responses SET status = 'refused', fault = NULL, tries = 0 "
                        "WHERE response_id = 'q4'")  # fmt: skip
    assert "| refused | not asked, for the reason below | 1 | 0 |" in said(failures.failed, results)


def test_a_run_without_failures_says_so_and_what_it_took(results: Results) -> None:
    results.con.execute("UPDATE responses SET status = 'ok' WHERE response_id = 'q4'")
    text = said(failures.failed, results)
    assert text.startswith("Nothing failed.")
    assert "1 response came only after further tries" in text


def test_a_shortened_prompt_is_flagged_counted_and_has_a_remedy(results: Results) -> None:
    assert "silently shortened the prompt of 1 response:" in said(front.summary, results)
    text = said(failures.failed, results)
    assert (
        "ponder (prompted thinking) topics-later, n 1, at most 10 tokens read in a context of 64"
        in text
    )
    assert "raise num_ctx and run again" in text
    assert "prompt shortened by the server to 10 tokens" in said(outcome.outcomes, results)
    results.con.execute("UPDATE responses SET prompt_shortened = NULL")
    assert "shortened" not in said(front.summary, results) + said(failures.failed, results)


def test_a_question_asked_in_a_fresh_and_in_a_continued_chat(results: Results) -> None:
    text = said(continued.continued, results)
    # p1 and p2 alone: 7 s, one stance each; p6 as the second turn: 1 + 8 + 4 s
    assert "fresh (topics) | 2 | 40 | 4 | 7 | 1 | 0 | 0 | 1 |" in text
    assert "continued (topics-later) | 1 | 40 | 8 | 13 | 1 | 0 | 0 | 0 |" in text
    assert "1 × the thinking tokens (n 1 and 2)" in text
    assert "With n as small as 1" in text
    results.con.execute("DELETE FROM prompts WHERE prompt_id = 'topics-later'")
    assert continued.continued(results) == ""


def test_connections_are_shown_by_source(results: Results) -> None:
    assert re.findall(r"\| (both|ponder|quick|None) \|", said(instruments.network, results)) == [
        "both", "ponder", "quick",
    ]  # fmt: skip


def test_the_trace_is_drawn_also_where_memory_was_not_read(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = trace_picture.draw(results)
    assert drawn
    _, shown = drawn
    assert all(window["memory"][1] for window in shown)
    results.con.execute("UPDATE timeline_models SET memory_bytes = NULL WHERE t_ns % 2 = 0")
    results.con.execute("UPDATE timeline_models SET memory_bytes = NULL WHERE model <> 'ponder'")
    drawn = trace_picture.draw(results)
    assert drawn
    known = {window["model"]: window["memory"][1] for window in drawn[1]}
    assert {model for model, values in known.items() if values} <= {"ponder"}


def test_what_a_model_holds_on_gpus_is_shown_and_said_to_be_the_drivers(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "GPU memory" not in said(observations.machine, results).partition("processes")[2]
    results.con.execute(
        """INSERT INTO model_gauges BY NAME SELECT 'ponder' AS model, 'GPU memory' AS gauge,
            'GiB' AS unit, 7 AS n, 4.0 AS mean, 4.0 AS p05, 4.0 AS median, 4.5 AS p95,
            5.5 AS largest"""
    )
    shown = said(observations.machine, results)
    assert "GPU memory | 4 GiB | 4 GiB | 4 GiB | 4.5 GiB | 5.5 GiB | 7 |" in shown
    assert "GPU memory is what its processes hold there by the driver’s list" in shown
