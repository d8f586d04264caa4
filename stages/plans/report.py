"""The report's own settings: ``data/plan/report.json``."""

from __future__ import annotations

from stages.plans.plan import Plan


class ReportPlan(Plan):
    """``excerpt_characters``: how much of one thought or answer is shown before it is cut."""

    title: str
    author: str
    excerpt_characters: int
