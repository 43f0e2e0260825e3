"""Results as a Markdown table: a row a measure, a column a system, then ragbot : best peer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Result = Mapping[str, Any]
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Measure:
    """A row: where its figure lies, how it is written, and whether more is better."""

    label: str
    path: tuple[str, ...]
    write: Callable[[float], str]
    more_is_better: bool = False


def seconds(value: float) -> str:
    """Seconds, to a hundredth."""
    return f"{value:.2f} s"


def milliseconds(value: float) -> str:
    """Milliseconds, whole."""
    return f"{value:.0f} ms"


def megabytes(value: float) -> str:
    """Bytes as MB, whole."""
    return f"{value / 1e6:.0f} MB"


def plain(value: float) -> str:
    """A number to one place."""
    return f"{value:.1f}"


def score(value: float) -> str:
    """A score between 0 and 1."""
    return f"{value:.3f}"


MEASURES = (
    Measure("cold: process start to first answer", ("cold", "s", "p50"), seconds),
    Measure("cold, CPU time", ("cold", "cpu_s"), seconds),
    Measure("warm answer, p50", ("warm", "ms", "p50"), milliseconds),
    Measure("warm answer, p95", ("warm", "ms", "p95"), milliseconds),
    Measure("warm answer, CPU time (mean)", ("warm", "cpu_ms"), milliseconds),
    Measure("model calls an answer", ("warm", "calls"), plain),
    Measure("memory while answering, peak", ("warm", "peak_bytes"), megabytes),
    Measure("chunks made of the library", ("index", "chunks"), lambda value: f"{value:.0f}"),
    Measure("indexing, chunks a second", ("index", "chunks_per_s"), plain, more_is_better=True),
    Measure("indexing, CPU time a chunk", ("index", "cpu_ms_per_chunk"), milliseconds),
    Measure("index again, nothing changed", ("index", "unchanged_s"), seconds),
    Measure("index again, one document changed", ("index", "changed_s"), seconds),
    Measure("memory while indexing, peak", ("index", "peak_bytes"), megabytes),
    Measure("installed size of the environment", ("size_bytes",), megabytes),
)
COUNTS = frozenset({"chunks made of the library", "model calls an answer"})
"""Rows that are told and not compared."""
BEGIN, END = "<!-- bench: written by make bench -->", "<!-- bench: end -->"
WAYS = ("as asked", "last turn", "person's rewrite")


def figure(found: Result, path: Sequence[str]) -> float | None:
    """The figure at `path`, or None if it was not measured."""
    value: Any = found
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return float(value) if isinstance(value, int | float) else None


def rows_of(result: Result) -> list[Measure]:
    """The rows for which something was measured."""
    rows = list(MEASURES)
    for pool in result["pools"]:
        for way in WAYS:
            for metric in ("nDCG@10", "Recall@5"):
                path = ("retrieval", pool, way, metric)
                label = f"{pool}, {way}: {metric}"
                rows.append(Measure(label, path, score, more_is_better=True))
    systems = result["systems"].values()
    return [row for row in rows if any(figure(found, row.path) is not None for found in systems)]


def ratio(result: Result, row: Measure) -> str:
    """Ragbot's figure by the best peer's, with the peer's name."""
    mine = figure(result["systems"].get("ragbot", {}), row.path)
    peers = [
        (value, found["label"])
        for found in result["systems"].values()
        if not found["is_ragbot"] and (value := figure(found, row.path)) is not None
    ]
    if mine is None or not peers or row.label in COUNTS:
        return ""
    best, name = max(peers) if row.more_is_better else min(peers)
    return f"{mine / best:.2f} ({name})" if best else ""


def table(result: Result) -> str:
    """The table."""
    systems = result["systems"]
    labels = [found["label"] for found in systems.values()]
    lines = [
        f"| | {' | '.join(labels)} | ragbot : best peer |",
        f"|---|{'---:|' * (len(labels) + 1)}",
    ]
    for row in rows_of(result):
        values = [figure(found, row.path) for found in systems.values()]
        cells = [NOTHING if value is None else row.write(value) for value in values]
        lines.append(f"| {row.label} | {' | '.join(cells)} | {ratio(result, row)} |")
    return "\n".join(lines)


def scale_table(result: Result) -> str:
    """The table of the scale runs; wall times p50 / p95, CPU times p50."""
    lines = [
        "| chunks | search in scope (CPU) | library-wide (CPU) | answer, no chat model (CPU) "
        "| open | memory | disk | index, unchanged | one article changed |",
        f"|{'---:|' * 9}",
    ]
    for run in result["scale"].values():
        if "failed" in run:
            lines.append(f"| {run['size']:,} | not to the end: {run['failed']} |" + " |" * 7)
            continue
        pairs = [_pair(run, name) for name in ("scope", "library", "answer")]
        lines.append(
            f"| {run['chunks']:,} | {' | '.join(pairs)} | {run['open_s']:.2f} s | "
            f"{megabytes(run['peak_bytes'])} | {megabytes(run['disk_bytes'])} | "
            f"{_synced(run)} |"
        )
    return "\n".join(lines)


def _synced(run: Result) -> str:
    """How long `ragbot index` took again; a multiplied library has no files to index again."""
    if "changed_s" not in run:
        return "– | –"
    changed = f"{run['changed_s']:.1f} s, {run['changed_embedded']} embedded"
    return f"{run['unchanged_s']:.1f} s | {changed}"


def _pair(run: Result, name: str) -> str:
    wall = run[f"{name}_ms"]
    cpu = run.get(f"{name}_cpu_ms")
    told = f" ({cpu['p50']:.0f})" if cpu else ""
    return f"{wall['p50']:.0f} / {wall['p95']:.0f} ms{told}"


def document(result: Result) -> str:
    """The whole report."""
    pieces = ["# ragbot beside its peers", "", _stamped(result), ""]
    if result["systems"]:
        pieces += [table(result), ""]
    if result["not_run"]:
        pieces += ["Not run, or not to the end:", ""]
        pieces += [f"- {name}: {why}" for name, why in result["not_run"].items()] + [""]
    if result["scale"]:
        pieces += ["## Scale (ragbot)", "", scale_table(result), ""]
    pieces += ["## Settings", ""]
    pieces += [f"- {name}: {value}" for name, value in result["settings"].items()]
    pieces += [
        f"- {name}: {pool['documents']} of its {pool['of']} documents, {pool['queries']} queries"
        for name, pool in result["pools"].items()
    ]
    pieces += ["", "## Systems", ""]
    for found in result["systems"].values():
        held = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
        pieces.append(f"- **{found['label']}**: {found['way']} ({held})")
    return "\n".join(pieces) + "\n"


def in_readme(readme: str, result: Result) -> str:
    """`readme` with the tables of `result` between its two marks.

    Raises ValueError if it lacks the marks.
    """
    head, begin, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the marks {BEGIN} and {END} are missing")
    pieces = [table(result), _circumstances(result)]
    if result["not_run"]:
        pieces += [f"{name}: {why}." for name, why in result["not_run"].items()]
    if result["scale"]:
        pieces += ["ragbot at scale, with text repeated with changes:", scale_table(result)]
    body = "\n\n".join(pieces)
    return f"{head}{BEGIN}\n\n{body}\n\n{END}{tail}"


def _circumstances(result: Result) -> str:
    """One sentence on where and under what load it was measured."""
    parts = result["parts"].values()
    loads = [part[at]["load"][0] for part in parts for at in ("start", "end")]
    if not loads:
        return ""
    cores = result["machine"]["cores"]
    busy = max(loads) > cores
    told = "other work ran too, so read ratios and CPU times" if busy else "little else ran"
    commits = ", ".join(dict.fromkeys(part["revision"]["commit"] for part in parts))
    return (
        f"Measured at {commits} on {cores} cores under a load of {min(loads):.0f} to "
        f"{max(loads):.0f}: {told}."
    )


def _stamped(result: Result) -> str:
    box = result["machine"]
    lines = [
        f"{box['cores']} cores, {box['memory_gb']} GB, {box['system']} {box['architecture']}, "
        f"Python {box['python']}. Where the load is above the number of cores, others used the "
        "machine too: absolute times are poor, and the ratios within one part are what counts.",
        "",
        "| part | revision | from | to | load at start | at end |",
        "|---|---|---|---|---:|---:|",
    ]
    for name, part in result["parts"].items():
        held, start, end = part["revision"], part["start"], part["end"]
        changed = f" + {held['changed_files']} changed files" if held["changed_files"] else ""
        lines.append(
            f"| {name} | {held['commit']}{changed} | {start['time']} | {end['time']} | "
            f"{start['load'][0]} | {end['load'][0]} |"
        )
    return "\n".join(lines)
