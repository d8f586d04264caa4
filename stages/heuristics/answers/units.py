"""Units that answers come in, and how they convert."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

_Dimension = tuple[tuple[str, int], ...]


class Unit(NamedTuple):
    """What it measures, and how much of the base unit one is; ``zero`` is where its scale begins.

    A value of the unit is ``factor × value + zero`` base units.
    """

    dimension: _Dimension
    factor: Fraction
    zero: Fraction = Fraction(0)


# Base unit: its name, then each other's names and how many base units it is.
_TABLE: dict[str, dict[str, str]] = {
    "m": {
        "m metre metres meter meters": "1",
        "km kilometre kilometres kilometer kilometers kms": "1000",
        "cm centimetre centimetres centimeter centimeters": "1/100",
        "mm millimetre millimetres millimeter millimeters": "1/1000",
        "μm um micrometre micrometres micrometer micrometers micron microns": "1/1000000",
        "nm nanometre nanometres nanometer nanometers": "1/1000000000",
        "mi mile miles": "1609.344",
        "yd yds yard yards": "0.9144",
        "ft foot feet": "0.3048",
        "inch inches in": "0.0254",
    },
    "s": {
        "s sec secs second seconds": "1",
        "ms millisecond milliseconds": "1/1000",
        "μs us microsecond microseconds": "1/1000000",
        "ns nanosecond nanoseconds": "1/1000000000",
        "min mins minute minutes": "60",
        "h hr hrs hour hours": "3600",
        "d day days": "86400",
        "week weeks wk wks": "604800",
        "fortnight fortnights": "1209600",
    },
    "month": {
        "month months": "1",
        "year years yr yrs": "12",
        "decade decades": "120",
        "century centuries": "1200",
    },
    "kg": {
        "kg kilogram kilograms kilogramme kilogrammes kilo kilos": "1",
        "g gram grams gramme grammes": "1/1000",
        "mg milligram milligrams": "1/1000000",
        "μg ug microgram micrograms": "1/1000000000",
        "t tonne tonnes": "1000",
        "lb lbs pound pounds": "0.45359237",
        "oz ounce ounces": "0.028349523125",
        "stone": "6.35029318",
    },
    "radian": {"rad radian radians": "1"},
    "degree": {"° degree degrees deg": "1"},
    "mol": {"mol mole moles": "1"},
    "A": {"A amp amps ampere amperes": "1", "mA": "1/1000"},
    "C": {"C coulomb coulombs": "1"},
    "V": {"V volt volts": "1", "mV": "1/1000", "kV": "1000"},
    "Ω": {"Ω Ω ohm ohms": "1", "kΩ": "1000"},
    "Hz": {
        "Hz hertz": "1",
        "kHz kilohertz": "1000",
        "MHz megahertz": "1000000",
        "GHz gigahertz": "1000000000",
    },
    "N": {"N newton newtons": "1", "kN": "1000"},
    "Pa": {
        "Pa pascal pascals": "1",
        "hPa": "100",
        "kPa kilopascal kilopascals": "1000",
        "MPa": "1000000",
        "bar bars": "100000",
        "atm atmosphere atmospheres": "101325",
    },
    "J": {
        "J joule joules": "1",
        "kJ kilojoule kilojoules": "1000",
        "MJ": "1000000",
        "cal calorie calories": "4.184",
        "kcal kilocalorie kilocalories": "4184",
        "Wh": "3600",
        "kWh": "3600000",
        "eV": "0.0000000000000000001602176634",
    },
    "W": {
        "W watt watts": "1",
        "kW kilowatt kilowatts": "1000",
        "MW megawatt megawatts": "1000000",
        "mW": "1/1000",
        "hp horsepower": "745.69987158227",
    },
    "byte": {
        "B byte bytes": "1",
        "kB KB kilobyte kilobytes": "1000",
        "MB megabyte megabytes": "1000000",
        "GB gigabyte gigabytes": "1000000000",
        "TB terabyte terabytes": "1000000000000",
        "KiB": "1024",
        "MiB": "1048576",
        "GiB": "1073741824",
        "bit bits": "1/8",
    },
    "$": {"$ dollar dollars usd bucks": "1", "cent cents ¢": "1/100"},
    "€": {"€ euro euros eur": "1"},
    "£": {"£ gbp quid pound_sterling": "1", "p penny pence": "1/100"},
    "¥": {"¥ yen jpy": "1"},
    "₹": {"₹ rupee rupees inr": "1"},
    "%": {"% percent": "1"},
}
_LITRES = {
    "l L litre litres liter liters": "1",
    "ml mL millilitre millilitres milliliter milliliters": "1/1000",
    "cl cL centilitre centilitres centiliter centiliters": "1/100",
    "dl dL decilitre decilitres deciliter deciliters": "1/10",
    "gal gallon gallons": "3.785411784",
    "pint pints": "0.473176473",
    "cup cups": "0.2365882365",
}
_AREAS = {"ha hectare hectares": ("10000", 2), "acre acres": ("4046.8564224", 2)}
_KELVIN = {
    "K kelvin kelvins": (Fraction(1), Fraction(0)),
    "°C °Celsius celsius centigrade": (Fraction(1), Fraction("273.15")),
    "°F °Fahrenheit fahrenheit": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
}

_WORD = r"[A-Za-zμΩ°$€£¥₹%¢]+"
_FACTOR = (
    rf"(?:(?P<raised>square|cubic|sq\.?)\s+)?(?P<name>{_WORD})"
    r"(?:\^?\(?(?P<power>-?\d)\)?(?!\w)|\s(?P<said>squared|cubed))?"
)
_FACTORS = re.compile(_FACTOR)
_NEXT = re.compile(
    r"(?P<over>\s?/\s?|\s+per\s+|\s+an?\s+(?=hour|minute|second|day|week|month|year)"
    r"|/(?=\s))|\s?\*\s?|\s"
)
_DEGREES = re.compile(r"(?i)(?:degrees?|deg\.?|°)\s*([cf])(?:elsius|ahrenheit)?\b")
_POWERS = {"square": 2, "sq": 2, "sq.": 2, "squared": 2, "cubic": 3, "cubed": 3}


def _names() -> dict[str, tuple[Unit, ...]]:
    """Every name with the units that it may mean: pounds are a mass and money."""
    found: dict[str, tuple[Unit, ...]] = {}

    def add(names: str, unit: Unit) -> None:
        for name in names.split():
            found[name] = (*found.get(name, ()), unit)

    for base, units in _TABLE.items():
        for names, factor in units.items():
            add(names, Unit(((base, 1),), Fraction(factor)))
    for names, factor in _LITRES.items():
        add(names, Unit((("m", 3),), Fraction(factor) / 1000))
    for names, (size, zero) in _KELVIN.items():
        add(names, Unit((("K", 1),), size, zero))
    for names, (area, power) in _AREAS.items():
        add(names, Unit((("m", power),), Fraction(area)))
    for names, metres in (("mph", "1609.344"), ("kph kmh kmph", "1000")):
        add(names, Unit((("m", 1), ("s", -1)), Fraction(metres) / 3600))
    add("pound pounds", Unit((("£", 1),), Fraction(1)))
    add("C", Unit((("K", 1),), *_KELVIN["°C °Celsius celsius centigrade"]))
    add("F", Unit((("K", 1),), *_KELVIN["°F °Fahrenheit fahrenheit"]))
    add("cent cents", Unit((("€", 1),), Fraction(1, 100)))
    return found


_NAMES = _names()
MONEY = frozenset(_NAMES[sign][0].dimension for sign in "$€£¥₹")
_AMBIGUOUS = {"C", "F", "in", "A", "a", "us", "d", "t", "B", "K", "W", "V", "N", "J"}


def named(name: str) -> tuple[Unit, ...]:
    """The units that a name may mean; empty where it is none."""
    if name in _NAMES:
        return _NAMES[name]
    return _NAMES.get(name.lower(), ()) if len(name) > 2 else ()


def unit_at(text: str, at: int) -> tuple[tuple[Unit, ...], int]:
    """The units that the text at a place may mean, and where they end; none: empty, ``at``."""
    blank = at + 1 if text[at : at + 1] in {" ", "-"} else at
    if scale := _DEGREES.match(text, blank):
        return named(f"°{scale[1].upper()}"), scale.end()
    units: tuple[Unit, ...] = ()
    place, end, over = blank, at, False
    while found := _FACTORS.match(text, place):
        options = named(found["name"])
        if not options or (found["name"] in _AMBIGUOUS and not _alone(text, found.end())):
            break
        power = int(found["power"] or _POWERS.get(found["said"] or found["raised"], 1))
        options = tuple(_raised(one, -power if over else power) for one in options)
        units = tuple(_product(a, b) for a in units for b in options) if units else options
        end = found.end()
        joint = _NEXT.match(text, end)
        if joint is None:
            break
        over, place = over or joint["over"] is not None, joint.end()
    return units, end


def _alone(text: str, end: int) -> bool:
    """Whether no word follows, so that "3 in" are inches and "3 in all" are not."""
    return re.match(r"\s*(?:$|[^\w\s])", text[end:]) is not None


def _raised(unit: Unit, power: int) -> Unit:
    if power == 1:
        return unit
    dimension = tuple((name, exponent * power) for name, exponent in unit.dimension)
    return Unit(dimension, unit.factor**power)


def _product(left: Unit, right: Unit) -> Unit:
    powers = dict(left.dimension)
    for name, exponent in right.dimension:
        powers[name] = powers.get(name, 0) + exponent
    dimension = tuple(sorted((name, power) for name, power in powers.items() if power))
    return Unit(dimension, left.factor * right.factor)
