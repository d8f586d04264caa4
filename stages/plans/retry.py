"""Whether a source is asked again after a failure: ``data/plan/retry/SOURCE.json``."""

from __future__ import annotations

from stages.plans.plan import Plan


class RetryPlan(Plan):
    """``mark`` changes when the source's stages must run again though nothing else changed."""

    mark: str | None
