"""Follow-ups made to stand alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragbot.retrieval.condense import Context, condense
from ragbot.retrieval.phrases import subject
from ragbot.retrieval.rewrite import append, asks_about, exchange, has_pronoun, replace_pronoun
from ragbot.types import Message, StandaloneQuestion

ARTICLE = Context("What is the prognosis and treatment for B-ALL with a TP53 mutation?")
NONE = Context()
ANSWER = "Blinatumomab gave more remissions than chemotherapy. CD19 loss was seen at relapse."


def talk(*turns: str, context: Context = NONE) -> StandaloneQuestion:
    """The last of `turns`, condensed in the light of those before, each answered."""
    history: list[Message] = []
    for turn in turns[:-1]:
        history += [Message("user", turn), Message("assistant", ANSWER)]
    return condense(turns[-1], history, context)


FIRST = "Does TP53 still matter if she is under 60 and gets inotuzumab or blinatumomab up front?"


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        (
            (FIRST, "And which kind of relapse should I look for after blinatumomab?"),
            "Which kind of relapse should I look for after blinatumomab in B-ALL with a TP53 "
            "mutation?",
        ),
        (
            (FIRST, "What about inotuzumab?"),
            "Does TP53 still matter if she is under 60 and gets inotuzumab up front?",
        ),
        (
            (FIRST, "What about inotuzumab?", "and the other one?"),
            "Does TP53 still matter if she is under 60 and gets blinatumomab up front?",
        ),
        (
            (FIRST, "What is the venetoclax dose in children?"),
            "What is the venetoclax dose in children?",
        ),
        (
            ("What are the side effects?",),
            "What are the side effects of B-ALL with a TP53 mutation?",
        ),
        (("Is VOD common after inotuzumab?",), "Is VOD common after inotuzumab?"),
        (
            ("What are the side effects?", "How long do they last?"),
            "How long do the side effects of B-ALL with a TP53 mutation last?",
        ),
    ],
)
def test_in_an_article(turns: tuple[str, ...], text: str) -> None:
    assert talk(*turns, context=ARTICLE).text == text


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        (("What is whiplash?", "How is it treated?"), "How is whiplash treated?"),
        (("What is angina?", "What are the symptoms?"), "What are the symptoms of angina?"),
        (("What is angina?", "What are its causes?"), "What are angina's causes?"),
        (
            ("What are the treatments for angina?", "And what about Krabbe disease?"),
            "What are the treatments for Krabbe disease?",
        ),
        (
            ("How often does VOD occur after inotuzumab?", "And after blinatumomab?"),
            "How often does VOD occur after blinatumomab?",
        ),
        (
            ("What is the dose of blinatumomab in adults?", "And in children?"),
            "What is the dose of blinatumomab in children?",
        ),
        (
            ("What is nocardiosis?", "What is Primrose syndrome?", "How common is it?"),
            "How common is Primrose syndrome?",
        ),
        (
            (
                "What is nocardiosis?",
                "What is Primrose syndrome?",
                "Going back to the first condition: who gets it?",
            ),
            "Who gets nocardiosis?",
        ),
        (
            ("What is angina?", "What are the symptoms of Meesmann corneal dystrophy?"),
            "What are the symptoms of Meesmann corneal dystrophy?",
        ),
        (("What is a bispecific antibody?",), "What is a bispecific antibody?"),
    ],
)
def test_in_a_conversation(turns: tuple[str, ...], text: str) -> None:
    assert talk(*turns).text == text


def test_what_was_carried_over_is_named() -> None:
    made = talk("What is whiplash?", "How is it treated?")
    assert made.carried == ("whiplash",)
    assert made.method == "pronoun"
    assert sum(weight for _, weight in made.queries) == pytest.approx(1.0, abs=1e-3)
    assert "How is it treated?" in dict(made.queries)


def test_a_first_question_is_left_as_it_is() -> None:
    made = talk("Is VOD common after inotuzumab?")
    assert made == StandaloneQuestion(
        "Is VOD common after inotuzumab?", (("Is VOD common after inotuzumab?", 1.0),)
    )


def test_the_patient_is_no_name_to_be_replaced() -> None:
    assert " she " in talk(FIRST, "Is it worse if she relapses?", context=ARTICLE).text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=5), st.text(max_size=40))
def test_any_conversation_is_condensed(turns: list[str], title: str) -> None:
    made = talk(*turns, context=Context(title))
    assert made.queries
    assert all(0 < weight <= 1 for _, weight in made.queries)


def test_a_long_conversation_is_condensed_in_time() -> None:
    turns = [f"What is condition number {number}?" for number in range(30)]
    began = time.perf_counter()
    talk(*turns, "How is it treated?", context=ARTICLE)
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("What is (are) Waardenburg syndrome type 2?", "Waardenburg syndrome type 2"),
        (ARTICLE.title, "B-ALL with a TP53 mutation"),
        ("Tell me about lung cancer.", "lung cancer"),
        ("What is Down syndrome?", "Down syndrome"),
        (FIRST, "TP53"),
        ("What are the treatments for Krabbe disease?", "Krabbe disease"),
    ],
)
def test_the_subject_of_a_question(question: str, about: str) -> None:
    found = subject(question)
    assert found is not None
    assert found.text == about
    assert question[found.start : found.end] == about


@pytest.mark.parametrize("question", ["What are the treatment options?", "How common is it?", ""])
def test_a_question_without_a_subject(question: str) -> None:
    assert subject(question) is None


def test_rewriting_is_plain_text_in_and_out() -> None:
    assert replace_pronoun("How would they know they have it?", "angina").endswith("have angina?")
    assert append("Which genes are involved?", "angina") == "Which genes are involved in angina?"
    assert asks_about("How is it treated?") is None
    assert asks_about("What about children?") == "children"
    assert not has_pronoun("Is it safe to travel?")
    assert exchange("Is ponatinib or imatinib safer?", "imatinib") == "Is imatinib safer?"
