"""The examiner: whether an answer gives one of the right answers, and which piece of it decided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from stages.heuristics.answers.pieces import Pieces, Test
from stages.heuristics.answers.questions import Question
from stages.heuristics.answers.references import test_of

_LONGEST, _LONGEST_QUESTION, _MOST = 500, 4_000, 1_000
_KEPT = 4_096


class Judged(NamedTuple):
    """The verdict and the piece that was compared, in characters; null where nothing was said."""

    correct: bool
    start: int | None
    end: int | None


def judge(
    answer: str | None, reference: Sequence[str | None], question: str | None
) -> Judged | None:
    """Compare what an answer says in the end with the right answers; null without any of these.

    The first of its ``statements`` that says something of a reference's kind decides, for right
    or wrong. An empty answer is wrong, and so is one that says nothing of the kind. Of a reference
    the first 500 characters count, of a question the last 4,000; of several references the first
    1,000.
    """
    given = (one[:_LONGEST] for one in reference if one and one.strip())
    known = tuple(islice(given, _MOST))
    tests = _tests(known, question and question[-_LONGEST_QUESTION:])
    if not tests:
        return None
    if not answer or not answer.strip():
        return Judged(False, None, None)
    pieces = Pieces(answer)
    decided = [found for test in tests if (found := test(pieces)) is not None]
    if not decided:
        return Judged(False, None, None)
    best = max(decided, key=lambda one: (one.correct, -one.place))
    return Judged(best.correct, pieces.found[best.place].start, pieces.found[best.place].end)


@lru_cache(maxsize=_KEPT)
def _tests(reference: tuple[str, ...], question: str | None) -> tuple[Test, ...]:
    asked = Question(question, several=len(reference) > 1)
    return tuple(test for one in reference if (test := test_of(one, asked)) is not None)
