"""What kind of thing a reference is, and whether a piece of an answer says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from stages.heuristics.answers import choices, yes_no
from stages.heuristics.answers.amounts import amount
from stages.heuristics.answers.clock import dates, same_date, same_time, times
from stages.heuristics.answers.expressions import formula_values, same_formula
from stages.heuristics.answers.intervals import intervals, same_intervals
from stages.heuristics.answers.lists import is_tuple, parts, same_named, same_parts
from stages.heuristics.answers.numbers import Quantity
from stages.heuristics.answers.ordinals import ordinal, ordinals
from stages.heuristics.answers.pieces import Found, Pieces, Test, first_to_say, right_side
from stages.heuristics.answers.plain import plain
from stages.heuristics.answers.questions import Asked, Question
from stages.heuristics.answers.said import best, result
from stages.heuristics.answers.same import same_value
from stages.heuristics.answers.statements import Kind
from stages.heuristics.answers.texts import is_bare, mentioned, same_text, stated

_FORMULA = re.compile(r"[\d^=*/]|sqrt|π|∞|^[a-zA-Z]$")

_DIGITS = re.compile(r"-?\d+(?:\.\d+)?")
_SIGNED = re.compile(r"[\[\]<>≤≥]")
_RANGE_LIKE = re.compile(
    r"[<>≤≥∪∞]|^[(\[].*[)\]]$|^[-\d.]+\s*(?:-|to)\s*[\d.]+\b"
    r"|(?i:^(?:between|from|at least|at most|more than|less than|no more|no less|up to)\b)"
)


def test_of(reference: str, asked: Question) -> Test | None:
    """The test for one right answer to a question; null for an empty one."""
    text = plain(reference).strip()
    if not text:
        return None
    kinds = (amount, _text) if _DIGITS.fullmatch(text) else _KINDS
    return next(test for kind in kinds if (test := kind(text, asked)) is not None)


def _choice(text: str, question: Question) -> Test | None:
    among = choices.options(question.text)
    name = choices.letter(text)
    if name is None:
        same = [letter for letter, option in among.items() if same_text(option, text)]
        name = same[0] if same else None
    if name is None and among and (lettered := re.match(r"([A-J])[.:] ", text)):
        name = lettered[1]
    if name is None or (among and name not in among):
        return None

    def test(piece: str, kind: Kind) -> bool | None:
        picked = choices.picked(piece, among, first=kind == "marked")
        return None if picked is None else picked == name

    return first_to_say(test)


def _yes_no(text: str, question: Question) -> Test | None:
    truth = yes_no.yes_no(text)
    if truth is None:
        return None

    def test(piece: str, kind: Kind) -> bool | None:
        said = yes_no.word(piece)
        if said is None and (kind != "sentence" or text.lower() in {"true", "false"}):
            said = yes_no.judged(piece)
        if said is None and kind == "sentence":
            said = yes_no.implied(piece, question.asked().words)
        return None if said is None else said == truth

    return first_to_say(test)


def _time(text: str, question: Question) -> Test | None:
    whole = [one for one in times(text) if (one.start, one.end) == (0, len(text))]
    if not whole or re.fullmatch(r"[\d.]+", text):
        return None
    asked = question.asked()

    def test(piece: str, kind: Kind) -> bool | None:
        said = {one.start: one for one in times(piece)}
        found = [Quantity(Fraction(one.minutes), one.start, one.end) for one in said.values()]
        chosen = best(piece, found, asked, first=kind == "marked")
        return same_time(whole[0], said[chosen.quantity.start]) if chosen else None

    return first_to_say(test)


def _date(text: str, question: Question) -> Test | None:
    whole = [one for one in dates(text) if (one.start, one.end) == (0, len(text))]
    if not whole:
        return None
    asked = question.asked()

    def test(piece: str, kind: Kind) -> bool | None:
        said = {one.start: one for one in dates(piece)}
        found = [Quantity(Fraction(one.month), one.start, one.end) for one in said.values()]
        chosen = best(piece, found, asked, first=kind == "marked")
        return same_date(whole[0], said[chosen.quantity.start], question.years) if chosen else None

    return first_to_say(test)


def _ordinal(text: str, question: Question) -> Test | None:
    wanted = ordinal(text)
    if wanted is None:
        return None
    asked = question.asked()

    def test(piece: str, kind: Kind) -> bool | None:
        said = best(piece, ordinals(piece), asked, first=kind == "marked")
        return None if said is None else said.quantity.value == wanted

    return first_to_say(test)


def _interval(text: str, _question: Question) -> Test | None:
    wanted = intervals(text)
    if not wanted or not _RANGE_LIKE.search(text):
        return None
    pair = parts(text) if text.startswith("(") and text.endswith(")") else []
    if len(wanted) == 1 and wanted[0].low_in is None:
        pair = [f"{end:g}" for end in (wanted[0].low, wanted[0].high)]

    def test(piece: str, _kind: Kind) -> bool | None:
        said = intervals(piece)
        if same_intervals(wanted, said):
            return True
        listed = (
            same_parts(pair, piece, in_order=True) if pair and not _SIGNED.search(piece) else None
        )
        return listed or (False if said else listed)

    return first_to_say(test)


def _list(text: str, question: Question) -> Test | None:
    wanted = parts(text)
    if not wanted:
        return None
    in_order = question.in_order or is_tuple(text)

    def test(piece: str, kind: Kind) -> bool | None:
        said = same_named(text, piece)
        said = same_parts(wanted, piece, in_order) if said is None else said
        # The parts may be spread over several sentences, which the whole then joins.
        return None if said is False and kind in {"bold", "sentence"} else said

    return first_to_say(test)


def _formula(text: str, _question: Question) -> Test | None:
    values = formula_values(text.rpartition("=")[2]) if _FORMULA.search(text) else None
    if values is None:
        return None
    wanted = text.rpartition("=")[2].strip()
    constant = Fraction(values[0].real) if values[0] == values[1] and not values[0].imag else None

    def test(piece: str, kind: Kind) -> bool | None:
        side = right_side(piece)
        if same_formula(side, wanted) or _holds(piece, wanted):
            return True
        number = result(piece, Asked()) if constant is not None else None
        if number is not None and constant is not None:
            return same_value(Quantity(constant, 0, 0), number.quantity)
        return False if kind == "boxed" or formula_values(side) else None

    return first_to_say(test)


def _holds(piece: str, wanted: str) -> bool:
    pattern = r"\s*".join(re.escape(sign) for sign in wanted if not sign.isspace())
    return re.search(rf"(?<![\w^*/+-]){pattern}(?![\w^*/+-])", piece) is not None


def _text(text: str, _question: Question) -> Test | None:
    def one(piece: str, kind: Kind) -> bool | None:
        if kind == "whole":
            return None
        if same_text(piece, text):
            return not piece.endswith("?")
        said = mentioned(piece, text) is not None
        if kind in {"boxed", "marked"}:
            return said
        return (said and kind == "bold") or (stated(piece, text) or None)

    def test(pieces: Pieces) -> Found | None:
        kinds = [piece.kind for piece in pieces] if pieces.short else []
        if "sentence" in kinds and {"boxed", "marked"}.isdisjoint(kinds):
            # The first sentence of a short answer, where it is the answer and no more.
            place = len(kinds) - 1 - kinds[::-1].index("sentence")
            first = list(pieces)[place].text
            if is_bare(first):
                return Found(stated(first, text), place)
        return first_to_say(one)(pieces)

    return test


# Each kind's test for a reference, null where it is of another; the last takes all.
_KINDS: tuple[Callable[[str, Question], Test | None], ...] = (
    _choice, _yes_no, _time, _date, _ordinal, amount, _interval, _list, _formula, _text,
)  # fmt: skip
