"""Fits `src/ragbot/retrieval/weights.json`: what follow-ups carry over, and when it helps.

    python training/followups/fit.py DATA [--held-out FOLD] [--out FILE] [--cache FOLDER]

DATA holds `rewrites/{canard-dev,cast-2019-2020}.jsonl`, `mtrag-human/` and `medquad-dev/`.
With --held-out, the conversations of that fold of two are left out of both fits, to be judged on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sets import Rewritten, answer_pool, fold, pool, rewrites
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from ragbot.evaluation.retrieval import embedded, opened_model
from ragbot.evaluation.retrieval_data import Collection, Query
from ragbot.evaluation.retrieval_metrics import ndcg
from ragbot.index.lexical import LexicalIndex
from ragbot.retrieval import condense as following
from ragbot.retrieval.carry import Utterance, features, gather, read, stems
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.retrieval.probe import HybridProbe, gate_features
from ragbot.retrieval.rewrite import lead_removed
from ragbot.retrieval.weights import Weights

Row = dict[str, float]
Rarity = Callable[[str], float]
POSITIVE_SHARE = 0.5  # of a candidate's rarity that the rewrite must add
WEIGHTS = {"canard": 1.0, "cast": 2.0}
THRESHOLDS: dict[str, Any] = {
    "wide": 0.1, "most": 3, "written": 0.35, "share_unprobed": 0.6, "certain": 0.9,
     "mix_written": 0.25, "mix_wide": 0.4, "mix_previous": 0.1, "mix_opening": 0.25,
}  # fmt: skip


def utterances(rewritten: Rewritten, *, titled: bool) -> tuple[list[Utterance], int]:
    """What was said before a follow-up, and how many turns the user has had."""
    said = [Utterance("title", rewritten.title, -1)] if titled and rewritten.title else []
    turns = 0
    for message in rewritten.history:
        if message.role == "user":
            said.append(Utterance("user", message.content, turns))
            turns += 1
        else:
            said.append(Utterance("answer", message.content, max(turns - 1, 0)))
    return said, turns


def carry_rows(rewritten: Rewritten, rarity: Rarity, *, titled: bool) -> Iterable[tuple[Row, int]]:
    """Features of each candidate, and whether the person's rewrite took it over."""
    said, turns = utterances(rewritten, titled=titled)
    follow = read(lead_removed(rewritten.text), rarity)
    added = stems(rewritten.rewrite) - follow.stems
    for candidate in gather(said):
        new = candidate.stems - follow.stems
        if new:
            share = sum(map(rarity, new & added)) / max(sum(map(rarity, new)), 1e-9)
            yield features(candidate, follow, turns, rarity), int(share >= POSITIVE_SHARE)


def fit_carry(sets: Mapping[str, Sequence[Rewritten]], rarity: Rarity) -> dict[str, float]:
    """Logistic regression over all candidates; the article's title is shown to half of CANARD."""
    rows: list[Row] = []
    labels: list[int] = []
    counts: list[float] = []
    for name, examples in sets.items():
        for rewritten in examples:
            titled = fold(rewritten.conversation + "title") == 0
            for row, label in carry_rows(rewritten, rarity, titled=titled):
                rows.append(row)
                labels.append(label)
                counts.append(WEIGHTS[name])
    vectorizer = DictVectorizer(sparse=True)
    model = LogisticRegression(C=0.1, max_iter=3000)
    model.fit(vectorizer.fit_transform(rows), labels, sample_weight=counts)
    return coefficients(vectorizer, model)


def coefficients(vectorizer: DictVectorizer, model: LogisticRegression) -> dict[str, float]:
    """Name -> coefficient, the intercept under ""."""
    names = vectorizer.get_feature_names_out()
    found = {"": round(float(model.intercept_[0]), 4)}
    found.update({name: round(float(w), 4) for name, w in zip(names, model.coef_[0], strict=True)})
    return {name: weight for name, weight in found.items() if weight}


def gate_rows(
    collection: Collection, search: HybridSearch, weights: Weights
) -> list[tuple[Row, float]]:
    """Features of the gate, and how much higher the carried form's nDCG@10 is."""
    probe = HybridProbe(search)
    rows: list[tuple[Row, float]] = []
    for query in collection.queries:
        case = gate_case(query, probe, weights)
        if case is None:
            continue
        asked, carried, previous = case
        evidence = probe([asked, carried, previous])
        gains = [_ndcg(collection, query, search, text) for text in (asked, carried)]
        own = following.own_features(query.text, probe)
        rows.append(({**gate_features(*evidence), **own}, gains[1] - gains[0]))
    return rows


def gate_case(query: Query, probe: HybridProbe, weights: Weights) -> tuple[str, str, str] | None:
    """The three queries that the gate looks at, or None where nothing would be carried over."""
    thread = following.thread_of(query.history, following.Context(), probe, weights)
    reading = following.understand(query.text, thread, probe, weights)
    carried = reading.wide or reading.text
    if reading.certain or carried == query.text or not thread.asked:
        return None
    return query.text, carried, thread.asked[-1]


def _ndcg(collection: Collection, query: Query, search: HybridSearch, text: str) -> float:
    ranked = [collection.ids[found.row] for found in search.search([(text, 1.0)], 10)]
    return ndcg(ranked, collection.qrels[query.id], 10)


def fit_gate(
    pools: Sequence[Sequence[tuple[Row, float]]],
) -> tuple[dict[str, float], dict[str, float]]:
    """Logistic regression on which form does better, weighted by how much; pools count alike."""
    rows = [row for pool_rows in pools for row, _ in pool_rows]
    gains = np.array([gain for pool_rows in pools for _, gain in pool_rows])
    counts = np.concatenate(
        [np.full(len(p), 1.0 / max(sum(abs(gain) for _, gain in p), 1e-9)) for p in pools]
    )
    weight = np.abs(gains) * counts * 300
    vectorizer = DictVectorizer(sparse=False)
    values = vectorizer.fit_transform(rows)
    spread = values.std(axis=0) + 1e-6
    kept = weight > 0
    model = LogisticRegression(C=0.05, max_iter=2000)
    model.fit((values / spread)[kept], gains[kept] > 0, sample_weight=weight[kept])
    names = vectorizer.get_feature_names_out()
    return coefficients(vectorizer, model), {
        name: round(float(s), 5) for name, s in zip(names, spread, strict=True)
    }


def main() -> None:
    """Fit both and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--held-out", type=int, default=None)
    parser.add_argument("--without", default="", help="a pool that the gate does not see")
    parser.add_argument("--out", type=Path, default=Path("src/ragbot/retrieval/weights.json"))
    parser.add_argument("--cache", type=Path, default=Path(".cache/followups"))
    given = parser.parse_args()

    def kept(conversation: str) -> bool:
        return given.held_out is None or fold(conversation) != given.held_out

    files = given.data / "rewrites"
    sets = {
        "canard": [r for r in rewrites(files / "canard-dev.jsonl") if kept(r.conversation)],
        "cast": [r for r in rewrites(files / "cast-2019-2020.jsonl") if kept(r.conversation)],
    }
    pools = {
        "canard": answer_pool(files / "canard-dev.jsonl", 700),
        "mtrag-human": pool(given.data / "mtrag-human"),
        "medquad-dev": pool(given.data / "medquad-dev"),
    }
    model = opened_model(given.cache)
    searches = {
        name: HybridSearch(
            embedded(model, p.texts, given.cache), LexicalIndex.build(p.texts), model.embed_array
        )
        for name, p in pools.items()
    }
    background = mixed_rarity([HybridProbe(search) for search in searches.values()])
    carry = fit_carry(sets, background)
    draft = Weights(carry, {}, {}, **THRESHOLDS)
    rows = {}
    for name, p in pools.items():
        queries = tuple(q for q in p.queries if kept(conversation_of(q)))
        part = Collection(p.ids, p.texts, queries, p.qrels, p.left_out)
        if name != given.without:
            rows[name] = gate_rows(part, searches[name], draft)
    gate, scales = fit_gate(list(rows.values()))
    card = {
        "what": "Weights of the follow-ups: see docs/decisions/0002-retrieval.md",
        "fitted_on": {
            "carry": {name: len(examples) for name, examples in sets.items()},
            "gate": {name: len(r) for name, r in rows.items()},
        },
        "data": "CANARD (CC BY-SA 4.0), TREC CAsT 2019-2020 (MIT), MTRAG (Apache-2.0), "
        "MedQuAD (CC BY 4.0)",
    }
    found = {"card": card, **THRESHOLDS, "gate": gate, "gate_scales": scales, "carry": carry}
    given.out.write_text(json.dumps(found, indent=1, sort_keys=False) + "\n", encoding="utf-8")
    print(json.dumps(card["fitted_on"]), gate)


def conversation_of(query: Query) -> str:
    """What folds are made by: the conversation, by its first turn, so that one is never split."""
    return query.history[0].content if query.history else query.text


def mixed_rarity(probes: Sequence[HybridProbe]) -> Rarity:
    """The mean rarity over several pools, so that no one field decides what is rare."""
    return lambda token: sum(probe.rarity(token) for probe in probes) / len(probes)


if __name__ == "__main__":
    main()
