"""The sources of a run, in the order of params: ``data/plan/query.json``."""

from __future__ import annotations

from typing import Literal

from stages.plans.plan import Plan


class ModelEntry(Plan):
    """A model as the user lists it. ``source`` is its tag or file as written."""

    key: str
    source: str
    engine: Literal["ollama", "embedded"]
    think: bool | Literal["low", "medium", "high", "prompted"] | None
    demo: bool


class TestEntry(Plan):
    """A side-by-side test and its roster of model keys."""

    __test__ = False  # pytest: the name is the domain's

    name: str
    roster: list[str]


class QueryPlan(Plan):
    """Everything that has results: models, tests and imported transcripts.

    ``settings`` are the run's general settings as text, for the report's Test Method.
    """

    models: list[ModelEntry]
    tests: list[TestEntry]
    imports: list[str]
    settings: dict[str, str]
