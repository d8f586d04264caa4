"""``trace``: how the hardware is watched."""

from __future__ import annotations

from stages.params.section import Section, key


class Trace(Section):
    """The tracer's settings."""

    hz: float = key(20.0, "Hz", "How often the hardware's counters are read.", ge=0.1, le=1000)
