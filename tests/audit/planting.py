"""Plants errors into an article: what an editor might get wrong, one at a time.

Each planted article differs from the shipped one in one statement. The four kinds are those an
audit must find: another reference, another figure, other patients, a source that does not exist.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ragbot.answering.numbers import quantities
from ragbot.audit.statements import CitingStatement, citing_statements
from ragbot.types import Document, Marker, Reference

OTHER_PATIENTS = (
    (r"\bchildren and adults\b", "adults"),
    (r"\bchildren and young adults\b", "older adults"),
    (r"\badults\b", "children"),
    (r"\bchildren\b", "adults"),
    (r"\bB-cell ALL\b", "T-cell ALL"),
    (r"\bB-ALL\b", "T-ALL"),
    (r"(?<![-\w(])ALL\b", "AML"),
    (r"\bCLL\b", "AML"),
    (r"\bPh-negative\b", "Ph-positive"),
    (r"\bPhiladelphia-negative\b", "Philadelphia-positive"),
    (r"\b[Nn]ewly diagnosed\b", "relapsed or refractory"),
    (r"\brelapsed/refractory\b", "newly diagnosed"),
    (r"\brelapsed or refractory\b", "newly diagnosed"),
    (r"\bfrontline\b", "salvage"),
    (r"\bunder 60\b", "over 60"),
    (r"\baged 60 or over\b", "under 60"),
    (r"\bMRD-positive\b", "MRD-negative"),
    (r"\bfirst complete remission\b", "second complete remission"),
    (r"\bCR1\b", "CR2"),
)
MADE_UP = (
    Reference(900, "harlow-2024-invented-registry"),
    Reference(900, None, "Example AB. An invented trial. Blood 2044. doi:10.1182/blood.2044000001"),
    Reference(900, None, "Example AB. An invented trial. Blood 2023. doi:10.11/x y"),
    Reference(900, None, "Example AB. An invented trial. Blood 2021. PMID: 9999999999"),
)


@dataclass(frozen=True)
class Planted:
    """An article with one error: the statement at marker `offset` is wrong."""

    kind: str
    article: Document
    offset: int
    detail: str


def plant(
    article: Document, said: CitingStatement, kind: str, rng: random.Random
) -> Planted | None:
    """The article with an error of `kind` in that statement; None where it offers no place."""
    return _KINDS[kind](article, said, rng)


def planted_errors(articles: Sequence[Document], wanted: int, seed: int) -> list[Planted]:
    """`wanted` errors, a quarter of each kind, in statements drawn by `seed` from `articles`."""
    rng = random.Random(seed)
    known = {reference.source_id for one in articles for reference in one.article.references}
    places = [
        (article, said)
        for article in articles
        for said in citing_statements(article)
        if all(_source(article, number) in known - {None} for number in said.numbers)
    ]
    found: list[Planted] = []
    for kind in KINDS:
        rng.shuffle(places)
        planted = (plant(article, said, kind, rng) for article, said in places)
        found += [one for one in planted if one is not None][: wanted // len(KINDS)]
    return found


def _source(article: Document, number: int) -> str | None:
    return next((r.source_id for r in article.article.references if r.number == number), None)


def rewritten(article: Document, start: int, end: int, new: str) -> Document:
    """`article` with its text from `start` to `end` replaced, markers and blocks moved along."""
    shift = len(new) - (end - start)

    def moved(offset: int) -> int:
        return offset + shift if offset >= end else offset

    return replace(
        article,
        text=article.text[:start] + new + article.text[end:],
        markers=tuple(replace(m, offset=moved(m.offset)) for m in article.markers),
        blocks=tuple(replace(b, start=moved(b.start), end=moved(b.end)) for b in article.blocks),
    )


def _with_marker(article: Document, offset: int, numbers: tuple[int, ...]) -> Document:
    markers = tuple(Marker(offset, numbers) if m.offset == offset else m for m in article.markers)
    return replace(article, markers=markers)


def _swapped(article: Document, said: CitingStatement, rng: random.Random) -> Planted | None:
    own = {_source(article, number) for number in said.numbers}
    others = [
        r.number for r in article.article.references if r.source_id and r.source_id not in own
    ]
    number = rng.choice(others)
    planted = _with_marker(article, said.offset, (number,))
    return Planted("reference", planted, said.offset, f"{said.numbers} -> {number}")


def _figure(article: Document, said: CitingStatement, rng: random.Random) -> Planted | None:
    found = [
        q
        for q in quantities(said.text)
        if q.kind in {"number", "p"} and q.value and re.fullmatch(r"[\d.]+%?", q.text.split()[0])
        and q.text[0].isdigit()
    ]  # fmt: skip
    if not found:
        return None
    quantity = rng.choice(found)
    digits = re.match(r"[\d.]+", quantity.text)
    if digits is None:
        return None
    new = _another(digits.group(), rng)
    start = said.start + quantity.start
    text = rewritten(article, start, start + len(digits.group()), new)
    offset = said.offset + len(new) - len(digits.group())
    return Planted("figure", text, offset, f"{quantity.text} -> {new}")


def _another(digits: str, rng: random.Random) -> str:
    """Another figure in the same form: slipped digits, a moved point, or a nearby value."""
    places = len(digits.partition(".")[2])
    value = Decimal(digits)
    while True:
        way = rng.randrange(3)
        if way == 0:
            at = rng.choice([i for i, c in enumerate(digits) if c.isdigit()])
            new = digits[:at] + rng.choice("123456789") + digits[at + 1 :]
        elif way == 1:
            new = f"{value * Decimal(rng.choice(['0.8', '1.2', '1.5', '0.5'])):.{places}f}"
        else:
            new = f"{value + rng.choice([-3, -2, -1, 1, 2, 3]) * Decimal(10) ** -places:.{places}f}"
        if Decimal(new) > 0 and Decimal(new) != value:
            return new


def _population(article: Document, said: CitingStatement, rng: random.Random) -> Planted | None:
    fitting = [
        (found, new)
        for pattern, new in OTHER_PATIENTS
        if (found := re.search(pattern, said.text)) is not None
    ]
    if not fitting:
        return None
    found, new = rng.choice(fitting)
    text = rewritten(article, said.start + found.start(), said.start + found.end(), new)
    offset = said.offset + len(new) - len(found.group())
    return Planted("population", text, offset, f"{found.group()} -> {new}")


def _made_up(article: Document, said: CitingStatement, rng: random.Random) -> Planted | None:
    reference = rng.choice(MADE_UP)
    details = replace(article.article, references=(*article.article.references, reference))
    planted = _with_marker(replace(article, article=details), said.offset, (reference.number,))
    return Planted("source", planted, said.offset, reference.source_id or reference.citation)


_KINDS: dict[str, Callable[[Document, CitingStatement, random.Random], Planted | None]] = {
    "reference": _swapped,
    "figure": _figure,
    "population": _population,
    "source": _made_up,
}
KINDS = tuple(_KINDS)
