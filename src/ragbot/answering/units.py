"""Units of medicine in one spelling. Nothing is converted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

_ALIASES: Mapping[str, str] = {
    "mg": "mg mgs milligram milligrams",
    "g": "g gram grams gm",
    "kg": "kg kgs kilogram kilograms kilo kilos",
    "µg": "µg ug mcg microgram micrograms",
    "ng": "ng nanogram nanograms",
    "pg": "pg picogram picograms",
    "lb": "lb lbs pound pounds",
    "ml": "ml mL millilitre millilitres milliliter milliliters cc",
    "dl": "dl dL decilitre deciliter",
    "µl": "µl µL ul uL mcL microlitre microliter microlitres microliters",
    "l": "l L litre litres liter liters",
    "iu": "IU iu",
    "u": "U units unit",
    "mmol": "mmol mmols millimole millimoles",
    "µmol": "µmol umol micromole micromoles",
    "nmol": "nmol",
    "pmol": "pmol",
    "mol": "mol",
    "mM": "mM",
    "µM": "µM uM",
    "nM": "nM",
    "meq": "mEq meq",
    "mmhg": "mmHg mmhg",
    "kpa": "kPa",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "nm": "nm",
    "µm": "µm um",
    "km": "km",
    "m": "m metre metres meter meters",
    "m²": "m2 m² m^2",
    "mm³": "mm3 mm³ mm^3",
    "inch": "inch inches",
    "kcal": "kcal kilocalories calories",
    "kj": "kJ",
    "gy": "Gy gray",
    "cgy": "cGy",
    "mci": "mCi",
    "hz": "Hz",
    "bpm": "bpm beats",
    "°c": "°C ℃",
    "°f": "°F ℉",
    "second": "s sec secs second seconds",
    "minute": "min mins minute minutes",
    "hour": "h hr hrs hour hours",
    "day": "d day days",
    "week": "wk wks week weeks",
    "month": "mo month months",
    "year": "y yr yrs year years",
    "%": "% percent",
    "percentage point": "pp",
    "fold": "fold times",
    "cell": "cells cell",
    "kb": "kb",
    "bp": "bp",
    "da": "Da",
    "kda": "kDa",
    "tablet": "tablet tablets",
    "capsule": "capsule capsules",
    "dose": "dose doses",
    "drop": "drop drops",
    "cycle": "cycle cycles",
    "patient": "patient patients",
    "person-year": "person-years patient-years",
}
_CANONICAL = {alias: unit for unit, aliases in _ALIASES.items() for alias in aliases.split()}
# longer spellings first, so that "mg" is not read as "m"; bare letters that are words are left out
_ATOMS = sorted(_CANONICAL, key=len, reverse=True)
_PHRASES = {
    r"mm[ \u2009]Hg": "mmhg",
    r"per[ \u2009]cent(?![ \u2009]?age)": "%",
    r"percentage[ \u2009]points?": "percentage point",
}
_ATOM = "|".join([*_PHRASES, *map(re.escape, _ATOMS)])
_END = r"(?![A-Za-zµ°]|\.[A-Z])"
_JOIN = r"(?:[ \u2009]?/[ \u2009]?|[ \u2009]per[ \u2009])"
_POWER10 = r"(?:10(?:\^\d+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
UNIT_PATTERN = (
    rf"(?:(?:{_ATOM}){_END}(?:{_JOIN}(?:{_ATOM}){_END})*"
    rf"|{_JOIN}(?:{_POWER10}[ \u2009]?)?(?:{_ATOM}){_END}(?:{_JOIN}(?:{_ATOM}){_END})*)"
)


_AMOUNTS: Mapping[str, tuple[str, Decimal]] = {
    **{u: ("mass", Decimal(f)) for u, f in (("kg", 1000), ("g", 1), ("mg", "1e-3"))},
    **{u: ("mass", Decimal(f)) for u, f in (("µg", "1e-6"), ("ng", "1e-9"), ("pg", "1e-12"))},
    **{u: ("volume", Decimal(f)) for u, f in (("l", 1), ("dl", "0.1"), ("ml", "1e-3"))},
    "µl": ("volume", Decimal("1e-6")),
    **{u: ("time", Decimal(f)) for u, f in (("minute", 1), ("hour", 60), ("day", 1440))},
    "week": ("time", Decimal(10080)),
    **{u: ("months", Decimal(f)) for u, f in (("month", 1), ("year", 12))},
    **{u: ("length", Decimal(f)) for u, f in (("m", 1), ("cm", "1e-2"), ("mm", "1e-3"))},
    **{u: ("dose", Decimal(f)) for u, f in (("gy", 1), ("cgy", "1e-2"))},
}


def same_amount(value: Decimal, unit: str, other: Decimal, of: str) -> bool:
    """Whether `value unit` is `other of` in another unit: 0.5 g and 500 mg, 2 years and 24 months.

    For saying so only: a converted figure does not stand in its quote, and is never taken as if.
    """
    if unit == of:
        return False
    first, *per = unit.split("/")
    second, *per_other = of.split("/")
    if per != per_other or first not in _AMOUNTS or second not in _AMOUNTS:
        return False
    (kind, factor), (other_kind, other_factor) = _AMOUNTS[first], _AMOUNTS[second]
    return kind == other_kind and value * factor == other * other_factor


_COUNTED = frozenset({"patient", "cell"})  # "31 patients" and "n = 31" say the same


def canonical_unit(text: str) -> str:
    """The unit `text` in one spelling, parts joined by "/"; "" for none."""
    parts = re.split(_JOIN, text)
    if _canonical_part(parts[0].strip(" \u2009")) in _COUNTED and len(parts) == 1:
        return ""
    return "/".join(_canonical_part(part.strip(" \u2009")) for part in parts)


def _canonical_part(part: str) -> str:
    for pattern, unit in _PHRASES.items():
        if re.fullmatch(pattern, part):
            return unit
    return _CANONICAL.get(part) or _CANONICAL.get(part.lower()) or part
