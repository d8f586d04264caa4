"""Formulas compared by their values: 2√2 is √8, and x + 1 is 1 + x."""

from __future__ import annotations

import cmath
import re
from collections.abc import Iterator

_LONGEST = 200
_DEEPEST = 40
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|(sqrt|ln|log|sin|cos|tan|exp)(?![a-z])|(\S))")
_FUNCTIONS = {
    "sqrt": cmath.sqrt, "ln": cmath.log, "log": cmath.log10, "sin": cmath.sin,
    "cos": cmath.cos, "tan": cmath.tan, "exp": cmath.exp,
}  # fmt: skip
_CONSTANTS = {"π": cmath.pi, "e": cmath.e, "i": 1j}
# Where variables are put to compare two formulas: no simple relation holds between these.
_POINTS = (0.731, 1.377)
_CLOSE = 1e-9


class _NoFormulaError(Exception):
    pass


def formula_values(text: str) -> tuple[complex, ...] | None:
    """The values of a ``plain`` formula at two settings of its variables; null if it is none.

    Understands + - * / ^, brackets, roots, the usual functions, π, e, i, and multiplication that
    isn't written. A text of more than 200 characters is none.
    """
    if len(text) > _LONGEST or not text.strip():
        return None
    try:
        return tuple(_Parser(text, point).value() for point in _POINTS)
    except (_NoFormulaError, ArithmeticError, ValueError):
        return None


def same_formula(one: str, other: str) -> bool:
    """Whether two ``plain`` formulas have the same values."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    left, right = formula_values(one), formula_values(other)
    if left is None or right is None:
        return False
    return all(
        cmath.isclose(a, b, rel_tol=_CLOSE, abs_tol=_CLOSE)
        for a, b in zip(left, right, strict=True)
    )


class _Parser:
    """Sums of products of powers, read from the left."""

    def __init__(self, text: str, point: float) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0
        self.point = point

    def value(self) -> complex:
        total = self._sum()
        if self.at < len(self.tokens):
            raise _NoFormulaError
        return total

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _sum(self) -> complex:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _NoFormulaError
        total = self._product()
        while self._next() in {"+", "-"}:
            total = total + self._product() if self._take() == "+" else total - self._product()
        self.depth -= 1
        return total

    def _product(self) -> complex:
        total = self._signed()
        while True:
            if self._next() == "*":
                self._take()
                total *= self._signed()
            elif self._next() == "/":
                self._take()
                total /= self._signed()
            elif self._next() and self._next() not in "+-)]":
                total *= self._power()
            else:
                return total

    def _signed(self) -> complex:
        signs = 0
        while self._next() in {"+", "-"}:
            signs += self._take() == "-"
        return -self._power() if signs % 2 else self._power()

    def _power(self) -> complex:
        base = self._atom()
        if self._next() != "^":
            return base
        self._take()
        exponent = self._signed()
        if abs(exponent) > 400 or abs(base) > 1e30:
            raise _NoFormulaError
        return base**exponent

    def _atom(self) -> complex:
        token = self._take() if self._next() else ""
        if token[:1].isdigit() or (len(token) > 1 and token[0] == "."):
            return complex(float(token))
        if token in _FUNCTIONS:
            return _FUNCTIONS[token](self._atom())
        if token in {"(", "["}:
            inner = self._sum()
            if self._next() not in {")", "]"}:
                raise _NoFormulaError
            self._take()
            return inner
        if token in _CONSTANTS:
            return complex(_CONSTANTS[token])
        if len(token) == 1 and token.isalpha():
            return complex(self.point + ord(token) % 61 / 17)
        raise _NoFormulaError


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text.strip()):
        yield match[1] or match[2] or match[3]
