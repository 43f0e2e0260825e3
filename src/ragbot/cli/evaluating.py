"""`ragbot eval`: suites with their gate, and measurements on public sets."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from ragbot.cli.console import AsJson, Corpus, Index, print_json, say, verb
from ragbot.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Measure answers, retrieval and grounding.")

Folder = Annotated[Path, typer.Argument(help="Folder of the set.", exists=True, file_okay=False)]
Report = Annotated[Path | None, typer.Option("--report", help="Folder for the report.")]


@app.command("run")
@verb
def run(
    suites: Annotated[list[str] | None, typer.Argument(help="Suites; all if none.")] = None,
    folder: Annotated[Path, typer.Option("--suites", help="Folder of suites.")] = Path(
        "eval/suites"
    ),
    baseline: Annotated[Path, typer.Option("--baseline", help="The committed baseline.")] = Path(
        "eval/baselines/extractive.json"
    ),
    update: Annotated[
        bool, typer.Option("--update-baseline", help="Write the baseline; review the diff.")
    ] = False,
    report: Report = None,
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Run suites of questions; exit 1 when a metric falls below its baseline."""
    from ragbot.bot import Ragbot
    from ragbot.cli.progress import shown_progress
    from ragbot.evaluation import gate, reports
    from ragbot.evaluation.runner import run_suites
    from ragbot.evaluation.suites import load_suites

    loaded = load_suites(folder, suites or [])
    with tempfile.TemporaryDirectory(prefix="ragbot-eval-") as scratch:
        # conversations of a run are its own, and go with it
        database = f"sqlite:///{Path(scratch) / 'conversations.sqlite'}"
        bot = Ragbot(load_settings(corpus=corpus, index=index, database_url=database))
        verifier = bot.chain.verifier
        with shown_progress(enabled=sys.stderr.isatty()) as tell:
            done = run_suites(bot, loaded, lambda c, e: verifier.judge(c, e)[0], tell)
    stamp = gate.revision(folder)
    if update:
        gate.save_baseline(gate.to_baseline(done, stamp), baseline)
    result = gate.judge_run(done, gate.load_baseline(baseline))
    if report is not None:
        write_report(report, done.to_dict(), reports.html_page(done, result))
        (report / "junit.xml").write_text(reports.junit(done, result), encoding="utf-8")
    if as_json:
        print_json(done.to_dict() | {"revision": stamp, "passes": result.passes})
    else:
        sys.stdout.write(reports.table(done) + "\n")
    for line in reports.gate_lines(result):
        say(line)
    if not result.passes:
        raise typer.Exit(1)


def write_report(folder: Path, document: dict[str, Any], page: str) -> None:
    """Write a report's JSON and page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text, encoding="utf-8")
    (folder / "report.html").write_text(page, encoding="utf-8")
    say(f"report: {folder / 'report.html'}")


@app.command("grounding")
@verb
def grounding(
    folder: Folder,
    verifier: Annotated[
        str | None, typer.Option("--verifier", help="shipped, overlap or cross-encoder:NAME.")
    ] = None,
    report: Report = None,
    as_json: AsJson = False,
    index: Index = None,
) -> None:
    """Measure the verifier on pair files with labels, beside two dumb baselines."""
    from ragbot.answering.grounding import load_verifier
    from ragbot.evaluation import grounding as measured
    from ragbot.evaluation import grounding_report as drawn
    from ragbot.index.export import ensure_export
    from ragbot.index.generations import MODELS

    settings = load_settings(index=index, verifier=verifier)
    judge = load_verifier(settings.verifier, threads=settings.threads)
    embedder = ensure_export(settings.embedding_model, settings.index / MODELS)
    found = measured.evaluate(folder, judge, embedder.open(settings.threads).embed_array)
    if report is not None:
        for path in drawn.write_report(found, report):
            say(f"report: {path}")
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(drawn.table(found) + "\n")


@app.command("retrieval")
@verb
def retrieval(
    folder: Folder,
    rewrite: Annotated[
        str, typer.Option("--rewrite", help="none, auto (ragbot's) or given (the query's own).")
    ] = "auto",
    as_json: AsJson = False,
    index: Index = None,
) -> None:
    """Measure retrieval on a set in BEIR form; queries with a history are follow-ups."""
    from ragbot.cli.progress import shown_progress
    from ragbot.evaluation import retrieval as measured
    from ragbot.index.export import ensure_export
    from ragbot.index.generations import MODELS

    settings = load_settings(index=index)
    model = ensure_export(settings.embedding_model, settings.index / MODELS)
    done = 0
    with shown_progress(enabled=sys.stderr.isatty()) as tell:

        def count(size: int) -> None:
            nonlocal done
            done += size
            tell("embedding passages", done, 0)

        found = measured.evaluate(
            folder,
            rewrite=rewrite,
            embedder=model.open(settings.threads),
            cache=settings.index / "evaluation",
            progress=count,
        )
    if as_json:
        print_json(found)
        return
    for name, metric in found["metrics"].items():
        sys.stdout.write(
            f"{name:<12} {metric['value']:.4f}  n={metric['n']}  "
            f"{metric['low']:.4f} - {metric['high']:.4f}\n"
        )
