"""Follow-up questions that an article may answer, made of its own headings and drugs.

Nothing is stated in them: a heading becomes the object of an open question. Whether the library
answers one is for the chain to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice

from ragbot.answering.grounding.lexicon import is_drug
from ragbot.types import Answer, Block, Citation, Document

TRIED = 10
PASSED_OVER = re.compile(r"bottom line|summary|references|conclusions?|introduction", re.I)
INDIRECT = re.compile(r"(?:how|what|when|where|which|who|whom|whether|why)\b", re.I)
SAFETY = re.compile(r"(?:drug |overall )?safety", re.I)
EVIDENCE = re.compile(r"evidence (?:that|on|for|of)\b", re.I)
PEOPLE = re.compile(
    r"(?:children|adults|infants|adolescents|older|elderly|young|pregnan)\b.*", re.I
)
WORD = re.compile(r"[^\W\d_][\w-]{4,}")
FORM = re.compile(r"[A-Z]?[a-z]")
TOXIC = re.compile(r"\b(?:toxic|adverse|safety|warning|syndrome|occlusive|infection)\w*", re.I)


def candidates(article: Document, shown: Collection[Citation]) -> list[str]:
    """Questions on what `shown` does not cover, in the article's order, sections by turns.

    First those on sections of which nothing was shown, then those on drugs.
    """
    seen = [(c.start, c.end) for c in shown if c.document_id == article.id]
    asked = [
        _on_section(article, heading)
        for heading, start, end in _sections(article)
        if not any(a < end and b > start for a, b in seen)
    ]
    quoted = " ".join(citation.quote for citation in shown).lower()
    asked += [_on_drug(article, drug) for drug in _drugs(article) if drug.lower() not in quoted]
    return list(dict.fromkeys(asked))


def _sections(article: Document) -> Iterator[tuple[Block, int, int]]:
    """Headings with text of their own, and where that text begins and ends."""
    blocks = article.blocks
    for at, block in enumerate(blocks):
        if block.kind != "heading" or PASSED_OVER.match(article.text[block.start : block.end]):
            continue
        body = []
        for following in blocks[at + 1 :]:
            if following.kind == "heading":
                break
            body.append(following)
        if body:
            yield block, body[0].start, body[-1].end


def _on_section(article: Document, heading: Block) -> str:
    title = article.text[heading.start : heading.end].rpartition(": ")[2].strip(" ?:.")
    parent = heading.heading_path[-1] if heading.heading_path else ""
    if parent == title and len(heading.heading_path) > 1:
        parent = heading.heading_path[-2]
    said = _within(title)
    if SAFETY.fullmatch(title):
        return f"What are the {said} concerns?"
    if EVIDENCE.match(title):
        return f"What is the {said}?"
    if PEOPLE.fullmatch(title) and parent and parent != title:
        return f"What is known about {_within(parent)} in {said}?"
    if re.match(r"what (?:remains|is|are)\b", title, re.I):
        return f"{title[0].upper()}{title[1:]}?"
    if INDIRECT.match(title):
        return f"What is known about {said}?"
    return f"What does the evidence say about {said}?"


def _within(title: str) -> str:
    """A heading as it stands within a sentence: a name keeps its capitals."""
    return title[0].lower() + title[1:] if FORM.match(title) else title


def _drugs(article: Document) -> list[str]:
    """The drugs that the article names, the most named first."""
    found = Counter(word.lower() for word in WORD.findall(article.text) if is_drug(word.lower()))
    return [drug for drug, _ in found.most_common()]


def _on_drug(article: Document, drug: str) -> str:
    is_toxic = any(
        drug in line.lower() and TOXIC.search(line) for line in article.text.splitlines()
    )
    return f"What are the risks of {drug}?" if is_toxic else f"What are the results with {drug}?"


Place = tuple[str, int, int]
"""Document and offsets of the passage that an answer rests on first."""


def answerable(
    questions: Iterable[str],
    alone: Callable[[str], Place | None],
    in_talk: Callable[[str], Place | None],
    shown: Collection[Citation],
    most: int,
) -> tuple[str, ...]:
    """The first `most` questions that are answered from a passage that was not shown yet.

    `alone` tells where the answer to a question rests that is asked by itself (None: no answer);
    it costs little the second time. `in_talk` tells it of one asked in the conversation, and has
    the last word. Each question rests on a passage of its own; at most `TRIED` are asked.
    """
    seen = {(c.document_id, c.start, c.end) for c in shown}
    kept: list[str] = []
    for question in islice(questions, TRIED):
        if alone(question) in seen | {None}:
            continue
        place = in_talk(question)
        if place is not None and place not in seen:
            seen.add(place)
            kept.append(question)
        if len(kept) == most:
            break
    return tuple(kept)


def rests_on(answer: Answer) -> Place | None:
    """The passage that an answer rests on first; None for an abstention."""
    if answer.abstained or not answer.citations:
        return None
    first = answer.citations[0]
    return first.document_id, first.start, first.end
