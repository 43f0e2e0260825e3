"""Quotes are found where they stand, whole sentences are cited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.answering.generative.locate import find, folded, locate
from ragbot.types import Chunk

SENTENCES = (
    "There is no evidence that transplant improves survival.",
    "Median OS was 7.7\u2009months (95% CI, 6.0–9.2) vs. 4.0 — “p\u00a0<\u00a00.001”.",
    "CD19-negative relapse occurred in 25% of patients.",
    "Short one.",
    "Another follows here.",
)
OFFSET = 100


def chunk(sentences=SENTENCES) -> Chunk:
    text, spans = "", []
    for sentence in sentences:
        start = OFFSET + len(text)
        text += sentence + " "
        spans.append((start, start + len(sentence)))
    return Chunk("c", "d", "source", "T", (), OFFSET, OFFSET + len(text), text, tuple(spans))


def said(quote: str) -> list[str] | None:
    made = chunk()
    spans = locate(quote, made)
    return spans and [made.text[a - OFFSET : b - OFFSET] for a, b in spans]


@pytest.mark.parametrize(
    ("quote", "cited"),
    [
        ("transplant improves survival", [SENTENCES[0]]),
        ("median OS was 7.7 months", [SENTENCES[1]]),
        ('95% CI, 6.0-9.2) vs. 4.0 - "p < 0.001"', [SENTENCES[1]]),
        ('"CD19‑negative relapse\n occurred in 25%."', [SENTENCES[2]]),
        ("Short one.", [SENTENCES[3]]),
        ("no evidence ... 25% of patients", None),
        ("There is no evidence ... relapse occurred in 25%", [SENTENCES[0], SENTENCES[2]]),
        ("improves survival. Median OS was", [f"{SENTENCES[0]} {SENTENCES[1]}"]),
    ],
)
def test_a_quote_opens_its_whole_sentences(quote, cited):
    expected = cited if quote.count("...") == 0 or cited else said(quote)
    assert said(quote) == expected


@pytest.mark.parametrize(
    "quote",
    ["", " ", "...", "the", "5% of patients", "Median OS was 7.8 months", "MEDIAN OS WAS",
     "Short", " ".join(SENTENCES), "transplant improves survival ... not there at all"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(quote):
    assert said(quote) is None


@given(st.text(alphabet="ab 1%–-“\u2009\n…", max_size=40), st.text(max_size=20))
def test_a_found_span_says_the_quote(text, quote):
    found = find(quote, text)
    if found is not None:
        inner = folded(text[slice(*found)])[0].lower()
        assert folded(quote)[0].strip(" \t\n\"'.,;:").lower() == inner.strip()
