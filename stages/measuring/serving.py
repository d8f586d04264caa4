"""What would answer for a model, or why nothing can."""

from __future__ import annotations

import sys

from stages.engines.protocol import EngineError, Serving
from stages.engines.select import engine_for
from stages.manifest import Manifest, Missing
from stages.plans.units import Asking


def serving_of(
    entry: Manifest | Missing, asking: Asking, concurrent: int
) -> tuple[Serving | None, str | None]:
    """The engine's version and options, or the reason why there are none.

    What can't be done as params.yaml has it is said.
    """
    if isinstance(entry, Missing):
        return None, f"the model couldn't be had: {entry.error}"
    try:
        serving = engine_for(entry).serving(entry, asking, concurrent)
    except EngineError as error:
        return None, str(error)
    if serving.remark:
        print(f"{entry.key}: {serving.remark}", file=sys.stderr)
    return serving, None
