"""Answer, answer with a caveat, ask which is meant, cannot answer; and for whom it is written."""

from __future__ import annotations

import pytest
from asserts import assert_sound
from scripted_server import Reply, answer, claim, event, head, honest, sentences, stream

from ragbot.answering.caution import ONE_PATIENT
from ragbot.answering.generative.plain import plain_words
from ragbot.answering.verify import VerbatimCheck

QUESTION, ARTICLE = "How many had a TP53 mutation?", "tp53-b-all"
GAP = '{"kind": "gap", "text": "TP53 mutation in how many"}'


def good(request, at=0):
    """The evidence and the text of a true claim."""
    key, text = list(request.passages.items())[at]
    return sentences(text)[0], (key, sentences(text)[0])


def test_a_gap_beside_an_answer_is_a_caveat_that_names_it(bot, server):
    def script(request):
        gap = {"kind": "gap", "text": "how many had TP53 mutation"}
        return stream(answer([claim(*good(request)), gap]))

    server.script = script
    given = bot().ask(QUESTION, ARTICLE)
    assert given.claims
    assert given.gaps == ("how many had TP53 mutation",)
    assert not given.abstained


def test_nothing_but_a_gap_is_no_answer(bot, server):
    server.script = lambda _: stream(f'{{"claims": [{GAP}]}}')
    given = bot().ask(QUESTION, ARTICLE)
    assert given.abstained
    assert (given.claims, given.citations) == ((), ())
    assert given.reason == "the chat model found no answer in the passages"
    assert given.gaps == ("TP53 mutation in how many",)


def test_the_meanings_to_choose_from_are_given_apart(bot, server):
    server.script = lambda _: stream(
        '{"claims": [{"kind": "ask", "options": ["how many had", "TP53 mutation"]}]}'
    )
    given = bot().ask(QUESTION, ARTICLE)
    assert given.choices == ("how many had", "TP53 mutation")
    assert given.abstained
    assert given.citations == ()


def test_a_correction_of_a_premise_leads_and_is_checked_as_any_claim(bot, server):
    question = "Since 97% had a TP53 mutation, does it matter?"

    def script(request):
        text, evidence = good(request)
        wrong = claim("Indeed 97% had a TP53 mutation.", evidence)
        return stream(answer([claim(text, evidence, kind="correction"), wrong]))

    server.script = script
    asking = bot()
    given = asking.ask(question, ARTICLE)
    assert_sound(asking, given)
    assert [made.role for made in given.claims] == ["correction"]
    assert "Indeed" not in given.text
    assert any("“97%” of the question" in note for note in given.notes)


def test_an_order_for_a_patient_is_answered_as_evidence(bot, server):
    def script(request):
        text, evidence = good(request)
        order = claim(f"Give it to the patient, for {text[0].lower()}{text[1:]}", evidence)
        return stream(answer([claim(text, evidence), order]))

    server.script = script
    given = bot(chat_show="likely").ask("Should I treat my patient with a TP53 mutation?", ARTICLE)
    assert len(given.claims) == 1
    assert ONE_PATIENT in given.notes
    told = server.requests[1].messages[-1]["content"]
    assert "“give” advises, and its quotes do not" in told


def test_a_converted_figure_is_told_to_be_converted(bot, server):
    def script(request):
        for key, text in request.passages.items():
            for sentence in sentences(text):
                if "3-year" in sentence and not request.is_repair:
                    said = sentence.replace("3-year", "36-month")
                    return stream(answer([claim(said, (key, sentence))]))
        return stream('{"claims": []}')

    server.script = script
    bot().ask("What was 3-year OS with mutated TP53?", ARTICLE)
    told = server.requests[1].messages[-1]["content"]
    assert "“36-month” is not in its quotes: it was converted" in told


def retold(plain):
    def script(request):
        text, evidence = good(request)
        return stream(answer([claim(text, evidence) | {"plain": plain(text)}]))

    return script


@pytest.mark.parametrize("audience", ["clinician", "trainee", "patient"])
def test_the_audience_changes_language_and_never_claims_figures_or_citations(audience, bot, server):
    server.script = retold(lambda text: f"In other words: {text}")
    asking = bot(chat_show="likely")
    given = asking.ask(QUESTION, ARTICLE, audience=audience)
    assert_sound(asking, given)
    other = asking.ask(QUESTION, ARTICLE)
    assert [c.text for c in given.claims] == [c.text for c in other.claims]
    assert given.citations == other.citations
    asked = server.requests[0].messages[0]["content"]
    assert ('Add to each statement "plain"' in asked) is (audience != "clinician")
    assert given.claims[0].plain.startswith("In other words")
    assert f"In plain words: {given.claims[0].plain}" in given.text


CLAIM = "OS was 7.7 months with inotuzumab and did not improve with transplant."


@pytest.mark.parametrize(
    "written",
    [
        "People lived 8 months with inotuzumab, and transplant did not improve that.",
        "People lived with inotuzumab, and transplant did not improve that.",
        "People lived 7.7 months with blinatumomab, and it did not improve with transplant.",
        "OS was 7.7 months with inotuzumab and did improve with transplant.",
        "You should take inotuzumab: OS was 7.7 months and did not improve with transplant.",
        "OS was 7.7 months with inotuzumab and did not improve with transplant. " + "Really. " * 40,
        "",
    ],
)
def test_plain_words_that_say_anything_else_are_not_taken(written):
    assert plain_words(written, CLAIM, CLAIM, VerbatimCheck()) == ""


def test_plain_words_that_say_the_same_are_taken():
    written = "Survival was 7.7 months with inotuzumab, and transplant did not improve it."
    assert plain_words(written, CLAIM, CLAIM, VerbatimCheck()) == written


def test_evidence_of_the_answer_before_is_carried_and_said_to_be(bot, server):
    asking = bot(chat_standalone=False)
    first = asking.ask(QUESTION, ARTICLE)
    quotes = {citation.quote for citation in first.citations}

    def script(request):
        held = [
            (key, sentence)
            for key, text in request.passages.items()
            for sentence in sentences(text)
            if sentence in quotes
        ]
        return stream(answer([claim(sentence, (key, sentence)) for key, sentence in held]))

    server.script = script
    follow_up = "What is known of ibrutinib in TCF3-PBX1 leukaemia?"
    given = asking.ask(follow_up, ARTICLE, first.conversation_id)
    assert_sound(asking, given)
    carried = [made for made in given.claims if "the answer before cited" in made.note]
    assert carried
    fresh = asking.ask(follow_up, ARTICLE)
    assert not any("the answer before cited" in made.note for made in fresh.claims)


def named(text, model):
    reply = stream(text)
    parts = (event(text, model=model), event("", "stop", model=model))
    return Reply((head(), *parts, reply.parts[-1]))


@pytest.mark.parametrize(
    ("reported", "stamped"),
    [
        ("gpt-4.1-mini-2025-04-14", "openai:gpt-4.1-mini-2025-04-14"),
        ("qwen3:8b", "openai:qwen3:8b"),
        ("<script>alert(1)</script>", "openai:scripted"),
        ("sk-secret-0123456789abcdef", "openai:scripted"),
        ("", "openai:scripted"),
    ],
)
def test_the_server_s_own_name_for_its_model_is_stamped(reported, stamped, bot, server):
    server.script = lambda request: named(answer([claim(*good(request))]), reported)
    assert bot().ask(QUESTION, ARTICLE).model == stamped


def test_a_kept_client_s_connections_end_with_it(bot, server):
    import gc

    server.script = honest
    asking = bot()
    asking.ask(QUESTION, ARTICLE)
    client = asking.chain.answerer._chat._model.root_client._client
    assert not client.is_closed
    del asking
    gc.collect()
    assert client.is_closed
