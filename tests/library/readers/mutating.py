# ruff: noqa: E501
"""Seeded damage to good files: cut off, bits flipped, parts repeated, swapped or taken from others."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from making import MAKERS, Made
from papers import PAPERS


def good_files() -> list[Made]:
    """Every format of every paper, and every saved page."""
    made = [make(paper, shape) for make in MAKERS for shape, paper in enumerate(PAPERS)]
    pages = sorted((Path(__file__).parent / "pages").iterdir())
    return made + [Made(p.name, p.read_bytes(), PAPERS[0], frozenset(), ()) for p in pages]


def mutated(files: Sequence[Made], count: int, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """`count` damaged files: what was done, the name, the bytes."""
    chance = random.Random(seed)
    kinds = (_cut, _flipped, _spliced, _doubled, _holed, _zeroed, _renamed, _shuffled, _wild)
    for number in range(count):
        made = files[number % len(files)]
        kind = kinds[chance.randrange(len(kinds))]
        name, data = kind(made, files, chance)
        yield f"{number} {kind.__name__.strip('_')} {made.name}", name, data


def _cut(made: Made, _files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    return made.name, made.data[: chance.randrange(len(made.data))]


def _flipped(made: Made, _files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    data = bytearray(made.data)
    for _ in range(chance.choice((1, 3, 20, len(data) // 100 + 1))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return made.name, bytes(data)


def _spliced(made: Made, files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    other = chance.choice(files).data
    start = chance.randrange(len(other))
    at = chance.randrange(len(made.data))
    return made.name, made.data[:at] + other[start : start + chance.randrange(1, 5000)] + made.data[
        at:
    ]


def _doubled(made: Made, _files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    at = chance.randrange(len(made.data))
    piece = made.data[at : at + chance.randrange(1, 400)]
    return made.name, made.data[:at] + piece * chance.randrange(2, 300) + made.data[at:]


def _holed(made: Made, _files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    start = chance.randrange(len(made.data))
    return made.name, made.data[:start] + made.data[start + chance.randrange(1, 3000) :]


def _zeroed(made: Made, _files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    start, length = chance.randrange(len(made.data)), chance.randrange(1, 2000)
    return made.name, made.data[:start] + b"\0" * length + made.data[start + length :]


def _renamed(made: Made, files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    return chance.choice(files).name, made.data


def _shuffled(made: Made, _files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    lines = made.data.split(b"\n")
    chance.shuffle(lines)
    return made.name, b"\n".join(lines)


def _wild(made: Made, _files: Sequence[Made], chance: random.Random) -> tuple[str, bytes]:
    """Numbers, brackets and ends that parsers trust, changed."""
    data = made.data
    for old, new in (
        (b">", b">" * 5), (b"</", b"<"), (b"obj", b"obk"), (b"/Length", b"/Lenght"), (b"{", b"{{"),
        (b"ER  -", b""), (b"endstream", b""), (b"1 0 R", b"1 1 R"), (b"/Count 1", b"/Count 999999999"),
        (b"<td>", b'<td colspan="99999999" rowspan="999999">'), (b"\n", b"\r"), (b"PMID-", b"PMID- x"),
        (b"<p>", b"<p>" * 3000), (b"/Kids", b"/Parent"),
    ):  # fmt: skip
        if chance.random() < 0.25:
            data = data.replace(old, new, chance.randrange(1, 30))
    return made.name, data
