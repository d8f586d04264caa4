"""How a text names a topic: patterns made from the topic's own words."""

from __future__ import annotations

import re
from math import ceil

_WORD = re.compile(r"\w+")
_EMPTY = (
    "a an the of in on at to for from by with and or vs versus between about as is are was how "
    "what why who system systems general basics history tell me explain"
)
_MOST_WORDS = 12
_NUMBERS = {"ii": 2, "iii": 3, "iv": 4, "v": 5}
_LONG, _KEPT, _LEAST_STEM = 6, 0.65, 4


def topic_patterns(topics: tuple[str, str]) -> tuple[str, str] | None:
    """A pattern for each of two topics, in the syntax of Rust's regex; null if one can't be named.

    A topic is named by any of its words that mean something and that the other hasn't got; of a
    word of six letters or more, the first two thirds are enough (volcanoes, volcanic). Several
    words are also named by their initials (large language models, LLMs; World War II, WW2).
    Synonyms aren't known.
    """
    words = [_words(topic) for topic in topics]
    common = set(words[0]) & set(words[1])
    patterns = [_pattern([word for word in own if word not in common], own) for own in words]
    if patterns[0] is None or patterns[1] is None:
        return None
    return patterns[0], patterns[1]


def _words(topic: str) -> list[str]:
    found = [word.lower() for word in _WORD.findall(topic)][:_MOST_WORDS]
    return [word for word in found if word not in _EMPTY.split()] or found


def _pattern(own: list[str], whole: list[str]) -> str | None:
    telling = [word for word in own if len(word) > 1] or own
    if not telling:
        return None
    names = rf"(?i:\b(?:{'|'.join(_stem(word) for word in telling)})\b)"
    return rf"{names}|\b{_initials(whole)}s?\b" if len(whole) > 1 else names


def _initials(words: list[str]) -> str:
    """World War II is WWII and WW2."""
    *most, last = words
    number = _NUMBERS.get(last)
    letters = "".join(word[0] for word in (most if number else words)).upper()
    return f"{letters}(?:{last.upper()}|{number})" if number else letters


def _stem(word: str) -> str:
    if len(word) < _LONG:
        return rf"{word}(?:'?s)?"
    return rf"{word[: max(_LEAST_STEM, ceil(_KEPT * len(word)))]}\w*"
