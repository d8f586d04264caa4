"""The measures of text as somebody would write them at first: a row at a time, in plain Python.

`score_rate.py` holds the heuristics against them: the numbers must be the same.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from stages.heuristics import hesitations_per_1k, thought_switches
from stages.heuristics.language import ENGLISH, OTHERS
from stages.plans.score import ScorePlan
from stages.transcript.tokens import TOKENS_PER_DIGIT, TOKENS_PER_LETTER, TOKENS_PER_SYMBOL

_ALONE = "\u0e01-\u0e5b\u3005\u3007\u3041-\u309f\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_LOOP_WORD = re.compile(rf"[{_ALONE}]|[^\s{_ALONE}]{{1,32}}")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_WORD = re.compile(r"\b(?:i'm|don't)\b|\w+")
_HESITATION = re.compile("|".join(hesitations_per_1k.PHRASES))
_SWITCH = re.compile("|".join(thought_switches.PHRASES), re.IGNORECASE | re.MULTILINE)


def measures(thinking: str | None, answer: str | None, settings: ScorePlan) -> dict[str, Any]:
    """The measures of one response; null where there is nothing to be measured."""
    share = loop_share(thinking, answer, settings)
    found = {
        "thinking_tokens": tokens(thinking),
        "answer_tokens": tokens(answer),
        "loop": None if share is None else share > 0,
        "loop_share": share,
        "hesitations_per_1k": None,
        "thought_switches": None,
    }
    if thinking is not None and is_english(thinking):
        found["thought_switches"] = len(_SWITCH.findall(thinking))
        if found["thinking_tokens"]:
            hesitations = len(_HESITATION.findall(thinking))
            found["hesitations_per_1k"] = 1000 * hesitations / found["thinking_tokens"]
    return found


def tokens(text: str | None) -> int | None:
    if text is None:
        return None
    letters = digits = symbols = others = 0
    for character in text:
        if character.isspace():
            continue
        if character.isdecimal():
            digits += 1
        elif character.isalnum():
            letters += 1
            others += character > "\u024f"
        else:
            symbols += 1
    if others > 0.1 * letters:
        return None
    found = TOKENS_PER_LETTER * letters + TOKENS_PER_DIGIT * digits + TOKENS_PER_SYMBOL * symbols
    return max(1, round(found)) if text else 0


def loop_share(thinking: str | None, answer: str | None, settings: ScorePlan) -> float | None:
    if thinking is None and answer is None:
        return None
    length, inside, whole = settings.loop_words, 0, 0
    for text in (thinking or "", answer or ""):
        words = _LOOP_WORD.findall(text)
        runs = [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]
        counts = Counter(runs)
        repeated: set[int] = set()
        for at, run in enumerate(runs):
            if counts[run] >= settings.loop_repeats:
                repeated.update(range(at, at + length))
        inside += len(repeated)
        whole += len(words)
    return inside / whole if whole else 0.0


def is_english(text: str) -> bool:
    count = len(_LETTERS.findall(text))
    if not count:
        return True
    letters = sum(character.isalpha() for character in text)
    other = sum(
        character.isalpha() and character > "\u024f" and not "\u1e00" <= character <= "\u1eff"
        for character in text
    )
    words = _WORD.findall(text.lower())
    english = sum(word in _ENGLISH for word in words)
    others = sum(word in _OTHERS for word in words)
    least = 0.10 if count <= 25 else 0.12
    return other <= 0.2 * letters and english > others and english >= least * count


_ENGLISH, _OTHERS = set(ENGLISH.split()), set(OTHERS.split())
