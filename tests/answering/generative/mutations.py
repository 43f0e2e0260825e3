"""True sentences of the shipped library, and the same made false in ways whose effect is known.

Each mutation changes one thing that a reader would act on: a figure, its unit, sign or comparator,
a negation, a drug, or who had what. A sentence that offers no place for a mutation gives none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ragbot.answering.numbers import Quantity, quantities
from ragbot.library.chunking import chunk_document
from ragbot.library.corpus import list_corpus, read_files
from ragbot.types import Document, Passage

CORPUS = Path(__file__).parents[3] / "corpus"
WORDS = 90
DRUGS = {
    "blinatumomab": "inotuzumab", "inotuzumab": "blinatumomab",
    "tisagenlecleucel": "brexucabtagene",
    "bortezomib": "carfilzomib", "venetoclax": "navitoclax", "ibrutinib": "acalabrutinib",
    "ponatinib": "dasatinib", "brexucabtagene": "tisagenlecleucel", "dasatinib": "imatinib",
    "methotrexate": "cytarabine", "fludarabine": "clofarabine", "vincristine": "vinorelbine",
}  # fmt: skip
UNITS = {"months": "years", "years": "months", "days": "weeks", "weeks": "days", "mg": "g"}
RESULT = re.compile(r"\d+(?:\.\d+)?%(?! CI)|\d+(?:\.\d+)? months")
SIDE = rf"\b(?:with|without|mutated|wild-type|{'|'.join(DRUGS)}|chemotherapy)\b"
SIDES = (r"\bwith\b", r"\bwithout\b"), (r"\bmutated\b", r"\bwild-type\b")
VERBS = re.compile(r"\b(was|were|did|is|are|had|improved|raised|lowered|showed|reached|relapsed)\b")
NEGATED = re.compile(r"\b(did not|was not|were not|is not|are not|not|no|neither)\s")


@dataclass(frozen=True)
class Sentence:
    """A sentence and the passage that it stands in."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        chunk = self.passage.chunk
        return chunk.text[self.start - chunk.start : self.end - chunk.start]


@cache
def sentences() -> tuple[Sentence, ...]:
    """Every sentence of the shipped library with more than six words, and no address in it."""
    documents = [d for d in read_files(list_corpus(CORPUS)) if isinstance(d, Document)]
    chunks = [chunk for d in documents for chunk in chunk_document(d, words=WORDS)]
    every = (
        Sentence(Passage(c, 1.0, 1, "article" if c.kind == "article" else "cited"), *span)
        for c in chunks
        for span in c.sentences
    )
    told = (s for s in every if len(s.text.split()) > 6 and s.text[-1] in ".!?")
    return tuple(s for s in told if "http" not in s.text)


def figures(text: str) -> list[Quantity]:
    return [q for q in quantities(text) if q.kind in {"number", "p"} and q.text[-1:] != "I"]


def body(quantity: Quantity) -> tuple[int, int] | None:
    """Where the digits of a quantity stand within its text."""
    found = re.search(r"\d+(?:[.,]\d+)?", quantity.text)
    return found.span() if found else None


def put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def tenfold(text: str, chance: random.Random) -> str | None:
    quantity = chance.choice(figures(text) or [None])
    place = body(quantity) if quantity is not None else None
    if quantity is None or place is None or not quantity.value:
        return None
    digits = quantity.text[place[0] : place[1]].replace(",", "")
    ten = f"{float(digits) * 10:g}"
    return put(text, quantity.start + place[0], quantity.start + place[1], ten)


def unit(text: str, chance: random.Random) -> str | None:
    places = [(m, UNITS[m[1]]) for m in re.finditer(rf"(?<=\d )({'|'.join(UNITS)})\b", text)]
    places += [(m, " mg") for m in re.finditer(r"(?<=\d)%", text)]
    if not places:
        return None
    found, new = chance.choice(places)
    return put(text, *found.span(), new)


def sign(text: str, chance: random.Random) -> str | None:
    told = [q for q in figures(text) if text[q.start].isdigit() and q.value]
    quantity = chance.choice(told or [None])
    if quantity is None or text[quantity.start - 1 : quantity.start] not in {" ", "("}:
        return None
    return put(text, quantity.start, quantity.start, chance.choice("-−"))


def comparator(text: str, chance: random.Random) -> str | None:
    signs = {"<": ">", ">": "<", "=": ">", "under ": "over ", "over ": "under "}
    places = list(re.finditer(r"(?<=[pn])[<>=](?=\d)|\b(?:under|over) (?=\d)", text))
    if places:
        found = chance.choice(places)
        return put(text, *found.span(), signs[found[0]])
    quantity = chance.choice([q for q in figures(text) if q.unit == "%"] or [None])
    if quantity is None or quantity.comparator:
        return None
    return put(text, quantity.start, quantity.start, chance.choice([">", "at least "]))


def negation(text: str, chance: random.Random) -> str | None:
    taken = list(NEGATED.finditer(text))
    if taken and chance.random() < 0.7:
        found = chance.choice(taken)
        kept = {"did not": "did ", "was not": "was ", "were not": "were ", "is not": "is ",
                "are not": "are ", "neither": "both "}.get(found[1], "")  # fmt: skip
        return put(text, *found.span(), kept).replace(" nor ", " and ")
    found = VERBS.search(text)
    if found is None:
        return None
    word = found[1]
    helped = {"improved": "did not improve", "raised": "did not raise", "lowered": "did not lower",
              "showed": "did not show", "reached": "did not reach", "had": "did not have",
              "relapsed": "did not relapse"}  # fmt: skip
    return put(text, *found.span(), helped.get(word, f"{word} not"))


def drug(text: str, chance: random.Random) -> str | None:
    places = list(re.finditer(rf"\b(?:{'|'.join(DRUGS)})\b", text, re.IGNORECASE))
    if not places:
        return None
    found = chance.choice(places)
    return put(text, *found.span(), DRUGS[found[0].lower()])


def arms(text: str, chance: random.Random) -> str | None:
    """The two figures, or the two arms, of a comparison exchanged."""
    if text.count(" versus ") != 1:
        return None
    left, right = text.split(" versus ", 1)
    one, two = RESULT.search(left), RESULT.search(right)
    moves: list[str] = []
    if one and two and one[0] != two[0]:
        one = list(re.finditer(re.escape(one[0]), left))[-1]
        moves.append(f"{put(left, *one.span(), two[0])} versus {put(right, *two.span(), one[0])}")
    for a, b in SIDES:
        first, second = re.findall(a, left), re.findall(b, right)
        if len(first) == 1 and len(second) == 1:
            swapped = re.sub(a, second[0], left)
            moves.append(f"{swapped} versus {re.sub(b, first[0], right)}")
    return chance.choice(moves) if moves else None


def one_arm(text: str, chance: random.Random) -> str | None:
    """One arm of a comparison alone, with the other's figure."""
    if text.count(" versus ") != 1:
        return None
    left, right = text.split(" versus ", 1)
    one, two = RESULT.search(left), RESULT.search(right)
    first, second = re.search(SIDE, left), re.search(SIDE, right)
    if not (one and two and first and second) or one[0] == two[0] or first[0] == second[0]:
        return None
    if not one.start() < first.start() or not two.start() < second.start():
        return None
    return f"{put(left, *one.span(), two[0]).rstrip(' .,;')}."


KINDS: dict[str, Callable[[str, random.Random], str | None]] = {
    "tenfold": tenfold,
    "unit": unit,
    "sign": sign,
    "comparator": comparator,
    "negation": negation,
    "drug": drug,
    "arms": arms,
    "one arm": one_arm,
}


def mutations(count: int, seed: int = 3) -> Iterator[tuple[str, Sentence, str]]:
    """`count` mutated sentences, as many of each kind: (kind, sentence, the false text)."""
    chance = random.Random(seed)
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        while True:
            sentence = chance.choice(sentences())
            false = KINDS[kind](sentence.text, chance)
            if false is not None and false != sentence.text:
                yield kind, sentence, false
                break


def _without_brackets(text: str) -> str:
    """A sentence without what it says in round brackets: shorter, and as true."""
    return re.sub(r"\s\([^()]*\)", "", text)


REWRITTEN: dict[str, Callable[[str], str]] = {
    "word for word": lambda text: text,
    "shortened": _without_brackets,
    "versus": lambda text: text.replace(" versus ", " vs. "),
    "dashes": lambda text: re.sub(r"(?<=\d)-(?=\d)", "–", text),
    "thin spaces": lambda text: re.sub(r"(?<=\d)(?:(?=%)| (?=months|years))", "\u2009", text),
    "decimal commas": lambda text: re.sub(r"(?<=\d)\.(?=\d{1,2}\b)", ",", text),
    "p values": lambda text: re.sub(r"\bp([<=])0\.", r"P \1 .", text),
    "led in": lambda text: f"In these data, {text}",
}
"""Ways of saying a sentence otherwise that change nothing of what it says."""


def true_claims(count: int, seed: int = 5) -> Iterator[tuple[str, Sentence, str]]:
    """`count` sentences said otherwise, the ways by turns: (way, sentence, the true text)."""
    chance = random.Random(seed)
    for number in range(count):
        way = list(REWRITTEN)[number % len(REWRITTEN)]
        while True:
            sentence = chance.choice(sentences())
            said = REWRITTEN[way](sentence.text)
            if (way == "word for word" or said != sentence.text) and len(said.split()) > 4:
                yield way, sentence, said
                break
