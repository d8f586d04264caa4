"""How a text names a topic: patterns made from the topic's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from math import ceil

_WORD = re.compile(r"\w+")
_EMPTY = (
    "a an the of in on at to for from by with and or vs versus between about as is are was how "
    "what why who system systems general basics history tell me explain"
)
_MOST_WORDS, _LONGEST = 12, 60  # words of a topic, and characters of a word, that name it
_NUMBERS = {"ii": 2, "iii": 3, "iv": 4, "v": 5}
_LONG, _KEPT, _LEAST_STEM = 6, 0.65, 4


def topic_patterns(topics: tuple[str, str]) -> tuple[str, str] | None:
    """A pattern for each of two topics, in the syntax of Rust's regex; null if one can't be named.

    A topic is named by any of its words that mean something and that the other hasn't got; of a
    word of six letters or more, the first two thirds are enough (volcanoes, volcanic). Several
    words are also named by their initials (large language models, LLMs; World War II, WW2). Of
    a topic that stands whole in the other (Guinea, guinea pigs) only what isn't a part of the
    other's name names it: look for the longer pattern first. Synonyms aren't known.
    """
    words = [_words(topic) for topic in topics]
    common = set(words[0]) & set(words[1])
    own = [[word for word in each if word not in common] for each in words]
    if bool(own[0]) != bool(own[1]):
        inner, outer = (0, 1) if own[1] else (1, 0)
        found = {
            inner: _pattern(words[inner], words[inner]),
            outer: _pattern(own[outer], words[outer], beside=words[inner]),
        }
        return _both(found[0], found[1])
    return _both(*(_pattern(telling, each) for telling, each in zip(own, words, strict=True)))


def _both(first: str | None, second: str | None) -> tuple[str, str] | None:
    return None if first is None or second is None else (first, second)


def _words(topic: str) -> list[str]:
    words = islice(_WORD.finditer(topic), _MOST_WORDS)
    found = [word[0][:_LONGEST].lower() for word in words]
    return [word for word in found if word not in _EMPTY.split()] or found


def _pattern(own: list[str], whole: list[str], beside: Sequence[str] = ()) -> str | None:
    telling = [word for word in own if len(word) > 1] or own
    if not telling:
        return None
    inner = rf"(?:{'|'.join(map(_stem, beside))})"
    begin, end = (rf"(?:{inner}\W+)*", rf"(?:\W+{inner})*") if beside else ("", "")
    names = rf"(?i:\b{begin}(?:{'|'.join(map(_stem, telling))}){end}\b)"
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
