"""`ragbot eval`: suites with their gate, and measurements on public sets."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ragbot.cli import comparing, sampling
from ragbot.cli.console import AsJson, Corpus, Index, print_json, say, verb
from ragbot.settings import load_settings

if TYPE_CHECKING:
    from ragbot.evaluation.modes import Wanted
    from ragbot.evaluation.runs import RunReport
    from ragbot.evaluation.suites import Suite
    from ragbot.settings import Settings

BASELINES = Path("eval/baselines")
CASSETTE = Path("eval/cassettes/scripted.json")
JUDGE_SET = Path("eval/calibration/judge.jsonl")


class Mode(StrEnum):
    """Who answers in a run."""

    extractive = "extractive"
    recorded = "recorded"
    live = "live"


app = typer.Typer(no_args_is_help=True, help="Measure answers, retrieval and grounding.")

app.command("compare")(comparing.compare)
app.command("sample")(sampling.sample)
app.command("feedback")(sampling.feedback)

Folder = Annotated[Path, typer.Argument(help="Folder of the set.", exists=True, file_okay=False)]
Report = Annotated[Path | None, typer.Option("--report", help="Folder for the report.")]


@app.command("run")
@verb
def run(
    suites: Annotated[list[str] | None, typer.Argument(help="Suites; all if none.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--suites", help="Folder of suites; the mode's own if none.")
    ] = None,
    mode: Annotated[
        Mode, typer.Option("--mode", help="Who answers: no model, a recorded or a live one.")
    ] = Mode.extractive,
    cassette: Annotated[
        Path, typer.Option("--cassette", help="Recordings of a chat model.")
    ] = CASSETTE,
    record: Annotated[
        bool, typer.Option("--record", help="Keep what the live model answers.")
    ] = False,
    origin: Annotated[
        str, typer.Option("--origin", help="Who answers, as it is kept on the cassette.")
    ] = "",
    judge: Annotated[
        bool, typer.Option("--judge", help="Let the chat model judge, after calibration.")
    ] = False,
    judge_set: Annotated[
        Path, typer.Option("--judge-set", help="Labelled pairs that the judge is tried on.")
    ] = JUDGE_SET,
    judge_kappa: Annotated[
        float, typer.Option("--judge-kappa", help="Agreement from which the judge counts.")
    ] = 0.6,
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
    from ragbot.evaluation import gate, history, pages, reports
    from ragbot.evaluation.modes import SUITES, Wanted
    from ragbot.evaluation.suites import load_suites

    place = folder or Path(SUITES[mode.value])
    loaded = load_suites(place, suites or [])
    settings = load_settings(corpus=corpus, index=index)
    trial = (judge_set, judge_kappa) if judge else None
    done = _done(Wanted(mode.value, cassette, record, origin), settings, loaded, trial)
    done = replace(done, revision=gate.revision(place))
    path = baseline or BASELINES / f"{mode.value}.json"
    if update:
        gate.save_baseline(gate.to_baseline(done, done.revision), path)
    has_gate = mode is not Mode.live or path.is_file()
    before = gate.load_baseline(path) if has_gate else None
    result = gate.judge_run(done, before) if before else None
    past = settings.eval_history
    if keep:
        history.add(history.summary_of(done, result), past)
        history.keep_last(done, past)
    if report is not None:
        page = pages.run_page(done, result, before, history.load(past))
        write_report(report, done.to_dict(), page)
        (report / "junit.xml").write_text(reports.junit(done, result), encoding="utf-8")
    passes = result.passes if result else None
    if as_json:
        found = asdict(result) if result else None
        print_json(done.to_dict() | {"passes": passes, "gate": found})
    else:
        sys.stdout.write(reports.table(done) + "\n")
    for line in reports.gate_lines(result) if result else [f"there is no baseline {path}"]:
        say(line)
    if passes is False:
        raise typer.Exit(1)


def _done(
    wanted: Wanted, settings: Settings, suites: list[Suite], trial: tuple[Path, float] | None
) -> RunReport:
    """The run of `suites`; `trial` is the judge's calibration set and the agreement needed."""
    from ragbot.bot import Ragbot
    from ragbot.cli.progress import shown_progress
    from ragbot.evaluation.judging import judge_terms
    from ragbot.evaluation.modes import opened
    from ragbot.evaluation.runner import Terms, run_suites

    with (
        tempfile.TemporaryDirectory(prefix="ragbot-eval-") as scratch,
        opened(wanted, settings) as ready,
        shown_progress(enabled=sys.stderr.isatty()) as tell,
    ):
        # conversations of a run are its own, and go with it
        database = f"sqlite:///{Path(scratch) / 'conversations.sqlite'}"
        bot = Ragbot(ready.settings.model_copy(update={"database_url": database}))
        terms = Terms(mode=wanted.mode, settings_digest=ready.digest, tape=ready.tape)
        if trial is not None:
            terms = judge_terms(terms, ready.settings, *trial)
        verifier = bot.chain.verifier
        return run_suites(bot, suites, lambda c, e: verifier.judge(c, e)[0], tell, terms)


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
        str | None, typer.Option("--verifier", help="shipped, overlap, chat or cross-encoder:NAME.")
    ] = None,
    report: Report = None,
    as_json: AsJson = False,
    index: Index = None,
) -> None:
    """Measure the verifier on pair files with labels, beside two dumb baselines."""
    from ragbot.answering.wiring import grounding_verifier
    from ragbot.evaluation import grounding as measured
    from ragbot.evaluation import grounding_report as drawn
    from ragbot.index.export import ensure_export
    from ragbot.index.generations import MODELS

    settings = load_settings(index=index, verifier=verifier)
    judge = grounding_verifier(settings)
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
    from ragbot.answering.reranking import pair_scorer
    from ragbot.cli.progress import shown_progress
    from ragbot.evaluation import retrieval as measured
    from ragbot.index.export import ensure_export
    from ragbot.index.generations import MODELS

    settings = load_settings(index=index)
    named, threads = settings.reranker, settings.threads
    cache, int8 = settings.index / MODELS, settings.embedding_int8
    model = ensure_export(settings.embedding_model, cache, int8=int8)
    done = 0
    with shown_progress(enabled=sys.stderr.isatty()) as tell:

        def count(size: int) -> None:
            nonlocal done
            done += size
            tell("embedding passages", done, 0)

        found = measured.evaluate(
            folder,
            rewrite=rewrite,
            embedder=measured.Models(
                model.open(threads), pair_scorer(named, threads=threads) if named else None
            ),
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
