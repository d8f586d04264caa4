"""Short texts put together from labelled sentences, so that the smallest answers are learned too.

An answer of one or two sentences is rare among the labelled ones, and yet the simplest to judge:
a denial makes it ``separate``, a link after a denial ``mixed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("separate", ("denial",)),
    ("separate", ("nothing", "nothing", "denial")),
    ("separate", ("denial", "nothing", "nothing")),
    ("connect", ("link",)),
    ("connect", ("link", "link")),
    ("connect", ("nothing", "nothing", "link")),
    ("connect", ("concession", "link")),
    ("connect", ("concession", "link", "link")),
    ("mixed", ("denial", "hedge")),
    ("mixed", ("denial", "hedge", "link")),
    ("mixed", ("nothing", "denial", "hedge", "link")),
    ("implicit_separate", ("nothing", "nothing")),
    ("implicit_separate", ("nothing", "nothing", "nothing", "nothing")),
    ("implicit_separate", ("first", "first", "first")),
    ("implicit_separate", ("table",)),
    ("separate", ("denial", "table")),
    ("mixed", ("denial", "hedge", "table")),
)
"""What a text does, and what its sentences say in turn; ``first``: nothing, of the first topic;
``table``: a table with a column for each."""

_TABLE = (
    "\n\n| | {A} | {B} |\n|---|---|---|\n| Begun | 1840 | long ago |\n| Costs | much | little |\n\n"
)

TOPICS = (
    ("volcanoes", "tax law"),
    ("the violin", "cloud computing"),
    ("honey bees", "the French Revolution"),
    ("tennis", "black holes"),
    ("silk", "Istanbul"),
)
"""The topics of each part of the split."""

_SAID = ("denial", "link", "hedge", "concession")
EACH = 9  # texts of each form in each part of the split


def composed(
    phrases: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Texts as rows of ``topics``, ``text``, ``stance``, ``part``, ``evidence``.

    ``phrases`` have ``text`` and ``says``; those of a text all stand in the part of the split that
    is their number modulo that of ``TOPICS``.
    """
    found = []
    for part, (first, second) in enumerate(TOPICS):
        own = [one for place, one in enumerate(phrases) if place % len(TOPICS) == part]
        turn = {says: _sayings(own, says) for says in {one["says"] for one in own}}
        used = dict.fromkeys(turn, 0)
        for place in range(EACH * len(FORMS)):
            stance, says = FORMS[place % len(FORMS)]
            sentences = []
            for at, one in enumerate(says):
                about = "{A}" if at % 2 == 0 else "{B}"
                sentences.append(_next(turn, used, one, about))
            whole = [one.replace("{A}", first).replace("{B}", second) for one in sentences]
            marked = [
                {"text": one, "says": kind if kind in _SAID else "apart"}
                for kind, one in zip(says, whole, strict=True)
            ]
            found.append(
                {
                    "topics": [first, second],
                    "text": " ".join(whole),
                    "stance": stance,
                    "part": part,
                    "evidence": marked,
                }
            )
    return found


def _sayings(phrases: Sequence[dict[str, Any]], says: str) -> list[str]:
    """Whole sentences that say it; of those that say nothing, only what tells of one topic."""
    texts = [one["text"] for one in phrases if one["says"] == says]
    if says == "nothing":
        return [one for one in texts if ("{A}" in one) != ("{B}" in one) and one.endswith(".")]
    return [one for one in texts if one[-1] in ".!?"]


def _next(turn: dict[str, list[str]], used: dict[str, int], says: str, about: str) -> str:
    if says == "table":
        return _TABLE
    alone = says == "first"
    says, about = ("nothing", "{A}") if alone else (says, about)
    own = turn[says]
    text = own[used[says] % len(own)]
    used[says] += 1
    if says == "nothing":
        return text.replace("{A}", about).replace("{B}", about)
    return text
