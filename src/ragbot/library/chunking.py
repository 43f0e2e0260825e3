"""Cuts a document into chunks: whole sentences under one heading, with their offsets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby

import sentencex

from ragbot.types import Block, Chunk, Document, Marker

CHUNKING_VERSION = 2
"""Raise it when the same document would be cut differently: indexes are rebuilt."""

Span = tuple[int, int]


def sentence_spans(text: str, start: int = 0) -> list[Span]:
    """(start, end) of each sentence of `text`, without surrounding space, shifted by `start`."""
    ends, at = [], 0
    for piece in sentencex.segment("en", text):
        found = text.find(piece, at)
        if found >= 0:  # else the splitter has altered it: its text goes with the next sentence
            at = found + len(piece)
            ends.append(at)
    begins = [0, *ends]
    spans = []
    for left, right in zip(begins, (*ends, len(text)), strict=True):
        piece = text[left:right]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            spans.append((start + left + lead, start + left + len(piece.rstrip())))
    return spans


def _block_sentences(document: Document, block: Block) -> list[Span]:
    text = document.text[block.start : block.end]
    if block.kind in {"table", "code"}:
        return [(block.start, block.end)]
    return sentence_spans(text, block.start)


def _pack(document: Document, blocks: list[Block], words: int) -> Iterator[list[Span]]:
    """Runs of sentences of at most `words` words; a sentence is never cut.

    A block goes into one chunk where it fits, so that a bullet stays with its own words.
    """
    run: list[Span] = []
    held = 0
    for block in blocks:
        spans = _block_sentences(document, block)
        size = sum(len(document.text[a:b].split()) for a, b in spans)
        if run and held + min(size, words) > words:
            yield run
            run, held = [], 0
        for span in spans:
            length = len(document.text[span[0] : span[1]].split())
            if run and held + length > words:
                yield run
                run, held = [], 0
            run.append(span)
            held += length
    if run:
        yield run


def _section(block: Block) -> tuple[str, ...]:
    return block.heading_path


def chunk_document(document: Document, *, words: int) -> list[Chunk]:
    """The chunks of `document`, in order, each of at most about `words` words.

    Ids are digests of document id, offsets and text: the same document gives the same ids.
    """
    body = [block for block in document.blocks if block.kind != "heading"]
    return [
        _chunk(document, path, spans)
        for path, group in groupby(body, key=_section)
        for spans in _pack(document, list(group), words)
    ]


def _chunk(document: Document, path: tuple[str, ...], spans: list[Span]) -> Chunk:
    start, end = spans[0][0], spans[-1][1]
    text = document.text[start:end]
    identity = "\x00".join((document.id, str(start), str(end), text))
    return Chunk(
        id=hashlib.sha256(identity.encode()).hexdigest()[:24],
        document_id=document.id,
        kind=document.kind,
        title=document.title,
        heading_path=path,
        start=start,
        end=end,
        text=text,
        sentences=tuple(spans),
        markers=tuple(
            m
            for m in document.markers
            if start < m.offset <= end or (m.offset == start and leads_block(document.text, start))
        ),
    )


def sentence_markers(chunk: Chunk, span: Span) -> tuple[Marker, ...]:
    """The markers that belong to the sentence at `span`: within it, or right behind it."""
    return tuple(
        m
        for m in chunk.markers
        if span[0] < m.offset <= span[1]
        or (m.offset == span[0] and leads_block(chunk.text, span[0] - chunk.start))
    )


def leads_block(text: str, at: int) -> bool:
    """Whether a block begins at `at`: a marker there leads its first sentence."""
    return at == 0 or text[at - 1] == "\n"


def embedded_text(chunk: Chunk) -> str:
    """What is embedded and indexed for a chunk: title and headings lead its text."""
    return f"{' > '.join((chunk.title, *chunk.heading_path))}\n{chunk.text}"
