"""The places where a text says a given answer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

import polars as pl

from stages.heuristics.answers.numbers import number, quantities
from stages.heuristics.answers.plain import plain

# What may claim a number, what may stand between the claim and it, and the number. Boundaries are
# ASCII's: Rust's regex is slow on a text with one letter beyond ASCII where they are Unicode's.
_EDGE = r"(?-u:\b)"
_VERB = (
    r"is|are|was|were|be|gives?|giving|gets?|getting|got|equals?|makes?|leaves?|leaving|have|has|"
    r"becomes?|yields?|obtain|find|so|thus|hence|therefore|answer|result|total|solution"
)
_CLAIM = (
    rf"(?:{_EDGE}(?i-u:{_VERB}){_EDGE}|[=≈≃≅→⇒:]|\\(?:approx|to|Rightarrow|implies|boxed){_EDGE})"
)
_BETWEEN = (
    r"(?i-u:the|an?|then|just|simply|also|only|exactly|about|approximately|roughly|around|actually|"
    r"indeed|equal|to|of|be|is|are|us|me|we|answer|result|total|value|number|there|it|that|would|"
    r"should|must|will|still|therefore|text|boxed|mathbf|left|usd|eur|x|y|n)"
)
_GAP = rf"(?:{_BETWEEN}{_EDGE}|[\s\\{{}}()\[\]$€£*_:=≈,\"'“”`~])*?"
_SMALL = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen"
)
_TENS = r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORDS = rf"(?i-u:(?:{_TENS})(?:[- ](?:one|{_SMALL}))?|{_SMALL}){_EDGE}"
_POINT = r"(?:[0-9]+(?:,[0-9]{3})*(?:\{,\}[0-9]{3}|\\,[0-9]{3})*(?:\.[0-9]+)?|\.[0-9]+)"
_NUMBER = (
    rf"(?:[-−–] ?)?(?:\\[dt]?frac ?\{{?[0-9]+\}}? ?\{{?[0-9]+\}}?"
    rf"|[0-9]+ [0-9]+/[0-9]+|[0-9]+ ?/ ?[0-9]+|{_POINT}(?: ?\\?%)?|{_WORDS})"
)
_CLAIMED = rf"{_CLAIM}{_GAP}{_NUMBER}"
# What follows makes the number a part of something longer: 42 × 3, 42x, 42\frac12, 4.2.
_GOES_ON = (
    r"^(?:[A-Za-z0-9_^–−-]|\s*(?:[+×·÷^/]|\*[^*]|\\(?:times|cdot|div|frac|dfrac|sqrt))"
    r"|\s*[-−]\s*[0-9]|[ \t]+[0-9]|[.,][0-9])"
)
_PLAIN_NUMBER = r"^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$"
_MENTION = ("row", "from", "to", "text", "value", "decimals")
_MARK = "\x1f"  # unit separator: it stands for nothing in a text

_CHOICE = (
    rf"(?i-u:{_EDGE}(?:answer|option|choice|choose|pick|select|correct(?: one)?){_EDGE}|\\boxed)"
    rf"(?:[\s\\{{}}()\[\]$*_:\"'“”`]|(?i-u:is|be|text|would|should|must|option|the|choice){_EDGE})*?"
)
_SHORT = re.compile(r"(?i)[a-z]|yes|no|true|false|none")
_LONGEST, _MOST = 500, 10_000  # characters of an answer, and of all answers of a reference
_NO_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def number_mentions(texts: pl.DataFrame) -> pl.DataFrame:
    """Numbers that a text claims: ``row, from, to`` (bytes), ``text``, ``value``, ``decimals``.

    ``decimals`` is how many stand behind the point, null without one. ``texts`` has ``row`` and
    ``text``. A mention of a number must be claimed ("is", "=", "→", "\\boxed{", "so", "answer", …,
    with little between), since a bare one may stand in the question; the mention begins with what
    claims it. A step of a sum (42 × 3) claims nothing.
    """
    marked = pl.col("text").str.replace_all(_MARK, " ", literal=True)
    pieces = (
        texts.select(
            "row", marked.str.replace_all(_CLAIMED, f"{_MARK}${{0}}{_MARK}").str.split(_MARK)
        )
        .explode("text")
        .drop_nulls("text")
        .with_columns(
            pl.col("text").str.len_bytes().cast(pl.Int64).cum_sum().over("row").alias("to"),
            pl.int_range(pl.len()).over("row").alias("place"),
            pl.col("text").shift(-1).alias("rest"),
        )
        .filter(pl.col("place") % 2 == 1, ~pl.col("rest").str.contains(_GOES_ON))
        .with_columns(
            (pl.col("to") - pl.col("text").str.len_bytes()).alias("from"),
            pl.col("text").str.extract(f"({_NUMBER})$").alias("number"),
        )
    )
    values = pieces.select(pl.col("number").unique()).with_columns(
        pl.col("number").str.extract(r"\.([0-9]+)$").str.len_bytes().alias("decimals")
    )
    values = values.with_columns(_values(values["number"]).alias("value"))
    return pieces.join(values, on="number").drop_nulls("value").select(*_MENTION)


def _values(numbers: pl.Series) -> pl.Series:
    """What each is worth: digits and a point, as most are, need no reading."""
    digits = numbers.str.contains(_PLAIN_NUMBER)
    values = numbers.cast(pl.Float64, strict=False)
    read = [_said(one) for one in numbers.filter(~digits).to_list()]
    return values.scatter((~digits).arg_true(), pl.Series(read, dtype=pl.Float64))


def _said(text: str) -> float | None:
    """The value of a claimed number; null for a division that is yet to be done (392/7)."""
    value = number(plain(text))
    if value is None or (value.denominator == 1 and ("/" in text or "frac" in text)):
        return None
    return _float(value)


def reference_values(reference: Sequence[str | None]) -> list[float]:
    """Those of a reference's answers that are numbers (of many, see ``text_pattern``)."""
    found = [_value(one) for one in _looked_for(reference)]
    return [_float(one) for one in found if one is not None]


def text_pattern(reference: Sequence[str | None]) -> str | None:
    """A pattern of Rust's regex for those of the answers that are no numbers; null without one.

    They count wherever they stand as whole words, in capitals or not. The letter of a choice, yes
    and no must be claimed as the answer. Of an answer the first 500 characters are looked for, and
    of many answers the first ones, 10,000 characters in all: a pattern's size has its limits.
    """
    texts = [_text(one) for one in _looked_for(reference) if _value(one) is None]
    return "|".join(dict.fromkeys(texts)) or None


def _looked_for(reference: Sequence[str | None]) -> Iterator[str]:
    """The first different answers of a reference, each with its beginning."""
    size = 0
    for answer in dict.fromkeys(_begun(one.strip()) for one in reference if one and one.strip()):
        size += len(answer)
        if size > _MOST:
            return
        yield answer


def _begun(answer: str) -> str:
    """The beginning of a long answer, up to a whole word where it has any."""
    return answer if len(answer) <= _LONGEST else answer[:_LONGEST].rsplit(maxsplit=1)[0]


def _value(answer: str) -> Fraction | None:
    """The number that an answer is, with a unit or without; null for any other."""
    text = plain(answer).strip()
    found = quantities(text)
    value = number(text)
    if value is None and len(found) == 1 and (found[0].start, found[0].end) == (0, len(text)):
        return found[0].value
    return value


def _text(answer: str) -> str:
    inner = plain(answer).strip(" ()[]")
    if _SHORT.fullmatch(inner):
        return (
            rf"{_CHOICE}{inner}{_EDGE}" if len(inner) == 1 else rf"{_CHOICE}(?i-u:{inner}){_EDGE}"
        )
    words = [r"\s+".join(re.escape(word) for word in one.split()) for one in {answer, inner} if one]
    return rf"(?i:{_edge(answer[0])}(?:{'|'.join(sorted(words))}){_edge(answer[-1])})"


def _edge(character: str) -> str:
    """A word's edge, where the script has any and the answer begins or ends with a word."""
    return r"\b" if character.isalnum() and not _NO_SPACES.match(character) else ""


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
