from __future__ import annotations

from dataclasses import replace

import pytest

from ragbot.evaluation import scorers
from ragbot.evaluation.scorers import Outcome, holds_figure, marker_stability, score_turn
from ragbot.evaluation.suites import ExpectedTurn
from ragbot.types import Answer, Chunk, Citation, Claim, Passage

TEXT = "Lead. Median OS was 7.7 months. More."
QUOTE = "Median OS was 7.7 months."
DISCLAIMER = "Take care."


def citation(**changes) -> Citation:
    made = Citation("k1", "4", "source", "s1", "T", "Findings", QUOTE, 6, 31)
    return replace(made, **changes)


def claim(**changes) -> Claim:
    return replace(Claim(QUOTE, ("4",), "supported", 1.0, ("k1",)), **changes)


def answer(**changes) -> Answer:
    made = Answer(
        question="q",
        standalone_question="q",
        article="a",
        conversation_id="c",
        abstained=False,
        reason="",
        text=QUOTE,
        disclaimer=DISCLAIMER,
        model="extractive",
        settings_digest="d",
        claims=(claim(),),
        citations=(citation(),),
    )
    return replace(made, **changes)


SILENT = answer(abstained=True, reason="no passage", text="Nothing.", claims=(), citations=())


def outcome(given: Answer, **expected) -> Outcome:
    turn = ExpectedTurn(question="q", **({"answerable": True} | expected))
    chunk = Chunk("c", "s1", "source", "T", (), 0, len(TEXT), TEXT, ((0, len(TEXT)),))
    passages = (Passage(chunk, 1.0, 1, "cited"),)
    return Outcome(turn, given, passages, {"s1": TEXT}, DISCLAIMER)


def judge(claimed: str, evidence: str) -> str:
    return "supported" if claimed in evidence else "unsupported"


@pytest.mark.parametrize(
    ("figure", "text", "held"),
    [
        ("4", "[4]", True),
        ("4", "14 of 40", False),
        ("4", "4.5 months", False),
        ("4", "0.4", False),
        ("7.7", "7.7 vs 4.0", True),
        ("7.7", "17.7", False),
        ("13%", "35 (13%)", True),
        ("1,000", "of 1,000.", True),
        ("28", "28.", True),
    ],
)
def test_a_figure_stands_as_a_number_of_its_own(figure, text, held):
    assert holds_figure(text, figure) is held


def test_answering_and_abstaining():
    assert scorers.answered(outcome(answer())) == 1.0
    assert scorers.answered(outcome(SILENT)) == 0.0
    assert scorers.answered(outcome(answer(), answerable=False)) is None
    assert scorers.abstained(outcome(SILENT, answerable=False)) == 1.0
    assert scorers.abstained(outcome(answer(), answerable=False)) == 0.0


def test_passages_and_figures():
    wanted = ({"document": "s1", "snippet": "OS was 7.7"},)
    assert scorers.passage_recall(outcome(answer(), passages=wanted)) == 1.0
    other = ({"document": "s2", "snippet": "OS was 7.7"},)
    assert scorers.passage_recall(outcome(answer(), passages=other)) == 0.0
    assert scorers.passage_cited(outcome(SILENT, passages=wanted)) == 0.0
    assert scorers.must_have_figures(outcome(answer(), figures=("7.7", "9.9"))) == 0.5
    assert scorers.must_have_figures(outcome(answer())) is None
    assert scorers.no_forbidden_figures(outcome(answer(), forbidden_figures=("7.7",))) == 0.0
    assert scorers.right_source(outcome(answer(), cites_any=("s1", "s9"))) == 1.0
    assert scorers.right_source(outcome(answer(), cites_any=("s9",))) == 0.0


@pytest.mark.parametrize(
    "broken",
    [
        answer(citations=(citation(start=7),)),
        answer(citations=(citation(quote=""),)),
        answer(citations=(citation(document_id="s9"),)),
        answer(claims=(claim(evidence=("k9",)),)),
    ],
)
def test_a_citation_that_does_not_open_its_passage_is_found(broken):
    assert scorers.citation_validity(outcome(answer())) == 1.0
    assert scorers.citation_validity(outcome(broken)) < 1.0


def test_numbers_and_verdicts():
    changed = answer(claims=(claim(text="Median OS was 77 months."),))
    assert scorers.number_exactness(outcome(answer())) == 1.0
    assert scorers.number_exactness(outcome(changed)) == 0.0
    doubtful = answer(claims=(claim(), claim(verdict="unverified")))
    assert scorers.groundedness(outcome(doubtful)) == 0.5


def test_citation_recall_and_precision_as_alce_defines_them():
    second = citation(key="k2", quote="Lead.", start=0, end=5)
    both = answer(citations=(citation(), second), claims=(claim(evidence=("k1", "k2")),))
    assert scorers.citation_recall(outcome(both), judge) == 1.0
    assert scorers.citation_precision(outcome(both), judge) == 0.5
    wrong = answer(claims=(claim(text="Median OS was long."),))
    assert scorers.citation_recall(outcome(wrong), judge) == 0.0
    assert scorers.citation_precision(outcome(wrong), judge) == 0.0
    assert scorers.citation_recall(outcome(SILENT), judge) is None


@pytest.mark.parametrize(
    ("given", "score"),
    [
        (answer(), 1.0),
        (answer(disclaimer=""), 0.0),
        (answer(text=f"{QUOTE} {DISCLAIMER}"), 0.0),
        (answer(disclaimer="Take  care."), 0.0),
    ],
)
def test_the_disclaimer_stands_word_for_word_once(given, score):
    assert scorers.disclaimer_once(outcome(given)) == score


def test_a_refusal_shows_no_sources():
    assert scorers.no_sources_in_refusal(outcome(SILENT)) == 1.0
    assert scorers.no_sources_in_refusal(outcome(replace(SILENT, citations=(citation(),)))) == 0.0
    assert scorers.no_sources_in_refusal(outcome(answer())) is None


def test_markers_are_stable_and_the_article_s_own():
    moved = answer(citations=(citation(marker="5"),))
    assert marker_stability([answer(), answer()], {"s1": "4"}) == 1.0
    assert marker_stability([answer(), moved], {}) == 0.0
    assert marker_stability([moved, moved], {"s1": "4"}) == 0.0
    assert marker_stability([SILENT], {}) is None


def test_a_turn_is_scored_on_what_it_asks_for():
    everything = {
        "passages": ({"document": "s1", "snippet": "OS was 7.7"},),
        "figures": ("7.7",),
        "forbidden_figures": ("9.9",),
        "cites_any": ("s1",),
        "premise": {"wrong": "x", "correct_snippet": "OS was 7.7", "document": "s1"},
    }
    scores = score_turn(outcome(answer(), **everything), judge)
    refusal = {"abstained", "no_sources_in_refusal"}
    assert set(scores) == {*scorers.SCORERS, *scorers.JUDGED} - refusal
    assert set(scores.values()) == {1.0}
    silent = score_turn(outcome(SILENT, answerable=False), judge)
    assert silent == {"abstained": 1.0, "disclaimer": 1.0, "no_sources_in_refusal": 1.0}


def test_what_nobody_has_decided_is_unscored():
    scores = score_turn(outcome(answer(), answerable=None), judge)
    assert scores["answered"] is None
    assert "abstained" not in scores
    assert scorers.scores_of_refused(ExpectedTurn(question="?", answerable=None)) == {
        "answered": None
    }


def test_a_question_refused_as_unreadable_counts_as_silence():
    refused = scorers.scores_of_refused
    assert refused(ExpectedTurn(question="?", answerable=False)) == {"abstained": 1.0}
    asked = ExpectedTurn(question="?", answerable=True, figures=("4",))
    assert refused(asked) == {"answered": 0.0, "must_have_figures": None}


def test_facts_are_the_answer_given_and_the_figures_it_quotes():
    assert scorers.facts(outcome(answer(), figures=("7.7", "9.9"))) == (True, frozenset({"7.7"}))
    assert scorers.facts(outcome(SILENT, figures=("7.7",), answerable=True)) == (False, frozenset())
