"""Choosing and ordering sentences: pure functions over scored sentences."""

from __future__ import annotations

import numpy as np
import pytest

from ragbot.answering.extractive import (
    LONGEST_ANSWER,
    ExtractiveAnswerer,
    Scored,
    _reading_order,
    choose,
)
from ragbot.answering.relevance import Features
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.retrieval.scope import ScopedSearch
from ragbot.types import Chunk, Passage

PLAIN = Features(0.5, 0.5, 0.0, 0.0, 0.0)


def scored(text, relevance, *, angle=0.0, scope="cited", kind="source"):
    """A sentence whose vector stands at `angle` degrees, so that cosines are known."""
    turn = np.radians(angle)
    vector = np.array([np.cos(turn), np.sin(turn)], dtype=np.float32)
    chunk = Chunk("c", "d", kind, "T", ("S",), 0, len(text), text, ((0, len(text)),))
    passage = Passage(chunk, 1.0, 1, scope)
    return Scored(passage, 0, len(text), text, vector, PLAIN, relevance)


def texts(chosen):
    return [entry.text for entry in chosen]


def test_a_repeat_is_not_said_twice():
    first = scored("OS was 50%.", 0.9)
    again = scored("Overall survival was 50%.", 0.8, angle=5)
    other = scored("EFS was 30%.", 0.8, angle=90)
    assert texts(choose([first, again, other])) == ["OS was 50%.", "EFS was 30%."]


def test_other_figures_are_no_repeat():
    chosen = choose([scored("OS was 50%.", 0.9), scored("OS was 40%.", 0.8, angle=5)])
    assert texts(chosen) == ["OS was 50%.", "OS was 40%."]


def test_a_source_s_own_sentence_stands_for_the_article_s_repeat():
    article = scored("OS was 50% [in the article].", 0.9, scope="article", kind="article")
    source = scored("OS was 50%.", 0.8, angle=5)
    assert texts(choose([article, source])) == ["OS was 50%."]


def test_what_is_far_less_relevant_is_left_out():
    assert texts(choose([scored("Best.", 0.9), scored("Aside.", 0.5, angle=90)])) == ["Best."]


def test_an_answer_has_an_end():
    many = [scored(f"Finding {i}: {i}%.", 0.9, angle=40 * i) for i in range(20)]
    assert len(choose(many)) == LONGEST_ANSWER
    assert choose([]) == []


def test_reading_order():
    lead = scored("Lead.", 0.9)
    beyond = scored("Beyond.", 0.8, scope="library")
    conflict = scored("Evidence disagrees on it.", 0.8, scope="article", kind="article")
    detail = scored("Detail.", 0.7)
    ordered = texts(_reading_order([lead, beyond, conflict, detail]))
    assert ordered == ["Lead.", "Detail.", "Evidence disagrees on it.", "Beyond."]
    assert texts(_reading_order([beyond, detail, scored("More.", 0.6, scope="library")])) == [
        "Beyond.",
        "More.",
        "Detail.",
    ]


@pytest.fixture(scope="module")
def parts(library_index):
    hybrid = HybridSearch(library_index.vectors, library_index.lexical, library_index.embed)
    return ExtractiveAnswerer(library_index, hybrid), ScopedSearch(library_index, hybrid)


def best(parts, library_index, question, article="tp53-b-all"):
    answerer, search = parts
    passages = search.passages(((question, 1.0),), library_index.article(article), 12)
    return answerer.score([question], passages)


def test_the_answer_is_first_on_real_passages(parts, library_index):
    found = best(parts, library_index, "What hazard ratio for CD19-negative relapse with TP53?")
    assert "6.84" in found[0].text


def test_children_are_not_answered_with_adults(parts, library_index):
    found = best(parts, library_index, "survival of children with relapsed ALL and TP53 alteration")
    adults = [e for e in found if "adults" in e.text and "child" not in e.text]
    assert adults
    assert all(entry.relevance == 0 for entry in adults)


@pytest.mark.parametrize("question", ["What is this summary of the abstract about?", "relapse"])
def test_lead_ins_and_words_about_the_file_never_answer(parts, library_index, question):
    answerer, search = parts
    article = library_index.article("tp53-b-all")
    passages = search.passages(((question, 1.0),), article, 40)
    assert any("our own words" in p.chunk.text for p in search.library(((question, 1.0),), 300))
    found = answerer.score([question], passages)
    assert not any("our own words" in e.text or e.text.endswith(":") for e in found)
