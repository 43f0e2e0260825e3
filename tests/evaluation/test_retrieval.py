"""Retrieval metrics, checked against ir-measures, and the measuring of a small collection."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from ragbot.errors import DocumentError, UsageError
from ragbot.evaluation.retrieval import evaluate
from ragbot.evaluation.retrieval_metrics import judge, summarise
from ragbot.index.embedding import OnnxEmbeddings
from ragbot.index.export import ensure_export
from ragbot.settings import SHIPPED_MODEL

CORPUS = {
    "whiplash/treatment": ("Whiplash", "Whiplash is treated with pain relief and exercise."),
    "whiplash/cause": ("Whiplash", "Whiplash is caused by sudden movement of the neck in a crash."),
    "angina/treatment": ("Angina", "Angina is treated with nitrates and beta blockers."),
    "angina/cause": ("Angina", "Angina is caused by narrowed coronary arteries."),
    "gout/treatment": ("Gout", "Gout is treated with colchicine and allopurinol."),
    "roses": ("Roses", "Roses flower in June."),
}
ASKED: list[dict[str, Any]] = [
    {"_id": "q1", "text": "How is gout treated?"},
    {
        "_id": "q2",
        "text": "How is it treated?",
        "history": [
            {"role": "user", "content": "What is whiplash?"},
            {"role": "assistant", "content": "Whiplash is a neck injury."},
        ],
        "rewrite": "How is whiplash treated?",
        "kind": "anaphora",
    },
    {
        "_id": "q3",
        "text": "What about angina?",
        "history": [{"role": "user", "content": "What are the causes of whiplash?"}],
        "rewrite": "What are the causes of angina?",
        "kind": "what_about",
    },
    {"_id": "q4", "text": "What is the capital of France?", "kind": "abstain"},
]
QRELS = [("q1", "gout/treatment"), ("q2", "whiplash/treatment"), ("q3", "angina/cause")]


@pytest.fixture(scope="module")
def embedder(exported_model: Path) -> OnnxEmbeddings:
    return ensure_export(SHIPPED_MODEL, exported_model).open(threads=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus = [{"_id": key, "title": t, "text": x} for key, (t, x) in CORPUS.items()]
    for name, rows in (("corpus", corpus), ("queries", ASKED)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "qrels").mkdir()
    lines = "".join(f"{query}\t{passage}\t1\n" for query, passage in QRELS)
    text = f"query-id\tcorpus-id\tscore\n{lines}"
    (tmp_path / "qrels" / "test.tsv").write_text(text, encoding="utf-8")
    return tmp_path


def test_metrics_are_those_of_ir_measures() -> None:
    measures = pytest.importorskip("ir_measures")
    generator = random.Random(4)
    for _ in range(40):
        items = [f"d{number}" for number in range(20)]
        gains = {item: generator.choice([0, 0, 1, 2]) for item in items}
        gains["d0"] = 1
        ranked = generator.sample(items, 15)
        run = {"q": {item: float(20 - at) for at, item in enumerate(ranked)}}
        wanted = measures.calc_aggregate(
            [measures.nDCG @ 10, measures.R @ 5, measures.R @ 10, measures.RR @ 10],
            {"q": gains},
            run,
        )
        mine = judge(ranked, gains)
        names = {"nDCG@10": "nDCG@10", "Recall@5": "R@5", "Recall@10": "R@10", "MRR@10": "RR@10"}
        theirs = {str(measure): value for measure, value in wanted.items()}
        for name, their_name in names.items():
            assert mine[name] == pytest.approx(theirs[their_name], abs=1e-9)


def test_of_no_query_there_is_no_metric() -> None:
    assert summarise([])["nDCG@10"] == {"value": 0.0, "n": 0, "low": 0.0, "high": 0.0}


def test_rewriting_finds_what_the_last_turn_does_not(
    folder: Path, embedder: OnnxEmbeddings
) -> None:
    results = {mode: evaluate(folder, rewrite=mode, embedder=embedder) for mode in ("none", "auto")}
    alone, made = (results[mode]["metrics"]["MRR@10"]["value"] for mode in ("none", "auto"))
    assert made > alone
    assert made == pytest.approx(1.0)
    assert results["auto"]["metrics"]["nDCG@10"]["n"] == 3
    assert results["auto"]["left_out"] == 1
    assert set(results["auto"]["kinds"]) == {"anaphora", "first turn", "what_about"}


def test_a_given_rewrite_is_used(folder: Path, embedder: OnnxEmbeddings) -> None:
    given = evaluate(folder, rewrite="given", embedder=embedder)
    assert given["metrics"]["MRR@10"]["value"] == pytest.approx(1.0)


def test_vectors_are_kept(folder: Path, embedder: OnnxEmbeddings, tmp_path: Path) -> None:
    counted: list[int] = []
    cache = tmp_path / "cache"
    for _ in range(2):
        evaluate(folder, embedder=embedder, cache=cache, progress=counted.append)
    assert sum(counted) == len(CORPUS)
    assert len(list(cache.glob("vectors-*.npy"))) == 1


def test_wrong_input_is_told(folder: Path, embedder: OnnxEmbeddings) -> None:
    with pytest.raises(UsageError, match="none, auto or given"):
        evaluate(folder, rewrite="magic", embedder=embedder)
    (folder / "queries.jsonl").write_text('{"_id": "q1"}\n', encoding="utf-8")
    with pytest.raises(DocumentError, match=r"line 1 lacks 'text'"):
        evaluate(folder, embedder=embedder)
    (folder / "corpus.jsonl").unlink()
    with pytest.raises(DocumentError, match="cannot be read"):
        evaluate(folder, embedder=embedder)


def test_a_collection_without_judgements_is_told(folder: Path, embedder: OnnxEmbeddings) -> None:
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="relevant"):
        evaluate(folder, embedder=embedder)


def test_rewrites_must_be_there_to_be_used(folder: Path, embedder: OnnxEmbeddings) -> None:
    (folder / "queries.jsonl").write_text(json.dumps(ASKED[0]) + "\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="no rewrite"):
        evaluate(folder, rewrite="given", embedder=embedder)
