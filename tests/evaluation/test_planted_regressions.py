"""Each planted regression makes the gate fail and name the right metric; the intact system passes.

The regressions are planted in the running system, and the part of the suites that is run is large
enough to notice each; what is compared with is the intact system's own run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ragbot.answering import chain as chain_module
from ragbot.answering import extractive, relevance
from ragbot.answering.citations import Markers
from ragbot.answering.verify import VerbatimCheck
from ragbot.bot import Ragbot
from ragbot.evaluation.gate import judge_run, to_baseline
from ragbot.evaluation.runner import RunReport, run_suites
from ragbot.evaluation.suites import Suite, load_suites
from ragbot.retrieval.scope import ScopedSearch
from ragbot.types import Answer, StandaloneQuestion

SUITES = Path(__file__).parents[2] / "eval" / "suites"
PARTS = {
    "singles": 14,
    "followups": 16,
    "unanswerable": 8,
    "population": 4,
    "numbers": 3,
    "framing": 2,
}

ORIGINAL_CHECK = chain_module.check

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


def part_of_the_suites() -> list[Suite]:
    return [
        replace(suite, samples=suite.samples[: PARTS[suite.name]])
        for suite in load_suites(SUITES, list(PARTS))
    ]


def run(shipped, folder: Path) -> RunReport:
    database = f"sqlite:///{folder / 'conversations.sqlite'}"
    bot = Ragbot(shipped.model_copy(update={"database_url": database}))
    judge = VerbatimCheck()
    return run_suites(bot, part_of_the_suites(), lambda c, e: judge.judge(c, e)[0])


@pytest.fixture(scope="module")
def intact(shipped, tmp_path_factory):
    return run(shipped, tmp_path_factory.mktemp("intact"))


def test_the_intact_system_passes(shipped, intact, tmp_path):
    again = run(shipped, tmp_path)
    assert judge_run(again, to_baseline(intact, "rev")).passes
    assert again.metrics == intact.metrics, "the same figures twice"


def change_answer(patch: Patch, change: Callable[[Answer], Answer]) -> None:
    """Plant `change` at the end of the chain."""
    original = chain_module.compose
    patch.setattr(chain_module, "compose", lambda *args: change(original(*args)))


def change_claims(patch: Patch, change) -> None:
    def changed(answer: Answer) -> Answer:
        return replace(answer, claims=tuple(change(claim, answer) for claim in answer.claims))

    change_answer(patch, changed)


def drop_the_verifier(patch):
    patch.setattr(
        chain_module,
        "check",
        lambda claim, citations, _verifier: replace(
            ORIGINAL_CHECK(claim, citations, VerbatimCheck()), verdict="unverified"
        ),
    )


def swap_references(patch):
    swapped = {"1": "2", "2": "1", "3": "4", "4": "3"}
    original = Markers.marker
    patch.setattr(
        Markers,
        "marker",
        lambda self, name: swapped.get(original(self, name), original(self, name)),
    )


def forget_markers(patch):
    """Number the sources anew in every turn, by the order in which they are cited."""
    seen: dict[str, str] = {}
    original = Markers.of.__func__

    def of(cls, article, kept):
        seen.clear()
        return original(cls, article, kept)

    patch.setattr(Markers, "of", classmethod(of))
    patch.setattr(Markers, "marker", lambda _, name: seen.setdefault(name, str(len(seen) + 1)))


def retrieve_only(count: int) -> Plant:
    def plant(patch):
        original = ScopedSearch.passages
        patch.setattr(
            ScopedSearch, "passages", lambda self, q, article, _k: original(self, q, article, count)
        )

    return plant


def rank_backwards(patch):
    original = ScopedSearch.passages

    def passages(self, queries, article, k):
        found = original(self, queries, article, k)[::-1]
        return [replace(passage, rank=at) for at, passage in enumerate(found, 1)]

    patch.setattr(ScopedSearch, "passages", passages)


def forget_the_sources(patch):
    original = ScopedSearch.passages

    def passages(self, queries, article, k):
        return [p for p in original(self, queries, article, k) if p.chunk.kind == "article"][:2]

    patch.setattr(ScopedSearch, "passages", passages)


def search_for_something_else(patch):
    original = ScopedSearch.passages
    other = (("venetoclax ex vivo", 1.0),)
    patch.setattr(
        ScopedSearch, "passages", lambda self, _q, article, k: original(self, other, article, k)
    )


def break_condensing(patch):
    patch.setattr(
        chain_module,
        "condense",
        lambda question, *_: StandaloneQuestion(question, ((question, 1.0),)),
    )


def cut_the_disclaimer(patch):
    change_answer(patch, lambda answer: replace(answer, disclaimer=""))


def shorten_the_disclaimer(patch):
    change_answer(patch, lambda answer: replace(answer, disclaimer=answer.disclaimer[:-10]))


def double_the_disclaimer(patch):
    change_answer(patch, lambda answer: replace(answer, text=f"{answer.text} {answer.disclaimer}"))


def let_markers_through(patch):
    change_claims(patch, lambda claim, _: replace(claim, text=f"{claim.text} [97]"))


def tenfold(patch):
    change_claims(patch, lambda claim, _: replace(claim, text=claim.text.replace("%", "0%")))


def negate(patch):
    change_claims(patch, lambda claim, _: replace(claim, text=f"It is not so that {claim.text}"))


def cite_nothing(patch):
    change_claims(patch, lambda claim, _: replace(claim, evidence=(), citations=()))


def cite_unknown_keys(patch):
    change_claims(patch, lambda claim, _: replace(claim, evidence=("000000000000",)))


def cite_everything(patch):
    every = lambda answer: tuple(citation.key for citation in answer.citations)  # noqa: E731
    change_claims(patch, lambda claim, answer: replace(claim, evidence=every(answer)))


def shift_offsets(patch):
    def shifted(answer):
        moved = tuple(replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations)
        return replace(answer, citations=moved)

    change_answer(patch, shifted)


def stale_quotes(patch):
    def stale(answer):
        old = tuple(replace(c, quote=c.quote.replace("a", "e")) for c in answer.citations)
        return replace(answer, citations=old)

    change_answer(patch, stale)


def answer_the_unanswerable(patch):
    patch.setattr(relevance, "ENOUGH", -1.0)


def always_refuse(patch):
    patch.setattr(relevance, "ENOUGH", 9.0)


def sources_under_a_refusal(patch):
    kept: list = []

    def show(answer):
        kept.extend(answer.citations)
        return replace(answer, citations=tuple(kept[:1])) if answer.abstained else answer

    change_answer(patch, show)


def say_one_sentence(patch):
    patch.setattr(extractive, "LONGEST_ANSWER", 1)


def worst_sentence_first(patch):
    original = extractive.choose
    patch.setattr(extractive, "choose", lambda found: original(found)[::-1][:1])


def answer_one_side_alone(patch):
    def sided(answer):
        is_second = answer.conversation_id.endswith("b")
        return replace(answer, citations=(), claims=()) if is_second else answer

    change_answer(patch, sided)


PLANTED: list[tuple[Plant, str]] = [
    (drop_the_verifier, "groundedness"),
    (swap_references, "marker_stability"),
    (forget_markers, "marker_stability"),
    (retrieve_only(1), "passage_recall"),
    (retrieve_only(3), "Recall@10"),
    (rank_backwards, "nDCG@10"),
    (forget_the_sources, "passage_recall"),
    (search_for_something_else, "passage_recall"),
    (break_condensing, "figures_followups"),
    (cut_the_disclaimer, "disclaimer"),
    (shorten_the_disclaimer, "disclaimer"),
    (double_the_disclaimer, "disclaimer"),
    (let_markers_through, "number_exactness"),
    (tenfold, "number_exactness"),
    (negate, "citation_recall"),
    (cite_nothing, "citation_recall"),
    (cite_unknown_keys, "citation_validity"),
    (cite_everything, "citation_precision"),
    (shift_offsets, "citation_validity"),
    (stale_quotes, "citation_validity"),
    (answer_the_unanswerable, "abstained"),
    (always_refuse, "answered"),
    (sources_under_a_refusal, "no_sources_in_refusal"),
    (say_one_sentence, "must_have_figures"),
    (worst_sentence_first, "must_have_figures"),
    (answer_one_side_alone, "framing_stability"),
]


@pytest.mark.parametrize(("plant", "metric"), PLANTED, ids=lambda x: getattr(x, "__name__", x))
def test_a_planted_regression_is_named(shipped, intact, tmp_path, monkeypatch, plant, metric):
    plant(monkeypatch)
    broken = run(shipped, tmp_path)
    result = judge_run(broken, to_baseline(intact, "rev"))
    assert not result.passes
    named = {fall.metric for fall in result.falls} | set(result.gone)
    assert metric in named
