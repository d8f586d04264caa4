"""Yes and no: the word itself, or the short sentence that stands for it."""

from __future__ import annotations

import re

_YES = r"yes|yep|yeah|yup|aye|of course|certainly|absolutely|definitely"
_NO = r"no|nope|nah|nay|not at all|by no means|certainly not|of course not|absolutely not"
_JUDGED = re.compile(
    r"(?i)(?P<not>\bnot\s+|n't\s+)?\b(?:(?P<no>false|incorrect|wrong)|(?P<yes>true|correct|right))\b"
)
# "No" before another word is a determiner: no number divides it.
_WORD = re.compile(rf"(?i)(?<![\w-])(?:(?P<no>{_NO})|(?P<yes>{_YES}))(?![\w-])")
_DETERMINER = re.compile(
    r"(?i)\s+(?!(?:it|he|she|they|this|that|there|we|i|you|because|since|but|sir|not|never)\b)\w"
)
_DENIAL = re.compile(
    r"(?i)\b(?:not|no longer|never|cannot|neither|nor|none|nobody|nothing)\b|n't\b"
)
_AFFIRMED = re.compile(
    r"(?i)\b(?:it|he|she|they|this|that|there|we|you) "
    r"(?:is|are|was|were|does|do|did|can|could|has|have|had|will|would)\b"
)
_LONGEST_YES = 4
_SAYS = {"yes": True, "true": True, "no": False, "false": False}


def yes_no(reference: str) -> bool | None:
    """What a reference says: yes and true, no and false; null for any other."""
    return _SAYS.get(reference.strip(" .!").lower())


def word(text: str) -> bool | None:
    """The last yes or no in a ``plain`` text; null without one."""
    found = [match["yes"] is not None for match in _WORD.finditer(text) if _is_meant(match, text)]
    return found[-1] if found else None


def _is_meant(match: re.Match[str], text: str) -> bool:
    """Not before a noun (no number), nor as mere emphasis (of course not, of course they can't)."""
    if match["no"]:
        return match["no"].lower() != "no" or not _DETERMINER.match(text, match.end())
    return len(match["yes"]) <= _LONGEST_YES or not _DENIAL.search(text, match.end())


def judged(text: str) -> bool | None:
    """Whether a ``plain`` text says true or right, false or wrong; null if neither."""
    found = [
        (match["yes"] is not None) != (match["not"] is not None) for match in _JUDGED.finditer(text)
    ]
    return found[-1] if found else None


def implied(text: str, asked: frozenset[str]) -> bool | None:
    """A sentence that denies means no, one that affirms ("it is") yes; null if neither.

    A word of the question (``asked``) is also denied by its prefix: rational, irrational.
    """
    opposite = any(word[2:] in asked for word in re.findall(r"\b(?:ir|in|im|un)\w+", text.lower()))
    if opposite or _DENIAL.search(text):
        return False
    return True if _AFFIRMED.search(text) else None
