"""When two numbers are the same answer: units convert, endless decimals may be rounded."""

from __future__ import annotations

from fractions import Fraction

from stages.heuristics.answers.numbers import Quantity
from stages.heuristics.answers.units import MONEY, Unit, named

_PERCENT = named("%")[0].dimension
_DEGREE = named("°")[0].dimension
_CLOSE = Fraction(5, 10_000)
_LEAST_DECIMALS, _SURE_FIGURES = 2, 4


def same_quantity(reference: Quantity, said: Quantity) -> bool:
    """Whether a number is the reference.

    A unit may be missing on either side; two units must be of one kind, and convert. A percentage
    is its hundredth, or the number itself where the reference is 1 or more without a unit.
    """
    percent = [_is(one, _PERCENT) for one in (reference, said)]
    if percent[0] != percent[1]:
        return _same_share(reference, said, percent[1])
    if not reference.units or not said.units or (_is(said, _DEGREE) and _is_temperature(reference)):
        return same_value(reference, said)
    return any(
        _converted(reference, said, one, other)
        for one in reference.units
        for other in said.units
        if one.dimension == other.dimension
    )


def _same_share(reference: Quantity, said: Quantity, said_percent: bool) -> bool:
    if (said if not said_percent else reference).units:
        return False
    if said_percent:
        share = _scaled(said, Fraction(1, 100), 2)
        return same_value(reference, share) or (
            abs(reference.value) >= 1 and same_value(reference, said)
        )
    return same_value(reference, said) or same_value(_scaled(reference, Fraction(1, 100), 2), said)


def _scaled(one: Quantity, factor: Fraction, places: int) -> Quantity:
    decimals = None if one.decimals is None else one.decimals + places
    return one._replace(value=one.value * factor, decimals=decimals, units=())


def _is(one: Quantity, dimension: tuple[tuple[str, int], ...]) -> bool:
    return any(unit.dimension == dimension for unit in one.units)


def _is_temperature(one: Quantity) -> bool:
    return any(unit.dimension == (("K", 1),) for unit in one.units)


def _converted(reference: Quantity, said: Quantity, unit: Unit, other: Unit) -> bool:
    if unit == other:
        return same_value(reference, said, exact=unit.dimension in MONEY)
    there = (said.value * other.factor + other.zero - unit.zero) / unit.factor
    back = (reference.value * unit.factor + unit.zero - other.zero) / other.factor
    return (
        same_value(reference, said._replace(value=there, decimals=None))
        or same_value(reference._replace(value=back, decimals=None), said)
        or _is_rounded(back, said)
    )


def _is_rounded(exact: Fraction, said: Quantity) -> bool:
    """Whether a converted value was rounded to three figures at least."""
    step = Fraction(1, 10 ** (said.decimals or 0))
    return abs(said.value) >= 100 * step and abs(exact - said.value) <= step / 2


def same_value(reference: Quantity, said: Quantity, exact: bool = False) -> bool:
    """Equal, or one of them is the other rounded to two decimals at least.

    That holds where the rounded one can't say more (1/3, or a longer decimal); amounts of money
    are ``exact``. Powers of ten may differ by half a thousandth. 12.500 may be the 12,500 of a
    country where the point sets thousands apart.
    """
    if reference.value == said.value:
        return True
    if exact:
        return False
    if _huge(reference) and _huge(said):
        return abs(reference.value - said.value) <= _CLOSE * abs(reference.value)
    return (
        _rounds(reference, said)
        or _rounds(said, reference, exact=_figures(reference) < _SURE_FIGURES)
        or (said.decimals == 3 and reference.decimals == 0 and reference.value == 1000 * said.value)
    )


def _huge(one: Quantity) -> bool:
    return one.decimals is None and not Fraction(1, 1000) < abs(one.value) < 10**6


def _figures(one: Quantity) -> int:
    """Digits that a decimal is given with, leading zeros apart."""
    return len(str(abs(one.value.numerator * 10 ** (one.decimals or 0) // one.value.denominator)))


def _rounds(long: Quantity, short: Quantity, exact: bool = True) -> bool:
    """Whether ``short`` is ``long`` rounded or cut.

    A ``long`` that is ``exact`` (1/8) needs three decimals at least, unless it has no end.
    """
    places = short.decimals
    if places is None or places < _LEAST_DECIMALS:
        return False
    if exact and long.decimals is None and not _endless(long.value) and places < 3:
        return False
    if long.decimals is not None and long.decimals <= max(places, 3):
        return False
    off = abs(long.value) - abs(short.value)
    step = Fraction(1, 10**places)
    same_sign = (long.value < 0) == (short.value < 0)
    return same_sign and -step / 2 <= off < step


def _endless(value: Fraction) -> bool:
    under = value.denominator
    for prime in (2, 5):
        while under % prime == 0:
            under //= prime
    return under > 1
