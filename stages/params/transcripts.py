"""``transcripts``: responses recorded by other tools, scored like our own."""

from __future__ import annotations

from stages.params.section import NO_UNIT, Line, Section, key


class Transcript(Section):
    """One file of transcripts."""

    file: Line = key(
        ...,
        NO_UNIT,
        "JSONL file or chat export, relative to the project's root or absolute.",
        min_length=1,
        examples=["data/mine.jsonl"],
    )
