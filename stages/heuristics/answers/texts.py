"""Answers in words: found whole, whatever their capitals, accents and articles."""

from __future__ import annotations

import re
import unicodedata

from stages.heuristics.answers.plain import plain

_WORD = re.compile(r"\w+(?:[.'-]\w+)*|[+#°%]+")
_ARTICLES = frozenset({"the", "a", "an"})
# What may stand before a surname without being another's first name.
_BEFORE_NAME = (
    "miss mr mrs ms dr sir lord lady saint st king queen president professor prof madame monsieur "
    "by of author composer painter poet physicist and was is"
)
_TITLES = frozenset(_BEFORE_NAME.split())
_GENERIC = frozenset({"mount", "mt", "lake", "river", "sea", "ocean", "desert", "city", "cape"})
_COMPASS = frozenset({"north", "south", "east", "west", "red", "black", "white", "dead"})
_FORENAME = re.compile(r"[^\W\d_a-z][\w'-]*\.?")
_PLACE = re.compile(
    r"(?:New|San|Santa|Los|Las|El|Saint|St|North|South|East|West|Great|Port|Fort|United|"
    r"Central|Upper|Lower|Old|World|Red|Black|White)\b"
)
_DENIED = re.compile(
    r"(?i)(?:\bnot|n't|\bnever|\brather than|\binstead of|\bneither|\bnor|\bno longer|\bunlike|"
    r"\bother than|\bnot .{0,20}\bor)\s+(?:[\w']+\s+){0,3}$"
)
_THEN_DENIED = re.compile(
    r"(?i)^[\w\s']{0,12}\?\s*(?:no\b|nope|not|wrong|hardly)"
    r"|^[^.;!?]{0,15}(?:\bis|\bwas)(?: not\b|n't\b| wrong\b)"
)
_HEDGED = re.compile(
    r"(?i)\b(?:were (?:this|it|that|we|i)\b|if |would\b|should say|might|may|"
    r"(?:expect|suppose|assume|guess|tempted)\b|often (?:said|supposed|thought|believed)|"
    r"some(?: people)? (?:say|think|believe)|people (?:say|think|often)|"
    r"many (?:say|think|believe|people)|\b(?:first|initially) (?:thought|said|guessed|believed)|"
    r"at first (?:sight|glance|i)|misconception|"
    r"commonly (?:believed|thought))"
)
_MEANWHILE = re.compile(
    r"\w,? (?:while|whereas|although|though|when)\b[^,;:]*$|, (?:which|who|whose|where)\b[^,;:]*$"
)
_TURN = re.compile(r"[;:]|\bbut\b|\bhowever\b|\byet\b|\bactually\b")


_OPEN = re.compile(
    r"(?i)\beither\b.+\bor\b|\bone of the (?:two|three)\b|\b(?:can't|cannot) (?:say|tell|decide)\b"
)
_FEW = 5
_SPEAKS = re.compile(
    r"(?i)\b(?:is|are|was|were|did|do|does|has|have|had|let|me|i|you|we|it|this|that|think|see|easy|simple|"
    r"sure|well|h+m+|oh|ah|great|good|nice|fun|question|okay|ok|thanks|glad|ha(?:ha)?|wow|yes|no|not|right|"
    r"answer|trick|piece|cake|here|there|hello|hi|hey|absolutely|certainly|step|so)\b|'s\b|:\s*$"
)


def folded(text: str) -> str:
    """Lower case without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def words(text: str) -> list[str]:
    """The words of a ``plain`` text, folded and without articles."""
    found = _WORD.findall(folded(text))
    return [word for word in found if word not in _ARTICLES] or found


def mentioned(text: str, answer: str) -> tuple[int, int] | None:
    """The last place where a ``plain`` text says an answer and doesn't deny it; null if nowhere.

    Offsets are those of the folded text. Of a name of several words the last is enough, where no
    other first name stands before it; of a mountain's or a river's the name without "Mount".
    """
    inside, wanted = folded(text), words(answer)
    if not wanted:
        return None
    for start, end in reversed(_places(inside, wanted)):
        if not _denied(inside, start, end):
            return start, end
    proper = [word for word in wanted if word not in _GENERIC]
    if len(wanted) > 1 and len(proper) == 1 and not _COMPASS & set(proper):
        for start, end in reversed(_places(inside, proper)):
            raised = len(inside) != len(text) or text[start].isupper()
            if raised and not _denied(inside, start, end):
                return start, end
    if len(wanted) > 1 and _is_name(answer):
        for start, end in reversed(_places(inside, wanted[-1:])):
            before = _WORD.findall(inside[:start])[-1:]
            raw = text[:start].split()[-1:] if len(inside) == len(text) else before
            stranger = (
                bool(raw) and _FORENAME.fullmatch(raw[0]) and before[0] not in _TITLES | set(wanted)
            )
            small = len(inside) == len(text) and text[start].islower()
            if not stranger and not small and not _denied(inside, start, end):
                return start, end
    return None


def stated(text: str, answer: str) -> bool:
    """Whether a ``plain`` sentence says an answer in earnest: no question, nothing supposed."""
    place = mentioned(text, answer)
    if place is None or text.rstrip(" *\"'").endswith("?"):
        return False
    if _OPEN.search(text) or (is_bare(text) and "or" in words(text) and "or" not in words(answer)):
        return False
    if _MEANWHILE.search(folded(text)[: place[0]]):
        return False
    return not _HEDGED.search(
        _TURN.split(folded(text)[: place[0]])[-1] + folded(text)[slice(*place)]
    )


def is_bare(sentence: str) -> bool:
    """Whether a ``plain`` sentence is an answer of a few words and nothing else: "Paris."."""
    said = _WORD.findall(folded(sentence))
    spoken = any(len(word) > 2 for word in said)
    return (
        spoken
        and len(said) <= _FEW
        and not _SPEAKS.search(sentence)
        and not sentence.rstrip().endswith("?")
    )


def _places(inside: str, wanted: list[str]) -> list[tuple[int, int]]:
    """Where a folded text has these words in a row, articles apart; the last one may be plural."""
    said = [
        match for match in _WORD.finditer(inside) if match[0] in wanted or match[0] not in _ARTICLES
    ]
    last = {wanted[-1] + ending for ending in ("", "s", "'s")}
    count = len(wanted)
    return [
        (said[at].start(), said[at + count - 1].end())
        for at in range(len(said) - count + 1)
        if said[at + count - 1][0] in last
        and all(said[at + n][0] == word for n, word in enumerate(wanted[:-1]))
    ]


def _is_name(answer: str) -> bool:
    if _PLACE.match(answer):
        return False
    return (
        all(word[:1].isupper() or word.islower() for word in answer.split())
        and answer.rsplit(maxsplit=1)[-1][:1].isupper()
    )


def _denied(inside: str, start: int, end: int) -> bool:
    """Whether a place is denied, or names but the owner of something: Armstrong's mission."""
    if inside[start:end].endswith("'s") and re.match(r"\s+\w", inside[end : end + 10]):
        return True
    clause = re.split(r"[,.;:!?–—]", inside[max(0, start - 60) : start])[-1]
    return bool(_DENIED.search(clause) or _THEN_DENIED.match(inside[end : end + 60]))


def same_text(text: str, answer: str) -> bool:
    """Whether two texts are the same words, or the same signs where there are no words."""
    left, right = (words(plain(one)) for one in (text, answer))
    return left == right if left or right else text.split() == answer.split()
