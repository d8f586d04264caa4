"""``report``: what stands on the report's first page, and how much is shown."""

from __future__ import annotations

from stages.params.section import NO_UNIT, Line, Section, key


class Report(Section):
    """The report's settings."""

    title: Line = key("Local reasoning models, tried here", NO_UNIT, "Title of the report.")
    author: Line = key("", NO_UNIT, "Who made the run; empty: nobody is named.")
    excerpt_characters: int = key(
        1500,
        "characters",
        "How much of one thought or answer is shown before it is cut.",
        ge=50,
        le=1_000_000,
    )
