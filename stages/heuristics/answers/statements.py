"""Where an answer says its result: the box, after "the answer is", bold, the last sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["boxed", "marked", "bold", "sentence", "whole"]

_TAIL, _SPOKEN, _HEAD = 4_000, 2_000, 1_000
_LONGEST = _SHORT = 600
_MOST_SENTENCES = 8
_WORD = re.compile(r"[^\W_]")
_BOX = re.compile(r"\\f?boxed\s*\{")
_BRACE = re.compile(r"\\?[{}]")
_MARKER = re.compile(
    r"(?i)(?:\b(?:final |correct |right )?(?:answer|result|solution)\b(?! choices| options)"
    r"[^\n.:=!?]{0,40}?(?:\b(?:is|are|was|be|becomes?|remains?|stays?)\b(?!\s+not\b)|[:=→])"
    r"|####)[ \t*_:]*\n?[ \t\n>*_]{0,20}"
)
_MARKED = ("answer", "result", "solution", "####")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,200}?)\*\*")
_LABEL = re.compile(r"(?i)[^\w]*(?:step|check|note|case|part|proof|verification|given)\b|.*:\s*$")
_SENTENCE_END = re.compile(
    r"""(?<=[.!?…])["'”’)\]*_]*\s+|(?<=[.!?])(?=[\U0001F300-\U0001FAFF])|\n+"""
)
_ABBREVIATED = re.compile(
    r"(?i)(?:\b(?:dr|mr|mrs|ms|prof|st|vs|no|approx|e\.g|i\.e|ca)|\b[A-Z])\.$"
)
_ITEM = re.compile(r"\W*\d{1,3}[.)]")
_CLAIMS = re.compile(r"(?i)(?:\b(?:is|are|was|were|be)|=)\s*$")
_CLAIMED = re.compile(r"\s+(?:is|are|was|were|has|have|had|did)\b(?! not\b)")
_LINES, _NEAR = 3, 10


class Statement(NamedTuple):
    """A piece of an answer, ``start`` to ``end`` in characters."""

    kind: Kind
    start: int
    end: int


def statements(answer: str) -> Iterator[Statement]:
    """Pieces that may say the result, the most telling first, sentences from the last back.

    Several boxes in a line come as one piece first: x = □ or x = □. A short answer comes as a
    whole in the end. Only the first 1,000 characters and the last 4,000 are read, of sentences the
    last 2,000, and for boxes the whole.
    """
    yield from _boxed(answer)
    yield from _marked(answer)
    yield from _bold(answer)
    yield from _sentences(answer)
    if is_short(answer):
        yield Statement("whole", 0, len(answer))


def is_short(answer: str) -> bool:
    """Whether an answer is so short that all of it may be the result."""
    return len(answer) <= _SHORT


def _boxed(answer: str) -> list[Statement]:
    last = max(answer.rfind("\\boxed"), answer.rfind("\\fbox"))
    if last < 0:
        return []
    line = max(answer.rfind("\n", 0, last), last - _LONGEST)
    found = []
    for match in _BOX.finditer(answer, max(line, 0), last + 20):
        end = _closing(answer, match.end())
        found.append(Statement("boxed", match.end(), end))
    if len(found) > 1:
        found.append(Statement("boxed", found[0].start, found[-1].end))
    return found[::-1]


def _closing(text: str, start: int) -> int:
    """Where the brace that is open at ``start`` closes, or the line ends."""
    depth = 1
    for brace in _BRACE.finditer(text, start, start + _LONGEST):
        if brace[0][0] != "\\":
            depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.start()
    newline = text.find("\n", start)
    return min(newline if newline >= 0 else len(text), start + _LONGEST)


def _marked(answer: str) -> list[Statement]:
    tail = max(0, len(answer) - _TAIL)
    found = _markers(answer, tail, len(answer)) or _markers(answer, 0, min(_HEAD, tail))
    return [
        Statement("marked", match.end(), end)
        for match in reversed(found)
        if (end := _sentence_end(answer, match.end())) > match.end()
    ][:1]


def _markers(answer: str, start: int, end: int) -> list[re.Match[str]]:
    small = answer[start:end].lower()
    if not any(word in small for word in _MARKED):
        return []
    return list(_MARKER.finditer(answer, start, end))


def _sentence_end(text: str, start: int) -> int:
    for match in _SENTENCE_END.finditer(text, start, start + _LONGEST):
        if match.start() > start and not _ABBREVIATED.search(text, start, match.start()):
            return match.start()
    return min(len(text), start + _LONGEST)


def _bold(answer: str) -> list[Statement]:
    text = answer.rstrip()
    place = len(text)
    for _ in range(_LINES):
        place = max(text.rfind("\n", 0, place), 0)
    place = max(place, len(text) - _TAIL)
    found = [match for match in _BOLD.finditer(text, place) if not _LABEL.match(match[1])]
    if not found:
        return []
    start, end = found[-1].span()
    claimed = _CLAIMS.search(text, max(0, start - _NEAR), start) or _CLAIMED.match(text, end)
    return [Statement("marked" if claimed else "bold", found[-1].start(1), found[-1].end(1))]


def _sentences(answer: str) -> list[Statement]:
    tail = max(0, len(answer) - _SPOKEN)
    found, start = [], tail
    for match in _SENTENCE_END.finditer(answer, tail):
        so_far = answer[max(start, match.start() - 12) : match.start()]
        if _ABBREVIATED.search(so_far) or ("\n" not in match[0] and _ITEM.fullmatch(so_far)):
            continue
        found.append((start, match.start()))
        start = match.end()
    found.append((start, len(answer)))
    spoken = [(a, b) for a, b in found if _WORD.search(answer, max(a, b - _LONGEST), b)]
    return [
        Statement("sentence", max(a, b - _LONGEST), b)
        for a, b in reversed(spoken[-_MOST_SENTENCES:])
    ]
