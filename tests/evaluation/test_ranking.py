"""Retrieval metrics of turns: against hand-worked values, and without ir-measures."""

from __future__ import annotations

import builtins
import math

import pytest

from ragbot.evaluation import ranking
from ragbot.evaluation.ranking import Ranking, relevant_chunks
from ragbot.evaluation.suites import ExpectedPassage
from ragbot.types import Chunk, Document

TEXT = "First sentence here. Second sentence there. Third sentence."
DOCUMENT = Document("s1", "source", "T", TEXT, (), "0")


def chunk(name: str, start: int, end: int) -> Chunk:
    return Chunk(name, "s1", "source", "T", (), start, end, TEXT[start:end], ((start, end),))


CHUNKS = {"s1": (chunk("c1", 0, 20), chunk("c2", 21, 43), chunk("c3", 44, len(TEXT)))}


def named(*snippets: str) -> list[ExpectedPassage]:
    return [ExpectedPassage(document="s1", snippet=snippet) for snippet in snippets]


@pytest.mark.parametrize(
    ("snippets", "ids"),
    [
        (("Second",), {"c2"}),
        (("Second", "Third"), {"c2", "c3"}),
        (("here. Second",), {"c1", "c2"}),
        (("nowhere",), set()),
    ],
)
def test_the_chunks_that_hold_a_snippet_are_relevant(snippets, ids):
    assert relevant_chunks(named(*snippets), {"s1": DOCUMENT}, CHUNKS) == ids


def test_a_document_that_is_not_in_the_index_has_none():
    assert relevant_chunks(named("Second"), {}, {"s1": ()}) == frozenset()


def test_the_metrics_are_those_worked_by_hand():
    found = tuple(f"c{at}" for at in range(12))
    scores, remark = ranking.score(
        [
            Ranking("a/1", found, frozenset({"c2", "c6", "elsewhere"})),
            Ranking("b/1", (), frozenset("x")),
        ]
    )
    ideal = sum(1 / math.log2(rank + 1) for rank in (1, 2, 3))
    assert scores["a/1"] == pytest.approx(
        {
            "Recall@5": 1 / 3,
            "Recall@10": 2 / 3,
            "MRR@10": 1 / 3,
            "nDCG@10": (1 / math.log2(4) + 1 / math.log2(8)) / ideal,
        }
    )
    assert set(scores["b/1"].values()) == {0.0}
    assert remark == ""


def test_passages_that_are_not_in_the_index_leave_the_turn_unscored():
    scores, remark = ranking.score([Ranking("a/1", ("c1",), frozenset())])
    assert set(scores["a/1"].values()) == {None}
    assert "1 turns" in remark


def test_without_ir_measures_it_is_unscored_and_said(monkeypatch):
    real = builtins.__import__

    def absent(name, *rest):
        if name == "ir_measures":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    scores, remark = ranking.score([Ranking("a/1", ("c1",), frozenset({"c1"}))])
    assert scores == {"a/1": dict.fromkeys(("Recall@5", "Recall@10", "nDCG@10", "MRR@10"))}
    assert "ragbot[eval]" in remark
