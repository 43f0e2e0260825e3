"""The measurements: each over all systems in turn, so that a busy minute strikes all alike."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.data import Conversation, Pool, with_one_changed, write_docs
from bench.environments import Environment
from bench.numbers import median, spread
from bench.process import Reply, SystemFailedError, Worker
from bench.protocol import Doc, Task
from bench.server import ModelServer, covered
from bench.systems import Spec

Turn = Mapping[str, str]
LONGEST_INDEXING = 3000.0


@dataclass(slots=True)
class Bench:
    """What the measurements share, and what was found: `found[system][measure]`.

    A system that fails is left out from then on, and `failed` holds its words.
    """

    specs: tuple[Spec, ...]
    environments: Mapping[str, Environment]
    server: ModelServer
    work: Path
    embedding: Path
    article: str
    k: int
    chunk_words: int
    threads: int
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def alive(self) -> list[Spec]:
        """The systems that have not failed."""
        return [spec for spec in self.specs if spec.name not in self.failed]

    def keep(self, spec: Spec, name: str, value: Any) -> None:
        """Keep what was found."""
        self.found.setdefault(spec.name, {})[name] = value

    def state(self, spec: Spec, *parts: str) -> Path:
        """A folder of the system's own."""
        return self.work.joinpath("state", spec.name, *parts)

    def task(self, spec: Spec, state: Path, *, chunk_words: int | None = None) -> Task:
        """What a process of the system is given."""
        return Task(
            state=state,
            embedding=self.embedding,
            base_url=self.server.url if spec.chat_model else "",
            chat_model=spec.chat_model,
            chunk_words=self.chunk_words if chunk_words is None else chunk_words,
            k=self.k,
            article=self.article,
            options={"threads": self.threads},
        )

    def open(self, spec: Spec, task: Task, adapter: str = "") -> Worker:
        """A fresh process of the system."""
        logs = self.work / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        return Worker(
            self.environments[spec.environment].python,
            adapter or spec.adapter,
            task,
            threads=self.threads,
            log=logs / f"{spec.name}.log",
        )

    def each(self, what: str, specs: Iterable[Spec], do: Callable[[Spec], None]) -> None:
        """`do` for each system; one that fails is told and left out from then on."""
        for spec in specs:
            if spec.name in self.failed:
                continue
            try:
                do(spec)
            except (SystemFailedError, OSError) as error:
                self.failed[spec.name] = f"{what}: {error}"
                tell(f"{spec.label} failed, {what}: {error}")


def tell(text: str) -> None:
    """A line for the person who waits."""
    print(text, file=sys.stderr, flush=True)


def measure_indexing(bench: Bench, docs: Sequence[Doc], repeats: int) -> None:
    """From nothing to an index, then the same again, then with one document changed.

    The first document is indexed before the clock starts: imports, and what a system does once for
    all (opening the model, ragbot's export of it), are told apart as `first_s`.
    """
    files = [
        write_docs(kept, bench.work / f"{name}.jsonl")
        for name, kept in (("one", docs[:1]), ("all", docs), ("changed", with_one_changed(docs)))
    ]
    runs: dict[str, list[dict[str, float]]] = {spec.name: [] for spec in bench.specs}

    def once(spec: Spec) -> None:
        state = bench.state(spec)
        shutil.rmtree(state, ignore_errors=True)
        with bench.open(spec, bench.task(spec, state)) as worker:
            one, whole, same, changed = (
                worker.call("index", docs=str(path), limit=LONGEST_INDEXING)
                for path in (files[0], files[1], files[1], files[2])
            )
            run = {
                "first_s": one.seconds,
                "chunks": whole.result,
                "all_s": whole.inside,
                "chunks_per_s": (whole.result - one.result) / whole.inside,
                "cpu_ms_per_chunk": 1000 * (whole.cpu or 0.0) / (whole.result - one.result),
                "unchanged_s": same.inside,
                "changed_s": changed.inside,
                "peak_bytes": worker.peak() or 0,
            }
        runs[spec.name].append(run)
        tell(f"{spec.label}: indexed {whole.result} chunks in {whole.inside:.1f} s")

    own = [spec for spec in bench.specs if not spec.state_of]
    for _ in range(repeats):
        bench.each("indexing", own, once)
    for spec in own:
        if runs[spec.name] and spec.name not in bench.failed:
            names = runs[spec.name][0]
            middle = {name: median([run[name] for run in runs[spec.name]]) for name in names}
            bench.keep(spec, "index", {**middle, "runs": runs[spec.name]})
    _share_states(bench)


def _share_states(bench: Bench) -> None:
    """Give systems that share another's index a copy of it."""
    for spec in bench.specs:
        if not spec.state_of:
            continue
        source = bench.work / "state" / spec.state_of
        if spec.state_of in bench.failed or not source.is_dir():
            bench.failed[spec.name] = f"{spec.state_of} has no index"
            continue
        shutil.rmtree(bench.state(spec), ignore_errors=True)
        shutil.copytree(source, bench.state(spec), symlinks=True)


def _outside(bench: Bench, reply: Reply) -> tuple[float, float, int]:
    """Seconds of a call outside the model, within it, and how often the model was asked."""
    spans = bench.server.take_spans()
    model = covered(spans)
    return reply.seconds - model, model, len(spans)


def measure_cold(bench: Bench, question: str, repeats: int) -> None:
    """From the start of a process to its first answer, less the time within the model."""
    taken: dict[str, list[dict[str, float]]] = {spec.name: [] for spec in bench.specs}

    def once(spec: Spec) -> None:
        bench.server.standalone = question
        bench.server.take_spans()
        with bench.open(spec, bench.task(spec, bench.state(spec))) as worker:
            reply = worker.call("ask", question=question, history=[])
            outside, model, calls = _outside(bench, reply)
        run = {"s": outside, "model_s": model, "calls": calls, "cpu_s": reply.cpu or 0.0}
        taken[spec.name].append(run)
        tell(f"{spec.label}: cold first answer {outside:.2f} s outside the model")

    for _ in range(repeats):
        bench.each("cold start", bench.specs, once)
    for spec in bench.alive():
        runs = taken[spec.name]
        seconds, cpu = ([run[name] for run in runs] for name in ("s", "cpu_s"))
        bench.keep(spec, "cold", {"s": spread(seconds), "cpu_s": median(cpu), "runs": runs})


def measure_warm(bench: Bench, talks: Sequence[Conversation], warm_up: int = 2) -> None:
    """Conversations with processes that stay: what each answer takes outside the model.

    All systems' processes are open, and each question goes to all of them in turn. The history is
    each system's own answers. The first `warm_up` conversations are asked and not counted.
    """
    taken: dict[str, list[dict[str, float]]] = {spec.name: [] for spec in bench.specs}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}

        def start(spec: Spec) -> None:
            task = bench.task(spec, bench.state(spec))
            workers[spec.name] = stack.enter_context(bench.open(spec, task))

        bench.each("opening", bench.specs, start)
        for number, talk in enumerate(talks):
            said: dict[str, list[Turn]] = {spec.name: [] for spec in bench.specs}
            for question in talk.questions:

                def once(spec: Spec, question: str = question, said: Any = said) -> None:
                    history = said[spec.name]
                    run = _asked(bench, workers[spec.name], question, history)
                    if number >= warm_up:  # noqa: B023  (called within the turn)
                        taken[spec.name].append(run)

                # each goes first as often as the others
                at = number % len(bench.specs)
                bench.each("asking", (*bench.specs[at:], *bench.specs[:at]), once)
            tell(f"asked {talk.name} ({number + 1} of {len(talks)})")
        for spec in bench.alive():
            runs = taken[spec.name]
            bench.keep(
                spec,
                "warm",
                {
                    "ms": spread([1000 * run["s"] for run in runs]),
                    "cpu_ms": 1000 * sum(run["cpu_s"] for run in runs) / max(1, len(runs)),
                    "calls": sum(run["calls"] for run in runs) / max(1, len(runs)),
                    "peak_bytes": workers[spec.name].peak() or 0,
                    "runs": runs,
                },
            )


def _asked(bench: Bench, worker: Worker, question: str, history: list[Turn]) -> dict[str, float]:
    """One question; its history is told before and grows by it."""
    bench.server.standalone = question
    bench.server.take_spans()
    reply = worker.call("ask", question=question, history=history)
    outside, model, calls = _outside(bench, reply)
    is_follow_up = float(bool(history))
    history.append({"role": "user", "content": question})
    history.append({"role": "assistant", "content": reply.result})
    return {
        "s": outside,
        "model_s": model,
        "calls": calls,
        "cpu_s": reply.cpu or 0.0,
        "follow_up": is_follow_up,
    }


def measure_retrieval(bench: Bench, pool: Pool) -> None:
    """Each system's own ranking of a collection's documents, judged by ir-measures.

    Queries are asked as they are with their history, without it ("last turn"), and as a person
    rewrote them: what a perfect chat model would make of a follow-up. No chat model is asked.
    """
    docs = write_docs(pool.docs, bench.work / f"{pool.name}.jsonl")
    asked = {
        "as asked": [
            (query.text, [_turn(message) for message in query.history]) for query in pool.queries
        ]
    }
    if pool.has_history:
        asked["last turn"] = [(query.text, []) for query in pool.queries]
    if any(query.rewrite for query in pool.queries):
        asked["person's rewrite"] = [(query.rewrite or query.text, []) for query in pool.queries]

    def once(spec: Spec) -> None:
        state = bench.state(spec, "retrieval", pool.name)
        shutil.rmtree(state, ignore_errors=True)
        task = bench.task(spec, state, chunk_words=0)
        with bench.open(spec, task, spec.retrieval) as worker:
            made = worker.call("index", docs=str(docs), limit=LONGEST_INDEXING)
            entry: dict[str, Any] = {
                "documents": made.result,
                "index_s": made.inside,
                "index_cpu_s": made.cpu,
            }
            for way, queries in asked.items():
                given = [{"query": text, "history": history} for text, history in queries]
                reply = worker.call("retrieve", queries=given, k=10, limit=LONGEST_INDEXING)
                entry[way] = judged(pool, reply.result) | {
                    "ms_per_query": 1000 * reply.inside / len(given)
                }
        held = bench.found.setdefault(spec.name, {}).setdefault("retrieval", {})
        held[pool.name] = entry
        ndcg = entry["as asked"]["nDCG@10"]
        tell(f"{spec.label}: {pool.name} nDCG@10 {ndcg:.3f}, indexed in {made.inside:.0f} s")
        shutil.rmtree(state, ignore_errors=True)

    bench.each(f"retrieval on {pool.name}", [s for s in bench.specs if s.retrieval], once)


def _turn(message: Any) -> Turn:
    return {"role": message.role, "content": message.content}


def judged(pool: Pool, rankings: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Means of nDCG@10 and recall@5 by ir-measures, by query as well."""
    import ir_measures
    from ir_measures import R, nDCG

    qrels = {query: dict(gains) for query, gains in pool.qrels.items()}
    run = {
        query.id: {doc: -float(rank) for rank, doc in enumerate(found)}
        for query, found in zip(pool.queries, rankings, strict=True)
    }
    by_query: dict[str, dict[str, float]] = {query: {} for query in qrels}
    for metric in ir_measures.iter_calc([nDCG @ 10, R @ 5], qrels, run):
        by_query[metric.query_id][str(metric.measure)] = float(metric.value)
    count = len(qrels)
    means = {
        name: sum(values.get(name, 0.0) for values in by_query.values()) / count
        for name in ("nDCG@10", "R@5")
    }
    return {"nDCG@10": means["nDCG@10"], "Recall@5": means["R@5"], "queries": count}
