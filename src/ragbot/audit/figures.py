"""Whether a source gives the figures of a statement that was written from it.

Stricter than for an answer in that every figure counts, and gentler in how it may be written: "from
68% to 85%" for "85% versus 68%", "6.84-fold" for a hazard ratio of 6.84, "one in eight" for 13%.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ragbot.answering.numbers import Quantity, quantities

APPROXIMATE = re.compile(
    r"(?:\b(?:about|around|roughly|nearly|almost|some|approximately|circa|ca\.?|close to)|~) *$",
    re.IGNORECASE,
)
NEAR = Decimal("0.06")
SHARE_NEAR = Decimal("0.16")
_VALUES = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"nine": 9, "ten": 10, "twenty": 20, "hundred": 100},
}
_WORDS = tuple(_VALUES)
_SHARE = re.compile(
    rf"\b({'|'.join(_WORDS)}|\d+) in ({'|'.join(_WORDS)}|\d+)\b(?! ?%|\.\d)", re.IGNORECASE
)
_LOOSE = re.compile(
    r"\b(?:half|halves|halved|twice|double[sd]?|doubling|triple[sd]?|thirds?|quarters?|fifths?|once|"
    r"one|(?:two|three)-thirds|(?:two|three|four|five|six|ten)[ -](?:times|fold))\b",
    re.IGNORECASE,
)
_ALIKE = ({"", "fold"}, {"", "year"})  # a hazard ratio of 6.84, and 6.84-fold; aged 60
_AGAINST = re.compile(r" (?:against|compared (?:with|to)|but only|rather than) ")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a statement; `held_by` are the indices of the sentences that give it."""

    text: str
    held_by: tuple[int, ...]
    unit: str = ""
    other: str = ""


def figures_of(statement: str, sentences: Sequence[str]) -> list[Figure]:
    """The figures of `statement` and which of `sentences` give each.

    `other` names a figure of the same kind that the sentences give instead. Vague words ("half",
    "twice") are no figures; "one in eight" is one, and is met by a share near to it.
    """
    statement = _AGAINST.sub(" versus ", statement)
    offered = [list(_spread(quantities(sentence))) for sentence in sentences]
    found = [_share_figure(share, offered) for share in _SHARE.finditer(statement)]
    shares = [share.span() for share in _SHARE.finditer(statement)]
    for quantity in quantities(statement):
        inside = any(a <= quantity.start < b for a, b in shares)
        if quantity.kind == "name" or inside or _LOOSE.match(quantity.text):
            continue
        found.append(_figure(quantity, statement, offered))
    return found


def _figure(wanted: Quantity, statement: str, offered: Sequence[Sequence[Quantity]]) -> Figure:
    rough = APPROXIMATE.search(statement[: wanted.start]) is not None
    holders = tuple(
        at for at, here in enumerate(offered) if any(_gives(q, wanted, rough) for q in here)
    )
    if not holders and wanted.high is not None and wanted.kind in ("range", "ratio"):
        return _by_ends(wanted, offered, rough)
    if holders:
        return Figure(wanted.text, holders, wanted.unit)
    near = [q for here in offered for q in here if (q.kind, q.unit) == (wanted.kind, wanted.unit)]
    return Figure(wanted.text, (), wanted.unit, near[0].text if near else "")


def _by_ends(wanted: Quantity, offered: Sequence[Sequence[Quantity]], rough: bool) -> Figure:
    """A range whose ends are given one by one: "from 4.0 to 7.7 months"."""
    ends = list(_ends(wanted))
    holders = [
        {at for at, here in enumerate(offered) if any(_gives(q, end, rough) for q in here)}
        for end in ends
    ]
    if not all(holders):
        return Figure(wanted.text, ())
    both = set.intersection(*holders) or set.union(*holders)
    return Figure(wanted.text, tuple(sorted(both)), wanted.unit)


def _spread(found: Iterable[Quantity]) -> Iterable[Quantity]:
    """The quantities, and the ends of ranges and the parts of ratios as figures of their own."""
    for quantity in found:
        yield quantity
        if quantity.kind in ("range", "ratio"):
            yield from _ends(quantity)


def _ends(quantity: Quantity) -> Iterable[Quantity]:
    for value in (quantity.value, quantity.high):
        yield Quantity(
            "number", quantity.text, quantity.start, quantity.end, value, None, quantity.unit
        )


def _gives(offered: Quantity, wanted: Quantity, rough: bool) -> bool:
    if (offered.kind == "p") != (wanted.kind == "p"):
        return False
    if offered.key != wanted.key or offered.high != wanted.high:
        return False
    if not _same_unit(offered.unit, wanted.unit) or not _may_compare(offered, wanted):
        return False
    if offered.value == wanted.value:
        return True
    if not rough or offered.value is None or wanted.value is None:
        return False
    return abs(offered.value - wanted.value) <= NEAR * abs(offered.value)


def _same_unit(offered: str, wanted: str) -> bool:
    return offered == wanted or any({offered, wanted} <= alike for alike in _ALIKE)


def _may_compare(offered: Quantity, wanted: Quantity) -> bool:
    """Whether no comparator is turned round; "under 60" and "60 or over" do not meet."""
    signs = {offered.comparator[:1], wanted.comparator[:1]} - {""}
    if wanted.kind == "p":
        return offered.comparator == wanted.comparator or not wanted.comparator
    return len(signs) < 2


def _share_figure(share: re.Match[str], offered: Sequence[Sequence[Quantity]]) -> Figure:
    part, whole = (_number(word) for word in share.groups())
    wanted = Decimal(100) * part / whole if whole else Decimal(0)
    holders = tuple(
        at
        for at, here in enumerate(offered)
        if any(
            q.unit == "%" and q.value is not None and abs(q.value - wanted) <= SHARE_NEAR * wanted
            for q in here
        )
    )
    return Figure(share.group(), holders)


def _number(word: str) -> Decimal:
    return Decimal(_VALUES.get(word.lower(), 0) or int(word))
