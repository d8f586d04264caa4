"""A transcript file to import: ``data/plan/import/NAME.json``."""

from __future__ import annotations

from stages.plans.plan import Plan


class ImportPlan(Plan):
    """``file`` is relative to the project's root, or absolute."""

    name: str
    file: str
