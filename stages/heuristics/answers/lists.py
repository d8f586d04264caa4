"""Answers of several parts: pairs, sets of numbers, enumerations of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from stages.heuristics.answers.expressions import same_formula
from stages.heuristics.answers.numbers import Quantity, quantities, whole_quantity
from stages.heuristics.answers.same import same_quantity
from stages.heuristics.answers.texts import mentioned, words

_Part = TypeVar("_Part")
_SEPARATOR = re.compile(r"\s*(?:[,;]|\n|(?:,\s*)?\b(?:and|or)\b|&)\s*", re.IGNORECASE)
_NAMED = re.compile(r"^\s*[A-Za-z]\w{0,3}\s*[=:]\s*")
_ARTICLE = re.compile(r"^(?:the|an?)\s+")
_ASIDE = re.compile(r"\([^()]*\)")
_VERB = re.compile(r"(?i)[=:]|\b(?:are|is|were|be|so|thus|hence|therefore)\b")
_VALUE = re.compile(r"(?<![\w^])([A-Za-z]\w{0,2})\s*=\s*([^,;=\s]+)")
_MOST_VERBS = 10
_MOST_PARTS = 50


def parts(reference: str) -> list[str]:
    """The parts of a ``plain`` reference that lists several; empty if it doesn't.

    A ± stands for two. "x = 2 or x = 3" loses its names.
    """
    inner = reference.strip().strip("{}").strip()
    if inner[:1] in {"(", "["} and inner[-1:] in {")", "]"}:
        inner = inner[1:-1]
    found: list[str] = []
    for part in _SEPARATOR.split(inner)[:_MOST_PARTS]:
        bare = _NAMED.sub("", part).strip()
        if "±" in bare:
            found += [bare.replace("±", "+").lstrip("+"), bare.replace("±", "-")]
        elif bare:
            found.append(bare)
    return found if len(found) > 1 else []


def is_tuple(reference: str) -> bool:
    """Whether a ``plain`` reference is a tuple, whose order counts."""
    return reference.startswith("(") and reference.endswith(")")


def same_parts(wanted: list[str], text: str, in_order: bool) -> bool | None:
    """Whether a ``plain`` piece says just these parts; null if it says nothing of their kind."""
    if all(whole_quantity(part) for part in wanted):
        return _same_numbers(
            [one for part in wanted if (one := whole_quantity(part))], text, in_order
        )
    if all(re.search(r"[\d^*/=+]", part) for part in wanted):
        said = parts(text.rpartition(":")[2]) or parts(text)
        return _match(wanted, said, in_order, same_formula) if said else None
    return _same_names(wanted, text, in_order)


def same_named(reference: str, text: str) -> bool | None:
    """Whether unknowns have the values of the reference (x = 1, y = 2); null without these."""
    wanted, said = (
        {name: value.rstrip(".!") for name, value in _VALUE.findall(one)}
        for one in (reference, text)
    )
    if len(wanted) < 2 or not wanted.keys() <= said.keys():
        return None
    return all(same_formula(said[name], value) for name, value in wanted.items())


def _named_values(text: str) -> dict[str, str]:
    return {name: value.rstrip(".!") for name, value in _VALUE.findall(text)}


def _same_numbers(wanted: list[Quantity], text: str, in_order: bool) -> bool | None:
    verbs = [match.end() for match in _VERB.finditer(text)]
    said = quantities(_expanded(text))
    if not said:
        return None
    tries = [said[-len(wanted) :] if len(said) <= len(wanted) else []]
    tries += [quantities(_expanded(text[place:])) for place in (0, *verbs[-_MOST_VERBS:])]
    return any(_match(wanted, one, in_order, same_quantity) for one in tries)


def _expanded(text: str) -> str:
    """With names of unknowns left out and ± in both senses."""
    text = re.sub(r"±\s*([\d.]+)", r"\1, -\1", text)
    return re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ", ", text)


def _match(
    wanted: Sequence[_Part],
    said: Sequence[_Part],
    in_order: bool,
    same: Callable[[_Part, _Part], bool],
) -> bool:
    """Whether two sequences have the same parts, whatever their order unless that counts."""
    if len(wanted) != len(said):
        return False
    if in_order:
        return all(same(one, other) for one, other in zip(wanted, said, strict=True))
    left = list(said)
    for one in wanted:
        other = next((other for other in left if same(one, other)), None)
        if other is None:
            return False
        left.remove(other)
    return True


def _same_names(wanted: list[str], text: str, in_order: bool) -> bool | None:
    """All are named outside brackets, and nothing else stands in the same enumeration."""
    bare = _ASIDE.sub(" ", text)
    places = [mentioned(bare, part) for part in wanted]
    found = [place for place in places if place is not None]
    if not found:
        return None
    if len(found) < len(wanted) or (in_order and found != sorted(found)):
        return False
    return not _strangers(wanted, bare)


def _strangers(wanted: list[str], text: str) -> bool:
    """Whether the sentence that names the parts enumerates another, of one or two words.

    Where all parts are names, only a name is another.
    """
    known = [words(part) for part in wanted]
    names = all(_ARTICLE.sub("", part)[:1].isupper() for part in wanted)
    for sentence in re.split(r"(?<=[.!?…])\s+|\n", text):
        said = [
            item
            for item in _SEPARATOR.split(sentence)
            if not names or _ARTICLE.sub("", item)[:1].isupper()
        ]
        items = [words(item) for item in said]
        if len(items) < len(wanted):
            continue
        hits = [index for index, item in enumerate(items) if _known(item, known)]
        if len(hits) < len(wanted):
            continue
        inside = items[hits[0] : hits[-1] + 2]
        if any(0 < len(item) <= 2 and not _known(item, known) for item in inside):
            return True
    return False


def _known(item: list[str], known: list[list[str]]) -> bool:
    return any(not set(item).isdisjoint(one) for one in known)
