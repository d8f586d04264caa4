"""What the page says of servers, clocks and repeats, also where a server says something hostile."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pypandoc
import pytest

from stages.database import digest
from stages.plans.report import ReportPlan
from stages.reporting import instruments, repeating, server, together
from stages.reporting.escape import visible, without_folders
from stages.reporting.fallback import FORMAT
from stages.reporting.results import Results, engine_name
from tests.fixtures import build, queried
from tests.reporting.test_escape import HOSTILE
from tests.reporting.test_sections import said


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return queried(build(tmp_path_factory.mktemp("run"), served=True))


@pytest.fixture
def results(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Results]:
    monkeypatch.chdir(tmp_path)  # where pictures go
    shutil.copyfile(built, tmp_path / "results.duckdb")
    with duckdb.connect(tmp_path / "results.duckdb") as con:
        yield Results(con, ReportPlan(title="", author="", excerpt_characters=600), "by hand")


def redigested(results: Results) -> None:
    """Build anew what is built of the trace."""
    for table in digest.DERIVED:
        results.con.execute(f"DELETE FROM {table}")
    digest.build_digest(results.con)


# said again


def test_the_same_again_is_told_by_model_and_for_the_engine(results: Results) -> None:
    text = said(repeating.repeating, results)
    rates = "| ollama 1.0 | 100 % (21–100), 1 of 1 | 50 % (9–91), 1 of 2 |"
    assert f"| ponder prompted thinking demo {rates}" in text
    assert f"| all models {rates}" in text
    # ponder's topics with seed 1 in three arms, and topics and sum over two epochs
    repeats = "100 % (21–100), 1 of 1 | 50 % (9–91), 1 of 2 |"
    assert f"| ponder prompted thinking demo | {repeats}" in text


def test_what_is_in_a_cache_is_said_of_the_engine_that_has_one(results: Results) -> None:
    text = said(repeating.repeating, results)
    assert "Ollama then has the prompt in its cache, the embedded engine reads it afresh" in text


def test_nothing_asked_twice_is_said(results: Results) -> None:
    results.con.execute("DELETE FROM responses WHERE arm <> 'imported'")
    results.con.execute("DELETE FROM trace_events")
    assert said(repeating.repeating, results) == "No question was asked twice."


def test_who_else_was_in_memory_is_named(results: Results) -> None:
    text = said(server.server, results)
    assert (
        "In 2 of 4 responses that ran by themselves in Ollama its server held no other model; it "
        "also held others: ponder (prompted thinking) beside stranger in 1; of 1 it didn’t say."
    ) in text
    results.con.execute("UPDATE responses SET also_held = []")
    text = said(server.server, results)
    assert "In 4 of 4 responses that ran by themselves in Ollama its server held no other" in text
    assert "it also held" not in text and "didn’t say" not in text


def test_a_server_that_holds_something_else_each_time_fills_no_page(results: Results) -> None:
    results.con.execute(
        """INSERT INTO responses SELECT r.* REPLACE (i || 'x' AS response_id,
            [repeat(i::VARCHAR, 999)] AS also_held)
        FROM responses r, range(10, 40) t(i) WHERE r.response_id = 'p1'"""
    )
    text = said(server.server, results)
    assert "; and others still in 26;" in text  # 31 such, 5 of them shown
    assert len(text) < 4000


def test_a_reload_is_said_with_what_it_befell(results: Results) -> None:
    assert (
        "Another process took over a model’s work, unasked: ponder (prompted thinking) 1 time, 1 "
        "of them in the middle of a response. What is measured there includes the reload."
    ) in said(server.server, results)
    results.con.execute("DELETE FROM trace_events WHERE kind = 'runner_reloaded'")
    assert "unasked" not in said(server.server, results)


def test_what_the_server_held_is_shown_by_its_own_reckoning(results: Results) -> None:
    # one of two looks found it
    shown_once = "| ponder prompted thinking demo | 0.5 GiB | 25 % | 256 | 1 of 2 |"
    assert shown_once in said(server.server, results)
    results.con.execute("DELETE FROM trace_held")
    redigested(results)
    assert "Held by Ollama" not in said(server.server, results)
    results.con.execute(
        """INSERT INTO trace_held
        SELECT 'first', t, 'http://s', n, m, NULL, s * 1073741824::BIGINT, 1073741824, c, 9
        FROM (VALUES (1, 'p:1', 'ponder', 2, 512), (2, 'p:1', 'ponder', 4, 1024),
            (2, 'z:1', NULL, 9, 64), (3, NULL, NULL, NULL, NULL)) v(t, n, m, s, c)"""
    )
    redigested(results)
    text = said(server.server, results)
    # 4 GiB at most, half of 2 GiB on a GPU at most, in 2 of 3 looks; the stranger has no row
    assert "| ponder prompted thinking demo | 4 GiB | 50 % | 512 to 1,024 | 2 of 3 |" in text


def test_without_a_server_nothing_is_said_of_it(results: Results) -> None:
    results.con.execute("UPDATE responses SET engine = 'embedded'")
    results.con.execute("DELETE FROM trace_events")
    results.con.execute("DELETE FROM trace_held")
    redigested(results)
    assert server.server(results) == ""


def test_an_engine_is_named_once(results: Results) -> None:
    for version, name in (("ollama 0.24.0", "ollama 0.24.0"), ("0.24", "ollama 0.24"),
                          (None, "ollama"), ("ollamas", "ollama ollamas")):  # fmt: skip
        shown = html.unescape(engine_name({"engine": "ollama", "engine_version": version}))
        assert shown == name


# the instruments


def test_what_could_not_be_read_is_told_with_its_reason(results: Results) -> None:
    text = said(instruments.measuring, results)
    assert "| GPU | all | no NVIDIA library on this machine | 3 of 3 |" in text
    results.con.execute(
        """INSERT INTO trace_events (session_id, kind, lane, subject, detail) VALUES
        ('session-ponder', 'lane_missing', 'held', 'http://127.0.0.1:9', '/home/me/x: refused')"""
    )
    text = said(instruments.measuring, results)
    assert "| models in memory | http://127.0.0.1:9 | …/x: refused | 1 of 3 |" in text
    results.con.execute("DELETE FROM trace_events")
    assert "Not read" not in said(instruments.measuring, results)


def test_of_many_reasons_some_are_shown_and_the_rest_counted(results: Results) -> None:
    results.con.execute(
        """INSERT INTO trace_events (session_id, kind, lane, detail)
        SELECT 'session-ponder', 'lane_missing', 'disk', i || repeat('y', 999)
        FROM range(25) t(i)"""
    )
    text = said(instruments.measuring, results)
    assert text.count("| disks |") == 20
    assert "6 more reasons not shown" in text
    assert "y" * 301 not in text


def test_two_clocks_stand_side_by_side(results: Results) -> None:
    # 0.25 s of 7 are left over, in each of four
    row = "| – | 1 s | 5.75 s | 7 s | 0.25 s | 3.6 % (3.6–3.6), n 4 |"
    assert f"ponder prompted thinking demo {row}" in said(instruments.measuring, results)
    results.con.execute("DELETE FROM responses WHERE response_id IN ('p1', 'p2', 'p3')")
    assert "| 3.6 %, n 1 |" in said(instruments.measuring, results)
    results.con.execute("UPDATE responses SET decode_ns = NULL")
    assert "Two clocks" not in said(instruments.measuring, results)


# side by side


def test_models_that_ran_at_once_are_told_so(results: Results) -> None:
    text = said(together.sidebyside, results)
    assert "n 1 round, all in memory at once in 1, all writing at once in 1" in text
    assert "took turns" not in text and "can’t be told" not in text


def test_models_that_took_turns_are_told_so_in_place_of_a_slowdown(results: Results) -> None:
    results.con.execute("UPDATE rounds SET together = false, overlapped = false")
    text = said(together.sidebyside, results)
    assert "both: the models took turns in 1 of 1 round: they were asked at the same" in text
    assert "overthink journal clear both and dvc repro --force sidebyside@both ask anew" in text
    assert "No side-by-side test gave a pair to compare." in text
    assert "both: 10 ms (largest 10 ms), n 1 round, all in memory at once in 0" in text
    results.con.execute("UPDATE rounds SET together = NULL")
    text = said(together.sidebyside, results)
    assert "both: in 1 of 1 round it can’t be told whether all were in memory at once." in text
    assert "No side-by-side test gave a pair to compare." in text


# whatever a server says is text


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"class", "style"}

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(section: Callable[[Results], str], results: Results) -> Tags:
    return Tags(
        subprocess.run(
            [pypandoc.get_pandoc_path(), "--from", FORMAT, "--to", "html5"],
            input=section(results), capture_output=True, text=True, encoding="utf-8", check=True,
        ).stdout
    )  # fmt: skip


OURS = {"div", "p", "table", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "strong",
        "span", "code"}  # fmt: skip


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b⏎]+", "", text)


@pytest.mark.parametrize("line", [*HOSTILE[:12], "# heading\n\nTitle\n=====", "| a | b |\n|---|"])
def test_hostile_words_of_a_server_stay_words(results: Results, line: str) -> None:
    con = results.con
    con.execute("UPDATE responses SET also_held = [$1], engine_version = $1", [line])
    con.execute(
        "UPDATE trace_events SET detail = $1, subject = if(kind = 'lane_missing', $1, 'ponder')",
        [line],
    )
    said_again, held, measured = (
        shown(section, results)
        for section in (repeating.repeating, server.server, instruments.measuring)
    )
    assert said_again.tags | held.tags | measured.tags <= OURS
    assert squeezed(said_again.text).count(squeezed(visible(line))) == 2  # the engine, in two rows
    assert squeezed(held.text).count(squeezed(visible(line))) == 1  # who else was in memory
    for text in (line, without_folders(line)):  # the subject, and the reason
        assert squeezed(visible(text)) in squeezed(measured.text)
