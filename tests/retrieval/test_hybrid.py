"""Hybrid search with the real model over a few passages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ragbot.index.embedding import OnnxEmbeddings
from ragbot.index.export import ensure_export
from ragbot.index.lexical import LexicalIndex
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.retrieval.probe import HybridProbe, gate_features
from ragbot.settings import SHIPPED_MODEL

PASSAGES = [
    "CD19-negative relapse was seen after blinatumomab.",
    "Inotuzumab ozogamicin can cause hepatic veno-occlusive disease.",
    "Children with hypodiploid leukaemia often carry germline TP53 variants.",
    "Measurable residual disease before transplant predicts relapse.",
    "The garden was full of roses in June.",
]


@pytest.fixture(scope="module")
def embedder(exported_model: Path) -> OnnxEmbeddings:
    return ensure_export(SHIPPED_MODEL, exported_model).open(threads=1)


@pytest.fixture(scope="module")
def search(embedder: OnnxEmbeddings) -> HybridSearch:
    return HybridSearch(
        embedder.embed_array(PASSAGES), LexicalIndex.build(PASSAGES), embedder.embed_array
    )


def test_words_and_meaning_both_find(search: HybridSearch) -> None:
    assert search.search([("VOD with Besponsa", 1.0)], 1)[0].row == 1
    assert search.search([("flowers in summer", 1.0)], 1)[0].row == 4


def test_scores_are_cosine_bm25_and_their_fusion(search: HybridSearch) -> None:
    best = search.search([("MRD before transplant", 1.0)], 5)[0]
    assert best.row == 3
    assert best.score == pytest.approx(1.0, abs=1e-5)
    assert best.lexical == pytest.approx(float(search.lexical.scores("MRD before transplant")[3]))
    assert best.dense == pytest.approx(
        float(search.dense_scores(["MRD before transplant"])[0, 3]), abs=1e-5
    )


def test_weights_move_the_ranking(search: HybridSearch) -> None:
    def first(roses: float) -> int:
        queries = [("relapse after blinatumomab", 1.0 - roses), ("roses in June", roses)]
        return search.search(queries, 1)[0].row

    assert first(0.1) == 0
    assert first(0.9) == 4


def test_only_the_rows_given_are_searched(search: HybridSearch) -> None:
    rows = np.array([4, 2])
    found = search.search([("relapse after blinatumomab", 1.0)], 9, rows)
    assert {one.row for one in found} == {2, 4}


def test_nothing_asked_or_nothing_to_search_finds_nothing(search: HybridSearch) -> None:
    assert search.search([], 3) == []
    assert search.search([("relapse", 1.0)], 0) == []
    assert search.search([("relapse", 1.0)], 3, np.zeros(0, dtype=np.int64)) == []


def test_a_query_is_embedded_once(embedder: OnnxEmbeddings) -> None:
    asked: list[str] = []

    def embed(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return embedder.embed_array(texts)

    search = HybridSearch(embedder.embed_array(PASSAGES), LexicalIndex.build(PASSAGES), embed)
    search.search([("relapse", 1.0), ("relapse", 0.5)], 2)
    search.search([("relapse", 1.0)], 2)
    assert asked == ["relapse"]


def test_lengths_must_agree(embedder: OnnxEmbeddings) -> None:
    with pytest.raises(ValueError, match="vectors"):
        HybridSearch(embedder.embed_array(PASSAGES[:2]), LexicalIndex.build(PASSAGES), embedder)


def test_the_probe_tells_a_pointed_question_from_a_vague_one(search: HybridSearch) -> None:
    probe = HybridProbe(search)
    vague, carried, previous = probe(
        ["Is it common?", "Is CD19-negative relapse after blinatumomab common?", "What is relapse?"]
    )
    assert carried.dense[0] > vague.dense[0]
    assert carried.rows[0] == 0
    assert gate_features(vague, carried, previous)["gain"] > 0


def test_rarity_runs_from_common_to_unknown(search: HybridSearch) -> None:
    probe = HybridProbe(search)
    assert 0 < probe.rarity("=relapse") < probe.rarity("=inotuzumab") < probe.rarity("nowhere") <= 1
