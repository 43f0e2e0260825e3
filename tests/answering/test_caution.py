"""One patient, figures that a question takes for granted, sources asked for by number."""

from __future__ import annotations

import pytest

from ragbot import Ragbot
from ragbot.answering.caution import (
    ONE_PATIENT,
    asks_for_one_patient,
    figures_note,
    orders_in,
    unknown_figures,
)
from ragbot.index.sync import sync
from small_library import ALPHA, FIRST, SECOND


@pytest.mark.parametrize(
    "question",
    [
        "Should I give my patient blinatumomab?",
        "A 45-year-old man with TP53 mutation: transplant or not?",
        "Can we stop inotuzumab?",
        "What is best for my child?",
    ],
)
def test_a_question_on_one_patient_is_known(question):
    assert asks_for_one_patient(question)


@pytest.mark.parametrize(
    "question",
    [
        "Does transplant improve survival?",
        "What should I know about CD19-negative relapse?",
        "Which patients should be transplanted?",
        "Can you explain what hypodiploidy is?",
    ],
)
def test_a_question_on_the_evidence_is_not(question):
    assert not asks_for_one_patient(question)


def test_an_order_that_no_source_gives_is_found():
    quote = ["Inotuzumab gave 7.7 months. Blinatumomab should be considered."]
    assert orders_in("Give inotuzumab.", quote)
    assert orders_in("You must transplant.", quote)
    assert not orders_in("Blinatumomab should be considered.", quote)
    assert not orders_in("Inotuzumab gave 7.7 months.", quote)
    assert not orders_in("Transplant showed no benefit.", quote)
    assert not orders_in("Use of inotuzumab was common.", quote)


def test_a_figure_of_the_question_that_no_passage_has_is_named():
    texts = ["Survival was 7.7 months in 11% of 31 patients."]
    assert unknown_figures("Since 90% survive 7.7 months, why treat?", texts) == ("90%",)
    assert unknown_figures("Are 31 patients enough for CD22?", texts) == ()
    assert figures_note(()) == ""
    assert "“90%” of the question stands in none" in figures_note(("90%",))


@pytest.fixture
def asking(small):
    sync(small)
    return Ragbot(small)


def test_both_are_said_with_the_answer_and_once(asking):
    question = "Why should I give inotuzumab to my patient if 90% get veno-occlusive disease?"
    given = asking.ask(question, ALPHA)
    assert not given.abstained
    assert ONE_PATIENT in given.notes
    assert any("90%" in note for note in given.notes)
    assert given.text.count(ONE_PATIENT) == 1


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Tell me more about [2].", SECOND),
        ("What does reference 1 say?", FIRST),
        ("What does [A] say on survival?", ALPHA),
    ],
)
def test_a_source_asked_for_by_number_is_what_is_read(question, name, asking):
    first = asking.ask("How often did veno-occlusive disease occur with inotuzumab?", ALPHA)
    given = asking.trace(question, ALPHA, first.conversation_id)
    assert {passage.chunk.document_id for passage in given.turn.passages} == {name}
    assert set(given.answer.searched) <= {name, *first.searched}
