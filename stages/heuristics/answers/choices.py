"""Multiple choice: which letter an answer picks, by letter or by the option's text."""

from __future__ import annotations

import re

from stages.heuristics.answers.expressions import same_formula
from stages.heuristics.answers.numbers import quantities
from stages.heuristics.answers.same import same_value
from stages.heuristics.answers.texts import mentioned

_OPTION = re.compile(r"(?<!\w)\(?([A-J])[).:]\s*")
_LETTER = re.compile(r"\(?([A-J])\)?[.):]?")
_CLAIMED = re.compile(
    r"(?:(?i:\b(?:answer|option|choice|choose|pick|select|go (?:for|with)|is|be|letter|so|"
    r"that's|it's)\b"
    r"[\s:(*]{1,4}(?:(?:option|choice|letter)\s+)?)\(?"
    r"(?P<claimed>[A-Ja-j](?![\w'])(?!\s+[a-z]{2})|[B-HJ](?=\s+(?:because|since|as|for)\b))"
    r"|(?<![\w'])(?P<affirmed>[A-J])(?=\s+is (?:the )?(?:correct|right|true|best)\b)"
    r"|\((?P<bracketed>[A-Ja-j])\)|(?<![\w'])(?P<labelled>[A-J])[).:](?=\s|$)"
    r"|(?<![\w'])(?P<bare>[A-J])(?![\w'])(?!\s+[a-z]{2}))"
)
_SURE = ("claimed", "affirmed", "labelled", "bracketed", "bare")
_NOT = re.compile(r"(?i)(?:\bnot|n't|\bnever|\brather than|\binstead of)\s+(?:\w+\s+){0,2}\(?$")
_OTHERS = r"(?:(?:[\s,]|\band\b|\bor\b)*\(?[A-J]\b\)?)*"
_THEN_NOT = re.compile(
    rf"(?i)^\)?{_OTHERS}\s*(?:\?\s*no|(?:is|are|was|were) (?:wrong|not|incorrect|false)"
    r"|(?:is|are)n't)"
)


def letter(reference: str) -> str | None:
    """The letter that a reference is (B, (b), "B) 15"); null if it is something else."""
    whole = re.fullmatch(r"\(?([A-Ja-j])\)?[.):]?(?:\s+\S.*)?", reference.strip())
    if whole is None or not re.match(r"\(?[A-Ja-j](?:\)|[.:]?$)", reference.strip()):
        return None
    return whole[1].upper()


def options(question: str) -> dict[str, str]:
    """The options of a ``plain`` question by their letters, from A on; empty without two."""
    found: dict[str, str] = {}
    matches = list(_OPTION.finditer(question))
    for index, match in enumerate(matches):
        if match[1] != "ABCDEFGHIJ"[len(found)]:
            continue
        end = matches[index + 1].start() if index + 1 < len(matches) else len(question)
        text = re.split(r"\n|[.?!](?=\s|$)", question[match.end() : end])[0]
        found[match[1]] = text.strip(" ,;")
    return found if len(found) > 1 else {}


def picked(text: str, among: dict[str, str], first: bool = False) -> str | None:
    """The letter that a ``plain`` piece of an answer picks in the end, or ``first``.

    An "A" before a word in small letters is an article. Where no letter is picked, the last option
    whose text is said counts. Null where there is none either.
    """
    whole = _LETTER.fullmatch(text.strip(" .*!"))
    if whole:
        return whole[1]
    letters = []
    for match in _CLAIMED.finditer(text):
        kind = match.lastgroup or ""
        if _NOT.search(text[: match.start(kind)]) or _THEN_NOT.match(text[match.end() :]):
            continue
        letters.append((_SURE.index(kind), match[kind].upper()))
    surest = min((rank for rank, _ in letters), default=0)
    sure = [one for rank, one in letters if rank == surest and (not among or one in among)]
    if sure:
        return sure[0 if first else -1]
    return _by_text(text, among)


def _by_text(text: str, among: dict[str, str]) -> str | None:
    said: list[tuple[int, str]] = []
    numbers = quantities(text)
    for name, option in among.items():
        place = mentioned(text, option)
        if place is not None:
            said.append((place[0], name))
        own = quantities(option)
        if len(own) == 1 and not re.search(r"[\^*/+]", option):
            said += [(one.start, name) for one in numbers if same_value(own[0], one)]
        elif same_formula(text.strip(" ."), option):
            said.append((len(text), name))
    return max(said)[1] if said else None
