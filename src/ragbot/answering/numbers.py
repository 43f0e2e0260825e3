"""Quantities in text, and the gate: a figure of a claim occurs in its quotes, or is named.

Pure functions. A quantity is a number with its unit, comparator and sign; a range, a ratio, a
date; or a name that carries a figure (CD19, IL-6). Two quantities are the same if what they say
is the same, however it is written: `P<.001` and `p < 0.001`, `50 × 10⁹/L` and `50 x10^9/L`.
Units are never converted: 0.5 g and 500 mg count as different, and the reason says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise

from ragbot.answering.quantity import Kind, MissingQuantity, Quantity, Reason
from ragbot.answering.units import UNIT_PATTERN, canonical_unit, same_amount


def _listed(text: str) -> list[str]:
    return text.split()


__all__ = ["MissingQuantity", "Quantity", "missing_quantities", "quantities", "same_quantity"]

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("−–—‒‐‑﹣－", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f\u2007\u2008\u200a\u2002\u2003\u2005\u2006", "\u2009"),
        **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
        "·": ".", "∙": ".", "⋅": ".", "×": "x", "✕": "x", "μ": "µ", "％": "%", "⩽": "≤",
        "⩾": "≥", "≦": "≤", "≧": "≥", "＜": "<", "＞": ">", "＝": "=", "≈": "~", "∼": "~",
    }
)  # fmt: skip
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SPACE = r"[ \u2009\t\n]"
_BODY = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d{1,3}(?:\u2009\d{3})+(?:[.,]\d+)?(?!\d)|"
    r"\d{1,3}(?: 000)+(?!\d)|\d+\.\d+|\d+,\d{1,2}(?!\d)|0,\d+|\d+|\.\d+)"
)
_POWER = (
    rf"(?:{_SPACE}?x{_SPACE}?10(?:\^|{_SPACE}?\*\*{_SPACE}?)?(?:\()?(?P<power>-?\d{{1,2}}|"
    rf"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]{{1,3}})\)?|e(?P<exponent>[+-]?\d{{1,2}})(?![\w]))"
)
_SCALE = rf"(?:{_SPACE}(?P<scale>hundred|thousand|million|billion)\b)"
_ENDING = rf"(?:{_SPACE}?(?:-{_SPACE}?)?(?P<unit>{UNIT_PATTERN}))"
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w)\]%.])[-+±](?={_SPACE}?(?:\d|\.\d)))?{_SPACE}?"
    rf"(?<![\w^])(?<!\d[.,])(?P<body>{_BODY}){_POWER}?{_SCALE}?{_ENDING}?",
)
_BARE_POWER = re.compile(
    rf"(?P<sign>(?<![\w)\]%.])-)?(?<![\w.])10(?:{_SPACE}?\^{_SPACE}?\(?(-?\d{{1,2}})\)?|"
    rf"([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]{{1,3}})){_ENDING}?"
)
_NAME = re.compile(
    r"(?<![\w./])(?:[A-Za-zα-ωΑ-Ω]+-?\d+(?:\.\d+)?[A-Za-z0-9]*(?:-\d+)?|"
    r"\d+[A-Za-z]*[A-Z][A-Za-z0-9]*|\d+-(?:[A-Z]{2,}\w*|hydroxy\w+))(?![\w])"
)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = "|".join(
    f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS.split()
)
_DATES = (
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?P<m>{_MONTH})\.?,? (?P<y>\d{{4}})\b", re.I),
    re.compile(rf"\b(?P<m>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})\b", re.I),
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
    re.compile(rf"\b(?P<m>{_MONTH})\.?,? (?P<y>\d{{4}})\b", re.I),
)
_P_BEFORE = re.compile(r"(?<![A-Za-z])p(?:[ -]?values?)?(?: (?:of|was|were|is))?[ \u2009]*$", re.I)
_BEFORE: tuple[tuple[str, str], ...] = (
    (r"(?:<=|=<|≤|<(?: ?or ?|/)=|(?:less|lower|fewer|smaller) than or equal to|at most|up to|"
     r"no more than|not more than|a maximum of|maximum|no greater than|not exceeding)", "<="),
    (r"(?:>=|=>|≥|>(?: ?or ?|/)=|(?:greater|more|higher|larger) than or equal to|at least|"
     r"no less than|no fewer than|not less than|a minimum of|minimum)", ">="),
    (r"(?:<|less than|lower than|fewer than|under|below|younger than|smaller than|"
     r"shorter than)", "<"),
    (r"(?:>|more than|greater than|higher than|over|above|exceeding|exceeds?|exceeded|older than|"
     r"longer than|larger than|in excess of)", ">"),
)  # fmt: skip
_AFTER: tuple[tuple[str, str], ...] = (
    (
        r"(?:(?:of age )?(?:or|and) (?:more|older|above|over|higher|greater|longer)|or better|\+)",
        ">=",
    ),
    (r"(?:(?:of age )?(?:or|and) (?:less|fewer|younger|below|under|lower|shorter))", "<="),
)
_COMPARE = tuple(
    (re.compile(rf"(?:^|[^\w]|\w(?=[<>≤≥=])){p}[ \u2009]*$", re.I), sign) for p, sign in _BEFORE
)
_COMPARE_AFTER = tuple((re.compile(rf"^ ?{p}(?![\w])", re.I), sign) for p, sign in _AFTER)
_BETWEEN = re.compile(
    rf"^{_SPACE}?(?:-|to|through|and)(?:{_SPACE}(?:about|approximately|as (?:high|much|many) as))?"
    rf"{_SPACE}?$"
)
_OPENING = re.compile(r"(?:between|from)[ \u2009]$", re.IGNORECASE)
_INTERVAL = re.compile(r"(?:\bCI|interval)\]?\)?[ :,=]*[(\[]?$")
_LEVEL = re.compile(rf"^{_SPACE}?(?:CI|CrI|confidence|credible)\b")
_LIST = re.compile(rf"^{_SPACE}?(?:,|or|and|,{_SPACE}?and|,{_SPACE}?or|/|versus|vs\.?|v){_SPACE}?$")
_ONES = dict(
    zip(
        _listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        ),
        range(20),
        strict=True,
    )
)
_TENS = dict(
    zip(
        _listed("twenty thirty forty fifty sixty seventy eighty ninety"),
        range(20, 100, 10),
        strict=True,
    )
)
_OLDEST = 120
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_WORD = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<ones>{'|'.join(_ONES)}))?|"
    rf"(?P<one>{'|'.join(_ONES)}))"
    rf"(?:[ -](?P<scale>{'|'.join(_SCALES)}))?\b{_ENDING}?",
    re.I,
)
_FOLD = {"twice": 2, "double": 2, "doubled": 2, "doubles": 2, "triple": 3, "tripled": 3}
_FOLD_WORD = re.compile(rf"\b(?:{'|'.join(_FOLD)}|({'|'.join(_ONES)})fold)\b", re.I)
_FRACTION = re.compile(
    r"\b(?:(?:(?P<times>a|one|two|three)[ -])(?P<part>half|third|quarter)s?\b"
    r"(?=[ -](?:of|as)\b|[,.;)]|$)"
    r"|(?P<alone>half)(?= (?:of|the|as)\b))",
    re.I,
)
_AGE = re.compile(
    r"\b(?:age[ds]?|(?P<who>patients|adults|people|those|persons|children|men|women))"
    r"(?: of| at)? ?"
    r"(?:(?:under|over|below|above|younger than|older than|at least|[<>]=?|[≤≥]) ?)?$",
    re.I,
)


def quantities(text: str) -> list[Quantity]:
    """All quantities of `text`, in order; offsets are those of `text` as given."""
    return list(_quantities(text))


@lru_cache(maxsize=4096)
def _quantities(text: str) -> tuple[Quantity, ...]:
    plain = text.translate(_PLAIN)
    taken = bytearray(len(plain))
    found: list[Quantity] = []
    steps = (_dates, _names, _bare_powers, _fractions, _numbers, _word_numbers, _folds)
    for step in steps:
        for quantity in step(plain, taken):
            taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
            found.append(quantity)
    found.sort(key=lambda quantity: quantity.start)
    joined = _share_units(_join_ranges(found, plain), plain)
    return tuple(replace(q, text=text[q.start : q.end]) for q in joined)


def missing_quantities(claim: str, quotes: Sequence[str]) -> list[MissingQuantity]:
    """Every quantity of `claim` that no quote carries with its unit, comparator and sign."""
    said = quantities(claim)  # where there are none, the quotes need no reading
    offered = [quantity for quote in quotes for quantity in _offered(quote)] if said else []
    missing = (_why_missing(wanted, offered) for wanted in said)
    return [entry for entry in missing if entry is not None]


def _offered(quote: str) -> Iterable[Quantity]:
    """The quantities of a quote, and what they say besides.

    "22/24" and "22 of 24" say the same, and each of both numbers; a date says its month and year.
    """
    found = quantities(quote)
    yield from found
    for quantity in found:
        if quantity.kind == "ratio":
            yield replace(quantity, kind="number", high=None)
            yield replace(quantity, kind="number", value=quantity.high, high=None)
        elif quantity.kind == "date":
            year, *rest = quantity.key.split("-")
            yield replace(quantity, kind="number", value=Decimal(year).normalize(), key="")
            yield replace(quantity, key="-".join([year, *rest[:1]]))
    for first, second in pairwise(found):
        both = first.kind == second.kind == "number" and not first.unit
        if both and re.fullmatch(r" of (?:the )?", quote[first.end : second.start]):
            yield replace(first, kind="ratio", high=second.value)


def same_quantity(first: Quantity, second: Quantity) -> bool:
    """Whether two quantities say the same."""
    return _same_value(first, second) and (first.unit, first.comparator) == (
        second.unit,
        second.comparator,
    )


def _same_value(first: Quantity, second: Quantity) -> bool:
    if (first.kind == "p") != (second.kind == "p"):
        return False
    return (first.value, first.high, first.key) == (second.value, second.high, second.key)


def _why_missing(wanted: Quantity, offered: Iterable[Quantity]) -> MissingQuantity | None:
    best: MissingQuantity | None = None
    order = ("value", "conversion", "sign", "unit", "comparator")
    for other in offered:
        reason = _difference(wanted, other)
        if reason is None:
            return None
        near = None if reason == "value" else other
        if best is None or order.index(reason) > order.index(best.reason):
            best = MissingQuantity(wanted, reason, near)
    return best or MissingQuantity(wanted, "value")


def _difference(wanted: Quantity, other: Quantity) -> Reason | None:
    if not _same_value(wanted, other):
        if _is_converted(wanted, other):
            return "conversion"
        negated = wanted.value is not None and other.value == -wanted.value
        return "sign" if negated and wanted.high == other.high else "value"
    if wanted.unit != other.unit and not (_implied(wanted, other) or _implied(other, wanted)):
        return "unit"
    return None if wanted.comparator == other.comparator else "comparator"


def _implied(age: Quantity, other: Quantity) -> bool:
    """Whether `age` is in years for its words alone ("aged 60"), and `other` says no unit."""
    return age.unit == "year" and age.text[-1:].isdigit() and not other.unit


def _is_converted(wanted: Quantity, other: Quantity) -> bool:
    """Whether both give one amount, or one range, in different units."""
    if wanted.value is None or other.value is None or (wanted.high is None) != (other.high is None):
        return False
    ends = [(wanted.value, other.value)]
    if wanted.high is not None and other.high is not None:
        ends.append((wanted.high, other.high))
    return all(same_amount(mine, wanted.unit, theirs, other.unit) for mine, theirs in ends)


def _free(taken: bytearray, start: int, end: int) -> bool:
    return not any(taken[start:end])


def _dates(plain: str, taken: bytearray) -> Iterable[Quantity]:
    for pattern in _DATES:
        for found in pattern.finditer(plain):
            if _free(taken, *found.span()):
                parts = found.groupdict()
                month = parts["m"]
                number = int(month) if month.isdigit() else _month_number(month)
                key = "-".join(filter(None, (parts["y"], f"{number:02d}", _day(parts.get("d")))))
                yield Quantity("date", found.group(), found.start(), found.end(), key=key)


def _month_number(name: str) -> int:
    return [month[:3] for month in _MONTHS.split()].index(name[:3].lower()) + 1


def _day(text: str | None) -> str:
    return f"{int(text):02d}" if text else ""


def _names(plain: str, taken: bytearray) -> Iterable[Quantity]:
    for found in _NAME.finditer(plain):
        bare = re.fullmatch(rf"\d+-?(?:{UNIT_PATTERN})|x10-?\d*", found.group())
        power = found.end() < len(plain) and plain[found.end()] in "^⁰¹²³⁴⁵⁶⁷⁸⁹"
        if bare is None and not power and _free(taken, *found.span()):
            key = found.group().replace("-", "").lower()
            yield Quantity("name", found.group(), found.start(), found.end(), key=key)


def _bare_powers(plain: str, taken: bytearray) -> Iterable[Quantity]:
    for found in _BARE_POWER.finditer(plain):
        before = plain[: found.start()].rstrip(" \u2009")
        if before.endswith("x") or not _free(taken, *found.span()):
            continue
        power = int(found.group(2) or found.group(3).translate(_SUPERSCRIPT))
        value = Decimal(10) ** power * (-1 if found.group("sign") else 1)
        unit = canonical_unit(found.group("unit") or "")
        yield _compared(plain, found.start(), found.end(), value, unit)


def _numbers(plain: str, taken: bytearray) -> Iterable[Quantity]:
    for found in _NUMBER.finditer(plain):
        start = found.start("sign") if found.group("sign") else found.start("body")
        if not _free(taken, found.start("body"), found.end("body")):
            continue
        value = _value(found)
        if value is not None:
            unit = canonical_unit(found.group("unit") or "")
            yield _compared(plain, start, found.end(), value, unit)


def _value(found: re.Match[str]) -> Decimal | None:
    body = found.group("body").replace("\u2009", "").replace(" ", "")
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", body):
        body = body.replace(",", "")
    try:
        value = Decimal(body.replace(",", "."))
    except InvalidOperation:
        return None
    power = (found.group("power") or found.group("exponent") or "0").translate(_SUPERSCRIPT)
    value = value.scaleb(int(power)) * _SCALES.get((found.group("scale") or "").lower(), 1)
    return -value.normalize() if found.group("sign") == "-" else value.normalize()


def _compared(plain: str, start: int, end: int, value: Decimal, unit: str) -> Quantity:
    before = plain[max(0, start - 40) : start]
    comparator = next((sign for pattern, sign in _COMPARE if pattern.search(before)), "")
    after = plain[end : end + 24]
    comparator = comparator or next((s for p, s in _COMPARE_AFTER if p.search(after)), "")
    stem = re.sub(r"(?:[<>=≤≥]|less than|greater than)+[ \u2009]*$", "", before)
    kind: Kind = "p" if not unit and _P_BEFORE.search(stem) else "number"
    age = _AGE.search(before) if not unit and value < _OLDEST else None
    if age is not None and not (age["who"] and not comparator):
        unit = "year"  # "aged 60 or over", "patients under 60"
    return Quantity(kind, plain[start:end], start, end, value, None, unit, comparator)


def _word_numbers(plain: str, taken: bytearray) -> Iterable[Quantity]:
    for found in _WORD.finditer(plain):
        if not _free(taken, *found.span()):
            continue
        parts = {name: (text or "").lower() for name, text in found.groupdict().items()}
        if parts["one"] in {"one", "zero"} and not (parts["scale"] or parts["unit"]):
            continue  # "one of the" counts nothing
        value = _TENS.get(parts["tens"], 0) + _ONES.get(parts["ones"] or parts["one"], 0)
        scaled = Decimal(value * _SCALES.get(parts["scale"], 1)).normalize()
        unit = canonical_unit(parts["unit"])
        yield _compared(plain, found.start(), found.end(), scaled, unit)


def _fractions(plain: str, taken: bytearray) -> Iterable[Quantity]:
    """Figures in words: "half of", "two thirds"; not the same as 50% or 66.7%."""
    for found in _FRACTION.finditer(plain):
        if _free(taken, *found.span()):
            times = {"two": 2, "three": 3}.get((found["times"] or "").lower(), 1)
            part = (found["alone"] or found["part"]).lower()
            yield Quantity("number", found.group(), *found.span(), Decimal(times), None, part)


def _folds(plain: str, taken: bytearray) -> Iterable[Quantity]:
    for found in _FOLD_WORD.finditer(plain):
        if _free(taken, *found.span()):
            word = found.group().lower()
            value = Decimal(_FOLD[word] if word in _FOLD else _ONES[found.group(1).lower()])
            yield Quantity("number", found.group(), *found.span(), value, None, "fold")


def _join_ranges(found: list[Quantity], plain: str) -> list[Quantity]:
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        if last is not None and _is_pair(last, quantity):
            between = plain[last.end : quantity.start]
            merged = _merged(last, quantity, between, plain)
            if merged is not None:
                joined[-1] = merged
                continue
        joined.append(quantity)
    return joined


def _is_pair(first: Quantity, second: Quantity) -> bool:
    both = {first.kind, second.kind} == {"number"}
    return both and first.unit in ("", second.unit) and not second.comparator


def _merged(first: Quantity, second: Quantity, between: str, plain: str) -> Quantity | None:
    def whole(kind: Kind, high: Decimal | None) -> Quantity:
        text = plain[first.start : second.end]
        return replace(first, kind=kind, high=high, text=text, end=second.end, unit=second.unit)

    if not between.strip(" \u2009") and second.value is not None and second.value < 0:
        return whole("range", -second.value)  # "3-5": the hyphen was read as a sign
    if between == "/" and not first.unit and not first.comparator:
        return whole("ratio", second.value)
    if between.strip(" \u2009") in {",", ";"} and _INTERVAL.search(plain[: first.start]):
        return whole("range", second.value)
    if not _BETWEEN.match(between) or first.comparator:
        return None
    if between.strip(" \u2009") == "and" and not _OPENING.search(plain[: first.start]):
        return None
    return whole("range", second.value)


def _share_units(found: list[Quantity], plain: str) -> list[Quantity]:
    """A number in a list takes the unit that stands at the list's end: "5, 10 and 20 mg"."""
    shared = list(found)
    for at in range(len(shared) - 2, -1, -1):
        here, after = shared[at], shared[at + 1]
        plain_numbers = here.kind in ("number", "range") and after.kind in ("number", "range")
        listed = _LIST.match(plain[here.end : after.start]) is not None
        listed = listed and not _LEVEL.match(plain[after.end :])  # "HR 0.71, 95% CI": no list
        if plain_numbers and listed and not here.unit and after.unit:
            shared[at] = replace(here, unit=after.unit)
    return shared
