"""``sidebyside``: tests in which several models answer at the same moment."""

from __future__ import annotations

from stages.params.prompts import Selection
from stages.params.section import NO_UNIT, Section, key


class Test(Section):
    """One test: its models answer each prompt alone and all together, in random order."""

    __test__ = False  # pytest: the name is the domain's

    models: list[str] = key(
        ..., NO_UNIT, "Keys of the models that run at once.", min_length=2, examples=[["a", "b"]]
    )
    prompts: Selection = key(
        ..., NO_UNIT, "What they are asked.", min_length=1, examples=[["original/test1"]]
    )
    epochs: int | None = key(
        None, "count", "How often each prompt is asked; null: as in generation.", ge=1, le=10_000
    )
