"""Copies of the whole project, as a user has it, for tests that run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.graph import ROOT


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
        self.environment["TMPDIR"] = str(root.parent)
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
    return Project(root)
