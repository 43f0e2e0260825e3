"""Ragbot from the outside, on the shipped library with the real model."""

from __future__ import annotations

import asyncio
import json
import re
import threading

import pytest

from ragbot import Ragbot
from ragbot.answering.citations import Markers
from ragbot.answering.draft import AskedTurn, Draft
from ragbot.errors import QuestionError, UnknownArticleError, UnknownConversationError
from ragbot.index.sync import sync
from ragbot.types import Answer, StandaloneQuestion, Stated

FRONTLINE = (
    "Does TP53 still matter if she is under 60 and gets inotuzumab or blinatumomab up front?"
)
RELAPSE = "And which kind of relapse should I look for after blinatumomab?"
VENETOCLAX = "What is the venetoclax dose in children?"
ARTICLE = "tp53-b-all"


@pytest.fixture
def bot(shipped, tmp_path):
    database = f"sqlite:///{tmp_path / 'conversations.sqlite'}"
    return Ragbot(shipped.model_copy(update={"database_url": database}))


def assert_honest(bot: Ragbot, answer: Answer) -> None:
    """What must hold of every answer and abstention."""
    assert answer.disclaimer == bot.settings.disclaimer_text()
    assert answer.disclaimer not in answer.text
    assert answer.abstained is (not answer.claims)
    keys = {citation.key: citation for citation in answer.citations}
    for citation in answer.citations:
        text = bot.document(citation.document_id).text
        assert citation.quote == text[citation.start : citation.end]
    for claim in answer.claims:
        assert claim.evidence
        assert claim.citations
        assert claim.verdict == "supported"
        assert any(claim.text in keys[key].quote for key in claim.evidence)


def test_the_clinician_s_three_questions(bot):
    first = bot.ask(FRONTLINE, ARTICLE)
    assert_honest(bot, first)
    quotes = " ".join(citation.quote for citation in first.citations)
    assert "under 60" in quotes
    assert re.search(r"\d%", quotes), "the answer gives no figure"

    second = bot.ask(RELAPSE, ARTICLE, first.conversation_id)
    assert_honest(bot, second)
    assert "CD19-negative" in second.claims[0].text
    assert "6.84" in second.claims[0].text
    assert second.standalone_question.endswith("?")

    third = bot.ask(VENETOCLAX, ARTICLE, first.conversation_id)
    assert_honest(bot, third)
    assert third.abstained
    assert third.citations == ()
    assert "TP53 mutation" in third.text, "an abstention names what was searched"
    assert len(bot.conversations.turns(first.conversation_id)) == 3


def test_the_same_source_keeps_its_number_over_turns_and_a_restart(bot):
    answers = [bot.ask(RELAPSE, ARTICLE)]
    conversation = answers[0].conversation_id
    answers.append(
        bot.ask("Is transplant in first remission standard of care?", ARTICLE, conversation)
    )
    answers.append(Ragbot(bot.settings).ask(RELAPSE, ARTICLE, conversation))
    given: dict[str, str] = {}
    own = {
        reference.source_id: str(reference.number)
        for reference in bot.document(ARTICLE).article.references
    }
    for citation in (citation for answer in answers for citation in answer.citations):
        assert given.setdefault(citation.document_id, citation.marker) == citation.marker
        if citation.kind == "article":
            assert citation.marker == "A"
        else:
            assert citation.marker == own.get(citation.document_id, citation.marker)
    beyond = {name: marker for name, marker in given.items() if marker.startswith("L")}
    assert beyond, "the transplant question is answered from beyond the article"
    assert beyond.items() <= bot.conversations.markers(conversation).items()


def test_streaming_gives_the_question_then_claims_then_the_whole(bot):
    events = list(bot.stream(RELAPSE, ARTICLE))
    assert isinstance(events[0], StandaloneQuestion)
    assert all(isinstance(event, Stated) for event in events[1:-1])
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert [event.claim for event in events[1:-1]] == list(answer.claims)
    asked = bot.ask(RELAPSE, ARTICLE)
    assert asked.text == answer.text


def test_the_chain_is_a_runnable_in_all_forms(bot):
    article = bot.document(ARTICLE)
    asked = AskedTurn(RELAPSE, article, "x", Markers.of(article, {}))
    runnable = bot.chain.runnable()
    whole = runnable.invoke(asked)

    async def gather() -> tuple[Draft, Draft]:
        streamed = Draft()
        async for piece in runnable.astream(asked):
            streamed += piece
        return await runnable.ainvoke(asked), streamed

    forms = [*asyncio.run(gather()), sum_of(runnable.stream(asked))]
    for form in forms:
        assert form.answer is not None
        assert form.answer.text == whole.answer.text
        assert form.stated == whole.stated


def sum_of(pieces) -> Draft:
    whole = Draft()
    for piece in pieces:
        whole += piece
    return whole


def test_the_retriever_is_langchain_s(bot):
    documents = bot.retriever(ARTICLE, k=3).invoke("CD19-negative relapse after blinatumomab")
    assert len(documents) == 3
    found = documents[0]
    text = bot.document(found.metadata["document_id"]).text
    assert found.page_content == text[found.metadata["start"] : found.metadata["end"]]
    assert [document.metadata["rank"] for document in documents] == [1, 2, 3]


def test_search_in_scope_finds_only_the_article_and_its_sources(bot):
    article = bot.document(ARTICLE)
    scope = {reference.source_id for reference in article.article.references} | {ARTICLE}
    assert {p.chunk.document_id for p in bot.search("transplant", ARTICLE, 50)} <= scope
    everywhere = {p.chunk.document_id for p in bot.search("transplant", None, 50)}
    assert everywhere - scope


@pytest.mark.parametrize("question", ["", "   ", "???", "\x00\u200b", "…"])
def test_a_question_without_a_word_is_refused(bot, question):
    with pytest.raises(QuestionError, match="no word"):
        bot.ask(question, ARTICLE)
    assert bot.conversations.list() == []


def test_a_long_question_is_refused_with_its_length(bot):
    with pytest.raises(QuestionError, match="100000 characters"):
        bot.ask("a" * 100_000, ARTICLE)


@pytest.mark.parametrize(
    "question", ["白血病的预后如何?", "ما هو الإنذار؟", "Какова выживаемость?"]
)
def test_a_question_in_another_script_ends_in_an_answer_or_an_abstention(bot, question):
    assert_honest(bot, bot.ask(question, ARTICLE))


def test_an_unknown_article_names_what_there_is(bot):
    with pytest.raises(UnknownArticleError, match="tp53-b-all"):
        bot.ask("Why?", "tp53-ball")
    source = "aldoss-2025-blinatumomab-tp53"
    with pytest.raises(UnknownArticleError, match=source):
        bot.ask("Why?", source)


def test_a_conversation_belongs_to_its_article(bot):
    kept = bot.ask(RELAPSE, ARTICLE)
    with pytest.raises(UnknownConversationError, match=ARTICLE):
        bot.ask(RELAPSE, "mrd-in-b-all", kept.conversation_id)


@pytest.fixture
def begun(bot) -> str:
    """A conversation whose subject a follow-up may carry on."""
    return bot.ask("Does TP53 matter for the outcome?", ARTICLE).conversation_id


@pytest.mark.parametrize(
    "typed",
    ["Who won the football final?", "Who is the president?", "Cost?", "Thanks!"],
)
def test_what_has_nothing_to_do_with_the_library_is_not_answered_from_the_talk(bot, begun, typed):
    answer = bot.ask(typed, ARTICLE, begun)
    assert_honest(bot, answer)
    assert answer.abstained


@pytest.mark.parametrize("typed", ["and children?", "which threshold?", "p value?", "in adults?"])
def test_a_terse_follow_up_is_answered_from_the_talk(bot, begun, typed):
    assert not bot.ask(typed, ARTICLE, begun).abstained


def test_a_reference_that_is_not_in_the_library_is_said_to_be_missing(bot):
    answer = bot.ask("What hazard ratio did Hof find?", ARTICLE)
    assert_honest(bot, answer)
    assert answer.abstained
    assert "is not in the library" in answer.reason


def test_the_disclaimer_of_the_settings_is_taken_unchanged(bot, tmp_path):
    file = tmp_path / "disclaimer.txt"
    file.write_text("Nur für *Fachkreise* <b>!</b>\n", encoding="utf-8")
    other = Ragbot(bot.settings.model_copy(update={"disclaimer_file": file}))
    answer = other.ask(RELAPSE, ARTICLE)
    assert answer.disclaimer == "Nur für *Fachkreise* <b>!</b>"
    assert answer.settings_digest != bot.ask(RELAPSE, ARTICLE).settings_digest


def test_twenty_people_at_once(bot):
    answers: list[Answer] = []
    failures: list[Exception] = []

    def ask(number: int) -> None:
        try:
            answers.append(bot.ask(RELAPSE, ARTICLE, f"person-{number}"))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must show
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len({answer.text for answer in answers}) == 1
    assert len(bot.conversations.list()) == 20


def test_an_answer_survives_being_kept(bot):
    answer = bot.ask(RELAPSE, ARTICLE)
    (turn,) = bot.conversations.turns(answer.conversation_id)
    assert turn.answer == answer
    assert json.loads(json.dumps(answer.to_dict()))["claims"][0]["text"] == answer.claims[0].text


def test_a_new_generation_is_answered_from_without_a_restart(small, small_corpus):
    sync(small)
    bot = Ragbot(small)
    question = "How often does pancreatitis follow asparaginase?"
    assert bot.ask(question, "tp53-relapse").abstained
    body = "Pancreatitis followed asparaginase in 13% of 326 adults."
    small_corpus.write_source("trial-2019", body)
    sync(small)
    answer = bot.ask(question, "tp53-relapse")
    assert not answer.abstained
    assert "13%" in answer.text
    assert_honest(bot, answer)
