"""Cuts a document into chunks: whole sentences under one heading, with their offsets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby

import sentencex

from ragbot.types import Block, Chunk, Document, Marker

CHUNKING_VERSION = 1
"""Raise it when the same document would be cut differently: indexes are rebuilt."""

Span = tuple[int, int]


def sentence_spans(text: str, start: int = 0) -> list[Span]:
    """(start, end) of each sentence of `text`, without surrounding space, shifted by `start`."""
    spans, at = [], 0
    for piece in sentencex.segment("en", text):
        found = text.find(piece, at)
        if found < 0:  # the splitter may normalise space; never lose text over it
            continue
        at = found + len(piece)
        left = found + len(piece) - len(piece.lstrip())
        right = found + len(piece.rstrip())
        if right > left:
            spans.append((start + left, start + right))
    if not spans and text.strip():
        lead = len(text) - len(text.lstrip())
        spans.append((start + lead, start + len(text.rstrip())))
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
        markers=tuple(m for m in document.markers if start < m.offset <= end),
    )


def sentence_markers(chunk: Chunk, span: Span) -> tuple[Marker, ...]:
    """The markers that belong to the sentence at `span`: within it, or right behind it."""
    return tuple(m for m in chunk.markers if span[0] < m.offset <= span[1])


def embedded_text(chunk: Chunk) -> str:
    """What is embedded and indexed for a chunk: title and headings lead its text."""
    return f"{' > '.join((chunk.title, *chunk.heading_path))}\n{chunk.text}"
