"""Where a Markdown text holds code: what stands there is quoted, not said."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(r"[^\n]*\n?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)")
_TICKS = re.compile(r"`+")


def code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of fenced blocks and of inline code on one line, in order.

    As CommonMark has it, but for inline code over several lines: a fence closes with as many of
    its characters or more and nothing after them, and one that is never closed runs to the end;
    inline code ends with as many backticks as it began with.
    """
    fence, opened = "", 0
    for line in _LINE.finditer(text):
        if not line.group():
            continue
        mark = _FENCE.match(line.group())
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                yield opened, line.end()
                fence = ""
        elif mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence, opened = mark[1], line.start()
        else:
            yield from _inline(line.group(), line.start())
    if fence:
        yield opened, len(text)


def _inline(line: str, offset: int) -> Iterator[tuple[int, int]]:
    runs = [match.span() for match in _TICKS.finditer(line)]
    following: dict[int, int] = {}
    closing: list[int | None] = [None] * len(runs)
    for index in range(len(runs) - 1, -1, -1):
        length = runs[index][1] - runs[index][0]
        closing[index] = following.get(length)
        following[length] = index
    index = 0
    while index < len(runs):
        end = closing[index]
        if end is None:
            index += 1
            continue
        yield offset + runs[index][0], offset + runs[end][1]
        index = end + 1
