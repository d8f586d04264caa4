"""``trace``: how the hardware is watched."""

from __future__ import annotations

from stages.params.section import Section, key


class Trace(Section):
    """The tracer's settings."""

    hz: float = key(20.0, "Hz", "How often the hardware's counters are read.", ge=0.1, le=1000)
    idle_s: float = key(
        3.0,
        "s",
        "How long the machine is watched before anything is loaded, where its energy can be read.",
        ge=0,
        le=600,
    )
    tdp_w: float | None = key(
        None,
        "W",
        "Design power of the CPU, to estimate its energy beside what is measured; null: don't.",
        gt=0,
        le=10_000,
    )
