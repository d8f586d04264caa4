"""LaTeX, Markdown and typographic signs written plainly, so that answers can be compared."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

_SIGNS = str.maketrans(
    dict.fromkeys("−–‒﹣－‐‑", "-")
    | dict.fromkeys("×·⋅∙✕", "*")
    | dict.fromkeys("÷⁄∕", "/")
    | dict.fromkeys("’‘′´", "'")
    | dict.fromkeys("“”„″", '"')
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\xad", "")
    | {"º": "°", "˚": "°", "µ": "μ"}
)
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
_LOWERED = str.maketrans(_RAISED, "0123456789-+")
_RAISED_RUN = re.compile(f"[{_RAISED}]+")
_VULGAR = re.compile("[¼½¾⅐-⅞↉]")

# In order: each leaves what the next ones expect. Braces are worked off from the inside out. Each
# rule begins with what its text must contain, so that most needn't be tried.
_BRACES = r"\s*\{([^{}]*)\}"
_OPEN, _CLOSE, _DOLLAR = "\x02", "\x03", "\x04"
_END = r"(?![a-zA-Z])"
_FIRST = (
    (r"\{", r"\\\{", _OPEN),
    (r"\}", r"\\\}", _CLOSE),
    (r"\$", r"\\\$", _DOLLAR),
    ("{,}", r"\{,\}", ","),
    ("\\", r"(?<=\d)\\[,;:! ](?=\d{3})", ","),
    ("\\", rf"\\(?:left|right|[bB]igg?[lr]?|displaystyle|limits){_END}\s*\.?", ""),
    ("\\", rf"\\(?:[,;:! ]|q?quad{_END})", " "),
)
_NESTED = (
    ("\\", rf"\\(?:text|math|bold)(?!color)[a-z]*{_BRACES}", r"\1"),
    ("\\", rf"\\(?:operatorname|mbox|boxed|fbox){_BRACES}", r"\1"),
    ("frac", rf"\\[dtc]?frac{_BRACES}{_BRACES}", r" (\1)/(\2)"),
    ("frac", rf"\\[dtc]?frac\s*(\d){_BRACES}", r" \1/(\2)"),
    ("frac", rf"\\[dtc]?frac{_BRACES}\s*(\d)", r" (\1)/\2"),
    ("\\sqrt", rf"\\sqrt{_BRACES}", r" sqrt(\1)"),
    ("^", rf"\^{_BRACES}", r"^(\1)"),
    ("_", rf"_{_BRACES}", r"_\1"),
)
_LAST = (
    ("frac", r"\\[dtc]?frac\s*(\d)\s*(\w)", r" \1/\2"),
    ("\\sqrt", r"\\sqrt", "√"),
    ("√", r"√\s*\(", " sqrt("),
    ("√", r"√\s*(\d+|\w)", r" sqrt(\1)"),
    ("\\", rf"\^\(?\s*\\(?:circ|degree){_END}\s*\)?|\\degree{_END}", "°"),
    ("\\", rf"\\(?:times|cdot|ast){_END}", "*"),
    ("\\div", rf"\\div{_END}", "/"),
    ("\\pm", rf"\\pm{_END}", "±"),
    ("+/-", r"\+/-", "±"),
    ("\\pi", rf"\\pi{_END}", "π"),
    ("\\mu", rf"\\mu{_END}", "μ"),
    ("\\inf", rf"\\infty{_END}", "∞"),
    ("\\cup", rf"\\cup{_END}", "∪"),
    ("\\in", rf"\\in{_END}", "∈"),
    ("\\le", rf"\\leq?(?:slant)?{_END}", "≤"),
    ("\\ge", rf"\\geq?(?:slant)?{_END}", "≥"),
    ("<=", "<=", "≤"),
    (">=", ">=", "≥"),
    ("\\", rf"\\(?:approx|simeq){_END}", "≈"),
    ("\\", rf"\\(?:to|rightarrow|Rightarrow|implies){_END}", "→"),
    ("\\", r"\\[\[\]()]", " "),
    ("\\", r"\\([%#&_])", r"\1"),
    ("^(", r"\^\((-?\w|-?\d+)\)", r"^\1"),
    (")/(", r"\((\w+)\)/\((\w+)\)", r"\1/\2"),
    ("_", r"(?<=[A-Za-z)])_\(?(\d+)\)?", r"\1"),
    ("boxed", r"\\f?boxed", ""),
    ("{", r"\{", ""),
    ("}", r"\}", ""),
    (_OPEN, _OPEN, "{"),
    (_CLOSE, _CLOSE, "}"),
)
_MATH = r"(?<![\w$])\$\$?(?=[^\s$])([^$\n]*?[^\s$])\$\$?(?!\d)"
_ITALIC = r"(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])"
_Rules: TypeAlias = tuple[tuple[str, re.Pattern[str], str], ...]


def _compiled(*rules: tuple[str, str, str]) -> _Rules:
    return tuple((needle, re.compile(pattern), by) for needle, pattern, by in rules)


_BEFORE, _INNER, _AFTER = _compiled(*_FIRST), _compiled(*_NESTED), _compiled(*_LAST)
_DELIMITERS, _ITALICS = _compiled(("$", _MATH, r"\1")), _compiled(("*", _ITALIC, r"\1"))
_LATEX = frozenset("\\{^√=_<>/")
_MOST_NESTED = 6


def plain(text: str) -> str:
    """The text without mark-up: fractions as (a)/(b), powers as ^, signs as ASCII has them.

    Amounts of money keep their $, formulas lose theirs: as in Pandoc, a pair is a formula where no
    blank stands inside it at its ends and no digit follows.
    """
    if not text.isascii():
        text = _RAISED_RUN.sub(lambda run: "^" + run[0].translate(_LOWERED), text)
        text = _VULGAR.sub(lambda one: " " + unicodedata.normalize("NFKC", one[0]), text)
    text = text.replace("**", "").replace("`", "")
    latex = not _LATEX.isdisjoint(text)
    text = _all(_BEFORE, text) if latex else text
    text = _all(_DELIMITERS, text)
    if latex:
        for _ in range(_MOST_NESTED):
            before, text = text, _all(_INNER, text)
            if text == before:
                break
        text = _all(_AFTER, text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_SIGNS))
    return _all(_ITALICS, text.replace("__", "")).replace(_DOLLAR, "$")


def _all(rules: _Rules, text: str) -> str:
    for needle, pattern, by in rules:
        if needle in text:
            text = pattern.sub(by, text)
    return text
