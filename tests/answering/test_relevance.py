from __future__ import annotations

import pytest

from ragbot.answering.commonness import specialness
from ragbot.answering.references import asked_numbers, holds_figures, unavailable_reference
from ragbot.answering.relevance import (
    Candidate,
    Surroundings,
    asked_for,
    coverage,
    features,
    focus,
    is_small_talk,
    question_units,
    relevance,
)
from ragbot.retrieval.spelling import Speller
from ragbot.types import ArticleDetails, Document, Reference


def flat(_token: str) -> float:
    return 1.0


def units(question: str) -> dict[str, float]:
    return dict(question_units(question, flat))


def test_rare_words_weigh_more_than_everyday_ones():
    found = units("Is fertility preserved and is she alive?")
    fertility = next(weight for token, weight in found.items() if token.startswith("fertil"))
    assert fertility > 0.5
    assert specialness("eprenetapopt") == 1.0
    assert specialness("the") == 0.0
    assert 0 < specialness("dose") < specialness("posaconazole")


def test_an_everyday_word_that_names_what_is_asked_weighs_in_full():
    found = units("What does blinatumomab cost, and is she alive?")
    cost = next(weight for token, weight in found.items() if token.startswith("cost"))
    assert cost == found["=blinatumomab"]


def test_a_name_within_a_question_weighs_in_full():
    assert units("What did the City of Hope cohort find?")["hope"] == 1.15
    assert units("what did the city of hope cohort find?")["hope"] < 1.0


def test_framing_words_are_no_units():
    assert not units("What does the evidence say, please?")


def test_a_long_form_counts_once():
    found = units("overall survival")
    assert list(found) == [token for token in found if token.startswith("=")]


def test_the_case_told_before_a_question_weighs_less():
    long = "He has diabetes. What is the rate of neuropathy?"
    found = units(long)
    assert focus(long) == "What is the rate of neuropathy?"
    disease = next(weight for token, weight in found.items() if "diabet" in token)
    asked = next(weight for token, weight in found.items() if "neuropath" in token)
    assert disease < asked


@pytest.mark.parametrize(
    ("tokens", "share"), [({"a", "b"}, 1.0), ({"a"}, 0.75), (set(), 0.0), ({"c"}, 0.0)]
)
def test_coverage_is_a_weighted_share(tokens, share):
    assert coverage((("a", 3.0), ("b", 1.0)), tokens) == share


def test_nothing_asked_is_nothing_covered():
    assert coverage((), {"a"}) == 0.0


def scored(question: str, sentence: str, population: str = "") -> float:
    candidate = Candidate.of(sentence, Surroundings.of(sentence, population))
    return relevance(features(asked_for(question, flat), candidate, 0.5))


def test_a_sentence_that_holds_what_is_asked_is_more_relevant():
    question = "What is the hazard ratio for CD19-negative relapse?"
    right = "The hazard ratio for CD19-negative relapse was 6.84."
    assert scored(question, right) > scored(question, "Relapse occurred in 79 adults.")


def test_another_population_is_never_relevant():
    assert scored("survival in children", "Survival in adults was 50%.") == 0.0


def test_a_figure_of_mice_is_no_answer_on_patients():
    finding = "The response rate in mice was 40%."
    assert scored("What is the response rate in patients?", finding) == 0.0
    assert scored("What is the response rate?", finding) > 0.0
    assert scored("Does it work in patients?", finding) > 0.0


ARTICLE = Document(
    "art",
    "article",
    "T",
    "Text.",
    (),
    "0",
    article=ArticleDetails(
        "approved",
        "2026",
        "clinician",
        "",
        (Reference(1, "s1"), Reference(15, None, "Hof and colleagues. J Clin Oncol, 2011.")),
    ),
)


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("What did Hof find?", "[15] is not in the library"),
        ("and [15]?", "[15] is not in the library"),
        ("what does ref 15 say", "[15] is not in the library"),
        ("what does [99] say?", "no reference [99]"),
        ("what does [1] say?", ""),
        ("the half of them", ""),
    ],
)
def test_a_missing_reference_is_said_to_be_missing(question, part):
    why = unavailable_reference(question, ARTICLE)
    assert part in why
    assert bool(why) is bool(part)


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("Tell me more about [2].", True),
        ("You wrote HR 6.84 [2]: what was that?", True),
        ("You wrote HR 0.71 [2]: what was that?", False),
    ],
)
def test_a_marker_beside_a_figure_that_its_source_does_not_hold_is_stale(question, holds):
    assert holds_figures(question, ["The hazard ratio was 6.84."]) is holds


def test_numbers_of_references():
    assert asked_numbers("compare [2] and reference 13, in 45 patients") == [2, 13]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("inotuzumb", "inotuzumab"),
        ("relaps after transplnat", "relaps after transplant"),
        ("Inotuzumab", "Inotuzumab"),
        ("keep the word alive", "keep the word alive"),
        ("ponatinib", "ponatinib"),
        ("OS", "OS"),
    ],
)
def test_misspelt_words_are_read_as_the_library_s(typed, read):
    speller = Speller(
        ["transplant", "relapse", "inotuzumab", "blinatumomab"],
        frozenset({"keep", "word", "alive", "relaps"}),
    )
    assert speller.correct(typed) == read


@pytest.mark.parametrize(
    "said", ["hello", "Hi there!", "thanks!", "Thank you very much.", "ok, thanks", "Good morning"]
)
def test_small_talk_asks_nothing(said):
    assert is_small_talk(said)


@pytest.mark.parametrize(
    "asked",
    ["ALL?", "and again?", "thanks, and in children?", "ok but why?", "hi-dose MTX?"],
)
def test_a_question_is_no_small_talk(asked):
    assert not is_small_talk(asked)
