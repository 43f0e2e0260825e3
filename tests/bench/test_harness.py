"""The harness: processes seen from outside, data, judging, tables."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import pytest
from bench.__main__ import take_in
from bench.measure import judged
from bench.numbers import percentile, spread
from bench.process import SystemFailedError, Worker
from bench.protocol import Task, distinct
from bench.systems import SYSTEMS, chosen

from bench import data, report
from ragbot.evaluation.retrieval_metrics import judge
from ragbot.index.export import model_location
from ragbot.settings import SHIPPED_MODEL
from small_library import ALPHA, link_model

ROOT = Path(__file__).parents[2]


@pytest.fixture
def docs(small_corpus):
    return data.library_docs(small_corpus.folder)


@pytest.fixture
def opened(tmp_path, exported_model):
    """A function that opens a worker of ragbot's adapter, with the extractive answerer."""

    def open_worker(adapter: str = "ragbot") -> Worker:
        state = tmp_path / "state"
        if not (state / "index").exists():
            link_model(state / "index", exported_model)
        embedding = Path(model_location(SHIPPED_MODEL))
        task = Task(state, embedding, article=ALPHA, options={"threads": 1})
        log = tmp_path / "log.txt"
        return Worker(Path(sys.executable), adapter, task, threads=1, log=log)

    return open_worker


def test_a_system_is_indexed_asked_and_searched_in_a_process_of_its_own(docs, opened, tmp_path):
    whole = str(data.write_docs(docs, tmp_path / "all.jsonl"))
    changed = str(data.write_docs(data.with_one_changed(docs), tmp_path / "changed.jsonl"))
    with opened() as worker:
        chunks = worker.call("index", docs=whole).result
        assert chunks >= len(docs)
        assert worker.call("index", docs=whole).result == chunks
        assert worker.call("index", docs=changed).result >= chunks
        assert worker.call("index", docs=str(_one(docs, tmp_path))).result < chunks
        worker.call("index", docs=whole)
    with opened() as worker:
        question = "How many had veno-occlusive disease with inotuzumab?"
        first = worker.call("ask", question=question, history=[])
        assert "11%" in first.result
        assert first.seconds > first.inside  # the start of the process counts
        second = worker.call("ask", question=question, history=[])
        assert second.seconds < first.seconds
        found = worker.call("retrieve", queries=[{"query": question, "history": []}], k=2).result
        assert len(found[0]) == 2
        if sys.platform == "linux":
            assert worker.peak() > 50_000_000
            assert first.cpu > 0


def _one(docs, folder):
    articles = [doc for doc in docs if doc.id == ALPHA]
    return data.write_docs(articles, folder / "one.jsonl")


def test_what_a_system_raises_is_told_and_a_dead_one_as_well(opened):
    with opened() as worker, pytest.raises(SystemFailedError, match="unknown call 'dance'"):
        worker.call("dance")
    name = "nothing_of_this_name"
    with opened(name) as worker, pytest.raises(SystemFailedError, match=name):
        worker.call("ask", question="Is it?", history=[])


def test_one_document_changes_and_the_others_stay(docs):
    changed = data.with_one_changed(docs)
    different = [(old, new) for old, new in zip(docs, changed, strict=True) if old != new]
    assert len(different) == 1
    old, new = different[0]
    assert old.id == new.id
    assert new.text == old.text + data.ADDED
    assert new.source == old.source + data.ADDED


def test_the_questions_on_an_article_are_taken_from_the_suites():
    talks = data.conversations(ROOT / "eval" / "suites", "tp53-b-all")
    assert any(len(talk.questions) > 1 for talk in talks)
    assert data.conversations(ROOT / "eval" / "suites", "no-such-article") == []


@pytest.fixture
def collection(tmp_path):
    """Twenty passages, four queries with one relevant passage each, one with a history."""
    folder = tmp_path / "tiny"
    (folder / "qrels").mkdir(parents=True)
    passages = [{"_id": f"p{n}", "title": f"T{n}", "text": f"Text {n}."} for n in range(20)]
    queries = [{"_id": f"q{n}", "text": f"Query {n}?"} for n in range(4)]
    queries[3]["history"] = [{"role": "user", "content": "And before?"}]
    for name, rows in (("corpus", passages), ("queries", queries)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    qrels = "".join(f"q{n}\tp{n}\t1\n" for n in range(4))
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_a_smaller_pool_keeps_what_is_relevant(collection):
    whole = data.pool(collection, None, None)
    assert (len(whole.docs), whole.whole, len(whole.queries)) == (20, 20, 4)
    assert whole.has_history
    small = data.pool(collection, 7, None)
    assert len(small.docs) == 7
    assert {"p0", "p1", "p2", "p3"} <= {doc.id for doc in small.docs}
    assert small == data.pool(collection, 7, None)
    fewer = data.pool(collection, None, 2)
    assert set(fewer.qrels) == {query.id for query in fewer.queries}
    assert len(fewer.queries) == 2


def test_rankings_are_judged_as_ragbot_judges_its_own(collection):
    pool = data.pool(collection, None, None)
    rankings = [["p0", "p9"], ["p8", "p1"], ["p5", "p6"], [f"p{n}" for n in range(19, 9, -1)]]
    found = judged(pool, rankings)
    own = [judge(r, pool.qrels[q.id]) for r, q in zip(rankings, pool.queries, strict=True)]
    assert found["nDCG@10"] == pytest.approx(sum(one["nDCG@10"] for one in own) / 4)
    assert found["Recall@5"] == pytest.approx(sum(one["Recall@5"] for one in own) / 4)
    assert 0 < found["nDCG@10"] < 1


def test_percentiles():
    assert spread([3.0, 1.0, 2.0])["p50"] == 2.0
    assert percentile([0.0, 10.0], 0.95) == pytest.approx(9.5)
    assert percentile([], 0.5) is None
    assert distinct(["a", "b", "a", "c"], 2) == ["a", "b"]


RESULT = {
    "machine": {"cores": 2, "memory_gb": 8, "system": "X", "architecture": "y", "python": "3"},
    "settings": {"threads": 1},
    "parts": {},
    "pools": {},
    "scale": {},
    "not_run": {"Peer C": "not run: not installable here: no such wheel"},
    "systems": {
        name: {"label": name, "is_ragbot": name == "ragbot", "way": "w", "packages": {}, **found}
        for name, found in {
            "ragbot": {"cold": {"s": {"p50": 1.0}}, "index": {"chunks_per_s": 30.0}},
            "Peer A": {"cold": {"s": {"p50": 4.0}}, "index": {"chunks_per_s": 20.0}},
            "Peer B": {"cold": {"s": {"p50": 8.0}}},
        }.items()
    },
}


def test_the_table_compares_with_the_best_peer_and_invents_nothing():
    rows = report.table(RESULT).splitlines()
    cold = next(row for row in rows if "first answer" in row)
    assert cold.endswith("| 1.00 s | 4.00 s | 8.00 s | 0.25 (Peer A) |")
    speed = next(row for row in rows if "chunks a second" in row)
    assert speed.endswith("| 30.0 | 20.0 | – | 1.50 (Peer A) |")
    assert not any("warm" in row for row in rows)  # not measured: no row
    assert "no such wheel" in report.document(RESULT)


def test_parts_of_another_result_are_taken_in():
    mine = copy.deepcopy(RESULT)
    other = copy.deepcopy(RESULT) | {"pools": {"tiny": {"queries": 3}}, "not_run": {}}
    ranked = {"tiny": {"as asked": {"nDCG@10": 0.5}}}
    other["systems"] = {"ragbot": {"label": "ragbot", "is_ragbot": True, "retrieval": ranked}}
    take_in(mine, other)
    assert mine["pools"] == other["pools"]
    assert mine["not_run"] == RESULT["not_run"]
    assert mine["systems"]["ragbot"]["retrieval"] == ranked
    assert mine["systems"]["ragbot"]["cold"] == RESULT["systems"]["ragbot"]["cold"]
    assert "tiny, as asked: nDCG@10 | 0.500 | – | – |" in report.table(mine)


def test_more_is_better_for_some():
    faster = {**RESULT, "systems": {**RESULT["systems"]}}
    faster["systems"]["Peer B"] = {
        **RESULT["systems"]["Peer B"],
        "index": {"chunks_per_s": 60.0},
    }
    row = next(row for row in report.table(faster).splitlines() if "chunks a second" in row)
    assert row.endswith("0.50 (Peer B) |")


def test_the_readme_shows_the_committed_result():
    result = json.loads((ROOT / "bench" / "results" / "latest.json").read_text("utf-8"))
    readme = (ROOT / "README.md").read_text("utf-8")
    assert report.in_readme(readme, result) == readme
    assert (ROOT / "bench" / "results" / "latest.md").read_text("utf-8") == report.document(result)


def test_every_system_has_its_adapter_and_pinned_environment():
    for spec in SYSTEMS:
        assert (ROOT / "bench" / "adapters" / f"{spec.adapter}.py").is_file()
        if spec.retrieval:
            assert (ROOT / "bench" / "adapters" / f"{spec.retrieval}.py").is_file()
        if spec.environment != "ragbot":
            pins = (ROOT / "bench" / "envs" / f"{spec.environment}.txt").read_text("utf-8")
            assert f"{spec.package}==" in pins
            assert "torch==2.13.0\n" in pins
            assert all("==" in line for line in pins.splitlines())
    assert [spec.name for spec in chosen("langchain, ragbot")] == ["ragbot", "langchain"]
    with pytest.raises(ValueError, match="unknown system 'x'"):
        chosen("x")


def test_a_task_goes_through_json(tmp_path):
    task = Task(tmp_path, tmp_path / "model", chunk_words=90, options={"threads": 1})
    assert Task.from_dict(json.loads(json.dumps(task.to_dict()))) == task
    assert (task.chunk_characters, task.chunk_tokens) == (585, 120)
