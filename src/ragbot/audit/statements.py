"""The statements of an article that cite something, with their place and their markers."""

from __future__ import annotations

from dataclasses import dataclass

from ragbot.answering.evidence import statement_at
from ragbot.types import Block, Document


@dataclass(frozen=True, slots=True)
class CitingStatement:
    """What an article says with one marker: `text == article.text[start:end]`."""

    start: int
    end: int
    text: str
    offset: int
    numbers: tuple[int, ...]
    section: str


def citing_statements(article: Document) -> list[CitingStatement]:
    """Every statement with a marker, in order.

    A sentence with several markers is as many statements, where the words before each say enough.
    """
    found = []
    for marker in article.markers:
        said = statement_at(article, marker.offset, marker.numbers[0]) if marker.numbers else None
        if said is None:
            continue
        start = article.text.index(said.text, said.start)
        section = _section(article.blocks, start)
        end = start + len(said.text)
        found.append(CitingStatement(start, end, said.text, marker.offset, marker.numbers, section))
    return found


def _section(blocks: tuple[Block, ...], offset: int) -> str:
    block = next((b for b in blocks if b.start <= offset <= b.end), None)
    return " > ".join(block.heading_path) if block is not None else ""
