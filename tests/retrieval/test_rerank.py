"""A reranker reads the best passages once more, and only their order changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ragbot.answering.reranking import VerifierScorer, pair_scorer
from ragbot.errors import ConfigurationError, ModelUnavailableError
from ragbot.index.lexical import LexicalIndex
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.retrieval.rerank import RERANKED, Floats, mixed

PASSAGES = [f"Relapse was seen in {count} of 50 children." for count in range(30)]
VECTORS = np.eye(30, 8, dtype=np.float32) + 0.1


def embed(texts: list[str]) -> Floats:
    return np.ones((len(texts), 8), dtype=np.float32) / np.float32(8**0.5)


def test_the_best_are_read_with_the_first_query_and_put_in_another_order() -> None:
    read: list[tuple[str, list[int]]] = []

    def rerank(question: str, rows: Sequence[int]) -> Floats:
        read.append((question, list(rows)))
        return np.arange(len(rows), dtype=np.float32) * 100

    lexical = LexicalIndex.build(PASSAGES)
    queries = [("relapse in children", 0.7), ("children", 0.3)]
    plain = HybridSearch(VECTORS, lexical, embed).search(queries, 30)
    found = HybridSearch(VECTORS, lexical, embed, rerank=rerank).search(queries, 30)
    assert read == [("relapse in children", [one.row for one in plain[:RERANKED]])]
    assert {one.row for one in found} == {one.row for one in plain}
    assert found[RERANKED:] == plain[RERANKED:]
    assert found[:RERANKED] != plain[:RERANKED]
    few = HybridSearch(VECTORS, lexical, embed, rerank=rerank).search(queries, 3)
    assert few == found[:3]


def test_both_scores_count_by_their_share() -> None:
    found, read = np.array([1.0, 0.5, 0.0], np.float32), np.array([-3.0, 5.0, 1.0], np.float32)
    assert mixed(found, read, 0.0).tolist() == [1.0, 0.5, 0.0]
    assert mixed(found, read, 1.0).tolist() == [0.0, 1.0, 0.5]
    assert mixed(found, np.zeros(3, np.float32), 0.5).tolist() == [0.5, 0.25, 0.0]


def test_the_shipped_model_tells_what_bears_on_a_question() -> None:
    texts = [
        "The garden was full of roses in June.",
        "Blinatumomab prolonged overall survival over chemotherapy in relapsed B-ALL.",
    ]
    scores = VerifierScorer(threads=1).scores("Blinatumomab prolongs survival in B-ALL.", texts)
    assert scores.shape == (2,)
    assert scores[1] > scores[0]


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match="nonsense"):
        pair_scorer("nonsense")


@pytest.mark.slow
def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelUnavailableError, match="no-such-model"):
        pair_scorer("cross-encoder:/nowhere/no-such-model")
