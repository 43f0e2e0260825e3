"""Retrieval metrics of the suites' turns, computed by ir-measures (trec_eval's definitions).

Relevant are the passages of the index on which the snippets that a turn names stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ragbot.evaluation.suites import ExpectedPassage
from ragbot.types import Chunk, Document

NAMES = {"R@5": "Recall@5", "R@10": "Recall@10", "nDCG@10": "nDCG@10", "RR@10": "MRR@10"}
"""ir-measures' names of the measures, and those of the reports."""
ABSENT = (
    "Recall@k, nDCG@10 and MRR@10 are unscored: the package ir-measures is not installed. "
    'Install it with `pip install "ragbot[eval]"`.'
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a turn's question found, best first, and what it should have found, as chunk ids."""

    turn: str
    found: tuple[str, ...]
    relevant: frozenset[str]


def relevant_chunks(
    named: Iterable[ExpectedPassage],
    documents: Mapping[str, Document],
    chunks: Mapping[str, Sequence[Chunk]],
) -> frozenset[str]:
    """Ids of the chunks that share text with a named snippet; `chunks` are those by document."""
    ids: set[str] = set()
    for passage in named:
        document = documents.get(passage.document)
        start = document.text.find(passage.snippet) if document else -1
        if start < 0:
            continue
        end = start + len(passage.snippet)
        ids |= {c.id for c in chunks[passage.document] if c.start < end and start < c.end}
    return frozenset(ids)


def score(rankings: Sequence[Ranking]) -> tuple[dict[str, dict[str, float | None]], str]:
    """The metrics of each turn, and why some are unscored ("" if none is).

    A turn whose named passages are not in the index is unscored, as all are without ir-measures.
    """
    scores: dict[str, dict[str, float | None]] = {
        ranking.turn: dict.fromkeys(NAMES.values()) for ranking in rankings
    }
    if not rankings:
        return scores, ""
    try:
        import ir_measures
    except ImportError:
        return scores, ABSENT
    judged = [ranking for ranking in rankings if ranking.relevant]
    qrels = {one.turn: dict.fromkeys(one.relevant, 1) for one in judged}
    run = {
        one.turn: {chunk: -float(rank) for rank, chunk in enumerate(one.found)} for one in judged
    }
    for turn in qrels:
        scores[turn] = dict.fromkeys(NAMES.values(), 0.0)  # nothing found is nothing found
    measures = [ir_measures.parse_measure(name) for name in NAMES]
    for found in ir_measures.iter_calc(measures, qrels, run):
        scores[found.query_id][NAMES[str(found.measure)]] = float(found.value)
    lost = len(rankings) - len(judged)
    told = f"Retrieval of {lost} turns is unscored: their passages are not in the index."
    return scores, told if lost else ""
