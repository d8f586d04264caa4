"""What a user does between two runs, with DVC and the real model: only what is new is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from stages.journal.journal import Journal, open_journal
from tests.projects import Project, tiny_params

pytestmark = [
    pytest.mark.dvc,
    pytest.mark.model,
    pytest.mark.timeout(600),
]


def journal(project: Project) -> Journal:
    return open_journal(project.root / ".overthink/journal")


def answered(project: Project) -> Counter[str]:
    """How often each thing asked was answered."""
    return Counter(
        entry.head.key
        for session in journal(project).sessions
        for entry in session.entries
        if entry.head.finished
    )


def reused(project: Project) -> dict[str, tuple[int, int]]:
    """By model, its solo responses and how many of them were kept."""
    rows = project.query(
        """SELECT model, count(*), count(*) FILTER (reused)
        FROM responses WHERE arm = 'solo' GROUP BY 1"""
    )
    return {model: (total, kept) for model, total, kept in rows}


def with_epochs(project: Project, epochs: int) -> None:
    params = tiny_params()
    params["generation"]["epochs"] = epochs
    project.write_params(params)


def test_more_epochs_and_another_prompt_cost_only_what_is_new(project: Project) -> None:
    before = answered(project)
    with_epochs(project, 2)
    project.repro("query")
    assert reused(project) == {"plain": (4, 2), "aloud": (4, 2)}
    more = answered(project)
    # Two prompts of two models once more; in the test one prompt: each alone, and both together.
    assert sum((more - before).values()) == 4 + 3
    params = tiny_params()
    params["prompts"] = ["tiny", "controls/trivial-days"]
    project.write_params(params)
    output = project.run("dvc", "repro")
    assert "generate plain: 2 of 3 responses are kept from earlier runs" in output
    assert set(answered(project).values()) == {1}
    page = (project.root / "reports/report.html").read_text("utf-8")
    assert "kept" in page


def test_force_says_what_it_takes_and_clear_forgets_it(project: Project) -> None:
    output = project.run("dvc", "repro", "--force", "-s", "generate@plain")
    assert "2 of 2 responses are kept from earlier runs" in output
    assert "overthink journal clear plain" in output
    project.run("overthink", "journal", "clear", "plain")
    output = project.run("dvc", "repro", "--force", "-s", "generate@plain")
    assert "kept" not in output
    assert "generate plain 2/2" in output


def test_an_experiment_in_a_temporary_copy_uses_the_projects_journal(project: Project) -> None:
    project.run("git", "add", "dvc.lock", "metrics.json")
    project.run("git", "commit", "-qm", "baseline")
    before = answered(project)
    project.run("dvc", "exp", "run", "--temp", "-n", "more", "-S", "generation.epochs=2", "query")
    after = answered(project)
    assert sum((after - before).values()) == 4 + 3
    project.run("dvc", "exp", "run", "-n", "again", "-S", "generation.epochs=2", "query")
    assert answered(project) == after
    assert reused(project) == {"plain": (4, 2), "aloud": (4, 2)}


def test_an_entry_that_a_hand_has_changed_is_asked_again_alone(project: Project) -> None:
    session = next(
        session
        for session in journal(project).sessions
        if {entry.head.responses[0].model for entry in session.entries} == {"plain"}
        and session.entries[0].head.responses[0].arm == "solo"
    )
    content = session.path.read_bytes()
    place = session.entries[1].offset + session.entries[1].length - 20
    session.path.write_bytes(content[:place] + b"#" + content[place + 1 :])
    output = project.run("dvc", "repro", "--force", "-s", "generate@plain")
    assert "1 damaged entry" in output
    assert "1 of 2 responses are kept" in output
    assert "generate plain 1/1" in output


def spans(project: Project) -> list[tuple[int, int]]:
    """When each session measured: first request and last answer, ns."""
    found = []
    for session in journal(project).sessions:
        records = [answer.record for entry in session.entries for answer in entry.read()]
        asked = [record for record in records if record.get("request_ns") is not None]
        found.append(
            (
                min(record["request_ns"] for record in asked),
                max(record["end_ns"] for record in asked),
            )
        )
    return sorted(found)


def generating(project: Project) -> subprocess.Popen[str]:
    """DVC at work on a model's responses, in a process group of its own."""
    return subprocess.Popen(
        ["dvc", "repro", "generate@plain"],
        cwd=project.root,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_two_runs_at_once_never_measure_at_once(project: Project, tmp_path: Path) -> None:
    """Two copies of a project, started together: one after the other asks the model."""
    other = Project(tmp_path / "other")
    project.run("cp", "-a", str(project.root), str(other.root))
    for one in (project, other):
        with_epochs(one, 20)  # some seconds, so that the other comes before it has ended
        one.run("rm", "-rf", ".overthink")
    running = [generating(one) for one in (project, other)]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert any("waiting for `generate plain`" in text for text in said)
    (first, second) = sorted(spans(project) + spans(other))
    assert first[1] < second[0]


@pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")
def test_ctrl_c_under_dvc_says_what_is_kept_and_the_next_run_goes_on(project: Project) -> None:
    with_epochs(project, 40)
    process = generating(project)
    assert process.stdout is not None
    for line in process.stdout:
        if "generate plain 3/" in line:
            break
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    began = time.monotonic()
    rest = process.stdout.read()
    assert process.wait() != 0
    assert time.monotonic() - began < 8
    assert "of 80 responses are kept; the same command goes on from there" in rest
    assert "Traceback" not in rest
    with_epochs(project, 2)
    output = project.run("dvc", "repro", "generate@plain")
    assert "of 4 responses are kept from earlier runs" in output
    assert set(answered(project).values()) == {1}
