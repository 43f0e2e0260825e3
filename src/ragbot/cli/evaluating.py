"""`ragbot eval`: suites with their gate, and measurements on public sets."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ragbot.cli import comparing
from ragbot.cli.console import AsJson, Corpus, Index, print_json, say, verb
from ragbot.settings import load_settings

if TYPE_CHECKING:
    from ragbot.bot import Ragbot

BASELINES = Path("eval/baselines")

app = typer.Typer(no_args_is_help=True, help="Measure answers, retrieval and grounding.")

app.command("compare")(comparing.compare)

Folder = Annotated[Path, typer.Argument(help="Folder of the set.", exists=True, file_okay=False)]
Report = Annotated[Path | None, typer.Option("--report", help="Folder for the report.")]


@app.command("run")
@verb
def run(
    suites: Annotated[list[str] | None, typer.Argument(help="Suites; all if none.")] = None,
    folder: Annotated[Path, typer.Option("--suites", help="Folder of suites.")] = Path(
        "eval/suites"
    ),
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="The committed baseline; eval/baselines/MODE.json."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update-baseline", help="Write the baseline; review the diff.")
    ] = False,
    report: Report = None,
    keep: Annotated[
        bool, typer.Option("--history/--no-history", help="Keep the run for trends.")
    ] = True,
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Run suites of questions; exit 1 when a metric falls below its baseline."""
    from ragbot.cli.progress import shown_progress
    from ragbot.evaluation import gate, history, pages, reports
    from ragbot.evaluation.runner import Stamp, run_suites
    from ragbot.evaluation.suites import load_suites

    loaded = load_suites(folder, suites or [])
    path = baseline or BASELINES / "extractive.json"
    with tempfile.TemporaryDirectory(prefix="ragbot-eval-") as scratch:
        bot = _bot(corpus, index, Path(scratch))
        verifier = bot.chain.verifier
        stamp = Stamp("extractive", gate.revision(folder))
        with shown_progress(enabled=sys.stderr.isatty()) as tell:
            done = run_suites(bot, loaded, lambda c, e: verifier.judge(c, e)[0], tell, stamp)
    if update:
        gate.save_baseline(gate.to_baseline(done, done.revision), path)
    before = gate.load_baseline(path)
    result = gate.judge_run(done, before)
    past = bot.settings.eval_history
    if keep:
        fallen = tuple(fall.metric for fall in result.falls) + result.gone
        history.add(history.summary_of(done, passes=result.passes, fallen=fallen), past)
    if report is not None:
        page = pages.run_page(done, result, before, history.load(past))
        write_report(report, done.to_dict(), page)
        (report / "junit.xml").write_text(reports.junit(done, result), encoding="utf-8")
    if as_json:
        print_json(done.to_dict() | {"passes": result.passes, "gate": asdict(result)})
    else:
        sys.stdout.write(reports.table(done) + "\n")
    for line in reports.gate_lines(result):
        say(line)
    if not result.passes:
        raise typer.Exit(1)


def _bot(corpus: Path | None, index: Path | None, scratch: Path) -> Ragbot:
    """A ragbot whose conversations are the run's own, and go with it."""
    from ragbot.bot import Ragbot

    database = f"sqlite:///{scratch / 'conversations.sqlite'}"
    nobody = {"chat_model": "", "chat_base_url": "", "chat_api_key": ""}
    return Ragbot(load_settings(corpus=corpus, index=index, database_url=database, **nobody))


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
