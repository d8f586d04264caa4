"""When a run counts as failed: ``data/plan/gate.json``."""

from __future__ import annotations

from stages.plans.plan import Plan


class GatePlan(Plan):
    """``max_failures``: the share of failed responses (0 to 1) above which the run fails."""

    max_failures: float
