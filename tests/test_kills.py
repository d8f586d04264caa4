"""Sixty kills: whatever dies, whenever, the same command goes on and nothing is asked twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest

from stages.journal.journal import open_journal
from tests.projects import WEIGHTS, Project, copy_project, tiny_params

pytestmark = [
    pytest.mark.dvc,
    pytest.mark.model,
    pytest.mark.timeout(1200),
]

KILLS = {"stage": 37, "engine": 10, "tracer": 7, "dvc": 6}
EPOCHS, LEFT = 120, 30  # to begin with; more once fewer than LEFT are left to be killed
SEED = 20250202


def killed_params(epochs: int) -> Any:
    params = tiny_params()
    params["models"] = {
        "m": {"gguf": WEIGHTS, "think": False, "options": {"num_ctx": 128, "num_predict": 3}}
    }
    params["prompts"] = ["tiny/sum"]
    params["transcripts"] = {}
    params["sidebyside"] = {}
    params["generation"] |= {"epochs": epochs, "retries": 5}
    return params


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("kills") / "project")
    prompts = "- {id: sum, text: 'What is 2 + 3?', license: CC0-1.0, source: these tests}\n"
    (project.root / "data/prompts/tiny.yaml").write_text(prompts, "utf-8")
    project.write_params(killed_params(EPOCHS))
    project.run("git", "init", "-q")
    project.repro("pull@m")
    return project


class Killer:
    """Starts the stage, or DVC with it, and kills what it is told to at a random moment."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.random = random.Random(SEED)
        self.killed: Counter[str] = Counter()
        self.epochs = EPOCHS

    def leave_work(self, answered: int) -> None:
        """See that there is something left to do, on a fast machine too."""
        if self.epochs - answered < LEFT:
            self.epochs += 100
            self.project.write_params(killed_params(self.epochs))
            self.project.run(sys.executable, "-m", "stages.plan")

    def round(self, target: str) -> None:
        """One kill; whatever outlives it is left to end by itself."""
        with self._started(target) as process:
            victim = self._find(process, target)
            if victim and target != "stage":
                time.sleep(self.random.uniform(0.0, 1.0))
            if victim:
                with suppress(psutil.NoSuchProcess):
                    victim.kill()
                    self.killed[target] += 1
            if target in ("engine", "tracer"):
                time.sleep(self.random.uniform(0.3, 1.5))  # the stage goes on by itself

    @contextmanager
    def _started(self, target: str) -> Iterator[psutil.Popen]:
        command = (
            ["dvc", "repro", "-q", "-s", "generate@m"]
            if target == "dvc"
            else [sys.executable, "-m", "stages.generate", "m"]
        )
        process = psutil.Popen(
            command,
            cwd=self.project.root,
            env=self.project.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            with suppress(psutil.NoSuchProcess):
                process.kill()
            process.wait()

    def _find(self, process: psutil.Popen, target: str) -> psutil.Process | None:
        """The process to kill, once it is there; null where everything was over before."""
        if target == "stage":
            time.sleep(self.random.uniform(0.5, 2.5))
            return process
        word = {"engine": "embedded_server", "tracer": "sampler", "dvc": "stages.generate"}[target]
        while process.poll() is None:
            for child in process.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if any(word in part for part in child.cmdline()):
                        return process if target == "dvc" else child
            time.sleep(0.05)
        return None


def entries(project: Project) -> Counter[str]:
    """How often each key was answered, over all sessions."""
    journal = open_journal(project.root / ".overthink/journal")
    return Counter(
        entry.head.key
        for session in journal.sessions
        for entry in session.entries
        if entry.head.finished
    )


def test_sixty_kills_lose_nothing_and_nothing_is_asked_twice(project: Project) -> None:
    killer = Killer(project)
    targets = [target for target, kills in KILLS.items() for _ in range(kills)]
    killer.random.shuffle(targets)
    for target in targets:
        killer.round(target)
        answered = entries(project)
        assert set(answered.values()) <= {1}, f"asked twice after a kill of {target}"
        killer.leave_work(len(answered))
    project.repro("generate@m")
    assert sum(killer.killed.values()) >= 60, killer.killed
    assert answered
    assert set(entries(project).values()) == {1}
    records = pl.read_parquet(project.root / "data/responses/m/records.parquet")
    assert records["stop"].unique().sort().to_list() in (["length"], ["length", "stop"])
    assert records["epoch"].sort().to_list() == list(range(1, killer.epochs + 1))
    assert said(project) == undisturbed(project)


def said(project: Project) -> list[tuple[int, str]]:
    """What was answered in each epoch."""
    folder = project.root / "data/responses/m"
    records = pl.read_parquet(folder / "records.parquet")
    texts = (
        pl.read_parquet(folder / "stream.parquet")
        .sort("response_id", "index")
        .group_by("response_id")
        .agg(pl.col("text").str.join(""))
    )
    joined = records.join(texts, on="response_id", how="left").sort("epoch")
    return joined.select("epoch", pl.col("text").fill_null("")).rows()


def undisturbed(project: Project) -> list[tuple[int, str]]:
    """The same from a run in peace, with an empty journal."""
    (project.root / ".overthink").rename(project.root / ".overthink-killed")
    project.run(sys.executable, "-m", "stages.generate", "m")
    return said(project)


def test_a_signal_that_asks_to_stop_says_what_is_kept(project: Project, tmp_path: Path) -> None:
    environment = project.environment | {"OVERTHINK_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.generate", "m"],
        cwd=project.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "generate m 3/" in line:
            break
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    rest = process.stderr.read()
    assert process.wait() == 130
    assert time.monotonic() - began < 6
    (kept,) = (line for line in rest.splitlines() if "responses are kept" in line)
    count = int(kept.split()[2])
    journal = open_journal(tmp_path / "journal")
    assert count == sum(len(session.entries) for session in journal.sessions) >= 3
