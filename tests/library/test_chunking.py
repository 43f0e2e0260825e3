"""Offsets hold: for any text, blocks, chunks and sentences are slices of the document."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ragbot.library.chunking import (
    chunk_document,
    embedded_text,
    sentence_markers,
    sentence_spans,
)
from ragbot.library.corpus import list_corpus, read_files
from ragbot.library.markdown import parse_markdown
from ragbot.types import Chunk, Document

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpus"

WORDS = st.sampled_from(
    [
        *("Survival", "fell.", "5*10^9/L", "**bold**", "e.g.", "P=0.01;", "Dr.", "Why?", "Yes!"),
        *("[1]", "[2, 3]", "[4–6].", ".[1]", "复发。", "第二句。", "é\u0301", "🙂", "\u00a0", "\t"),
        *("|", "-", "1.", "#", "(", "]", "[", "`", "\\", "&lt;", "<b>", "> ", "  ", "\n", "\n\n"),
        *("\n- ", "\n1. ", "\n## ", "\n    - ", "\n```\nx [1]\n```\n"),
        "\n| a | b |\n|-|-|\n| c [1] | d. E. |\n",
    ]
)
BODIES = st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=200)


def document_of(body: str) -> Document:
    text, blocks, markers = parse_markdown(body)
    return Document("name", "article", "T", text, blocks, "0" * 64, markers=markers)


def check_offsets(document: Document, chunks: list[Chunk]) -> None:
    text = document.text
    for before, after in pairwise(document.blocks):
        assert before.end < after.start
        assert text[before.end : after.start] == "\n"
    for block in document.blocks:
        held = text[block.start : block.end]
        assert held
        assert held == held.strip()
        assert "\n" not in held
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        check_sentences(chunk, text)
    for before, after in pairwise(chunks):
        assert before.end <= after.start
    covered = {at for c in chunks for start, end in c.sentences for at in range(start, end)}
    for block in document.blocks:
        if block.kind != "heading":
            wanted = {at for at in range(block.start, block.end) if not text[at].isspace()}
            assert wanted <= covered


def check_sentences(chunk: Chunk, text: str) -> None:
    assert chunk.sentences
    assert chunk.sentences[0][0] == chunk.start
    assert chunk.sentences[-1][1] == chunk.end
    for start, end in chunk.sentences:
        assert start < end
        assert text[start:end].strip() == text[start:end]
    for (_, end), (start, _) in pairwise(chunk.sentences):
        assert end <= start


def check_markers(document: Document, chunks: list[Chunk]) -> None:
    headings = [block for block in document.blocks if block.kind == "heading"]
    for marker in document.markers:
        in_heading = any(block.start <= marker.offset <= block.end for block in headings)
        holders = [chunk for chunk in chunks if marker in chunk.markers]
        assert bool(holders) or in_heading or not document.text
        for chunk in holders:
            assert any(marker in sentence_markers(chunk, span) for span in chunk.sentences)


@settings(max_examples=300, deadline=None)
@given(body=BODIES, words=st.sampled_from([20, 40, 90]))
@example(body="[1] Leads.", words=20)
@example(body="复发。第二句。[1]第三句。", words=20)
@example(body="fell. \t [4–6].", words=20)
def test_offsets_hold_for_any_body(body, words):
    document = document_of(body)
    chunks = chunk_document(document, words=words)
    check_offsets(document, chunks)
    check_markers(document, chunks)
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300), start=st.integers(0, 1000))
def test_sentences_hold_every_written_sign_of_any_text(text, start):
    spans = sentence_spans(text, start)
    held = "".join(text[a - start : b - start] for a, b in spans)
    assert "".join(held.split()) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_offsets_hold_for_the_shipped_corpus():
    documents = [d for d in read_files(list_corpus(CORPUS)) if isinstance(d, Document)]
    assert len(documents) >= 36
    ids: set[str] = set()
    for document in documents:
        chunks = chunk_document(document, words=90)
        check_offsets(document, chunks)
        check_markers(document, chunks)
        assert chunks
        assert all(len(chunk.text.split()) <= 90 or len(chunk.sentences) == 1 for chunk in chunks)
        ids.update(chunk.id for chunk in chunks)
    assert len(ids) == sum(len(chunk_document(d, words=90)) for d in documents)


def test_a_chunk_keeps_to_its_section_and_its_size():
    body = (
        "# A\n\n"
        + "One two three four five. " * 20
        + "\n\n## B\n\nShort.\n\n- item one\n- item two\n"
    )
    chunks = chunk_document(document_of(body), words=30)
    assert all(len(chunk.text.split()) <= 30 for chunk in chunks)
    assert [chunk.heading_path for chunk in chunks] == [("A",)] * 4 + [("A", "B")]
    assert chunks[-1].text == "Short.\nitem one\nitem two"


def test_a_bullet_that_fits_stays_in_one_chunk():
    body = "- " + "a " * 15 + "end.\n- First of two. " + "b " * 12 + "end.\n"
    chunks = chunk_document(document_of(body), words=20)
    assert [chunk.text[0] for chunk in chunks] == ["a", "F"]


def test_a_sentence_longer_than_a_chunk_is_never_cut():
    body = "word " * 500 + "end. Short one."
    chunks = chunk_document(document_of(body), words=20)
    assert [len(chunk.text.split()) for chunk in chunks] == [501, 2]


def test_a_document_of_headings_has_no_chunks():
    assert chunk_document(document_of("# A\n\n## B\n"), words=90) == []


def test_the_same_document_gives_the_same_ids_and_another_gives_others():
    first = chunk_document(document_of("One. Two."), words=90)
    assert first == chunk_document(document_of("One. Two."), words=90)
    assert first[0].id != chunk_document(document_of("One. Two!"), words=90)[0].id


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        ("One [1]. Two.", [[(1,)], []]),
        ("One.[1] Two.", [[(1,)], []]),
        ("One. [1] Two [2].", [[(1,)], [(2,)]]),
        ("One. Two. [1][2]", [[], [(1,), (2,)]]),
        ("[1] One. Two.", [[(1,)], []]),
        ("One.\n\n[1]\n\nTwo.", [[(1,)], []]),
    ],
)
def test_each_sentence_has_the_markers_within_it_or_right_behind_it(body, numbers):
    chunk = chunk_document(document_of(body), words=90)[0]
    found = [[m.numbers for m in sentence_markers(chunk, span)] for span in chunk.sentences]
    assert found == numbers


def test_what_is_embedded_is_led_by_title_and_headings():
    chunk = chunk_document(document_of("# A\n\n## B\n\nText [1]."), words=90)[0]
    assert embedded_text(chunk) == "T > A > B\nText."
