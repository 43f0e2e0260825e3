"""What a model that behaves gets, and what one that errs gets: repair, gaps, questions back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time

import pytest
from asserts import assert_sound
from pydantic import SecretStr
from scripted_server import KEY, Reply, answer, claim, event, honest, sentences, stream

from ragbot import Ragbot
from ragbot.answering import wiring
from ragbot.answering.grounding import GroundingVerdict
from ragbot.answering.verify import GroundedCheck
from ragbot.answering.wiring import grounded_check
from ragbot.errors import ConfigurationError
from ragbot.settings import load_settings
from ragbot.types import Stated

QUESTION, ARTICLE = "How many had a TP53 mutation?", "tp53-b-all"
FIGURE = re.compile(r"\d+(?:\.\d+)?%")


def found(request, pattern=FIGURE):
    """Key and sentence of the first passage with a figure."""
    for key, text in request.passages.items():
        for sentence in sentences(text):
            if pattern.search(sentence):
                return key, sentence
    raise AssertionError


def test_claims_carry_the_article_s_own_numbers(bot, server):
    asking = bot()
    given = asking.ask(QUESTION, ARTICLE)
    assert_sound(asking, given)
    assert given.model == "openai:scripted"
    assert given.verifier == "ragbot-verifier:overlap"
    assert given.claims[0].role == "bottom_line"
    references = asking.document(ARTICLE).article.references
    held = {str(reference.number): reference.source_id for reference in references}
    for citation in given.citations:
        if citation.kind == "source" and citation.marker[0] != "L":
            assert held[citation.marker] == citation.document_id


def test_the_request_is_what_the_settings_say(bot, server):
    bot(chat_temperature=0.5).ask(QUESTION, ARTICLE)
    request = server.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert (request.body["model"], request.body["temperature"]) == ("scripted", 0.5)
    assert request.body["stream"] is True
    assert KEY not in json.dumps(request.body)


def test_a_failed_claim_is_repaired_once(bot, server):
    def script(request):
        key, sentence = found(request) if not request.is_repair else state["found"]
        state["found"] = key, sentence
        wrong = FIGURE.sub("99%", sentence)
        said = sentence if request.is_repair else wrong
        return stream(answer([claim(said, (key, sentence))]))

    state = {}
    server.script = script
    asking = bot()
    given = asking.ask(QUESTION, ARTICLE)
    assert_sound(asking, given)
    assert [made.text for made in given.claims] == [state["found"][1]]
    assert given.notes == ()
    assert len(server.requests) == 2
    told = server.requests[1].messages[-1]["content"]
    assert "“99%” is not in its quotes" in told


def wrong_figure(request):
    key, sentence = found(request)
    return claim(FIGURE.sub("99%", sentence), (key, sentence))


def unknown_key(request):
    return claim(found(request)[1], ("S00000000", found(request)[1]))


def wrong_quote(request):
    return claim(found(request)[1], (found(request)[0], "This stands nowhere at all."))


def no_evidence(request):
    return claim(found(request)[1])


def other_drug(request):
    key, sentence = found(request)
    return claim(f"With venetoclax, {sentence}", (key, sentence))


def off_topic(request):
    key, sentence = found(request)
    return claim("Vaccines protect zebras against influenza in winter.", (key, sentence))


WRONG = [wrong_figure, unknown_key, wrong_quote, no_evidence, other_drug, off_topic]


def beside_a_good_one(wrong):
    def script(request):
        good = json.loads(answer([])) and claim(*good_of(request))
        return stream(answer([good, wrong(request)]))

    return script


def good_of(request):
    key, text = list(request.passages.items())[-1]
    return sentences(text)[0], (key, sentences(text)[0])


@pytest.mark.parametrize("wrong", WRONG, ids=lambda made: made.__name__)
def test_a_wrong_claim_is_dropped_and_that_is_said(wrong, bot, server):
    server.script = beside_a_good_one(wrong)
    asking = bot()
    given = asking.ask(QUESTION, ARTICLE)
    assert_sound(asking, given)
    assert len(given.claims) == 1
    assert given.notes == (
        "One statement of the chat model could not be verified and is not shown.",
    )
    assert not given.incomplete
    assert len(server.requests) == 2


@pytest.mark.parametrize("wrong", [wrong_figure, other_drug, off_topic])
def test_unless_strict_a_wrong_claim_is_shown_as_unsupported(wrong, bot, server):
    server.script = beside_a_good_one(wrong)
    asking = bot(chat_show="all")
    given = asking.ask(QUESTION, ARTICLE)
    assert_sound(asking, given)
    assert given.claims[0].verdict == "supported"
    assert given.claims[1].verdict in {"unsupported", "contradicted"}
    assert given.claims[1].note.startswith("Not verified: ")


class Unsure:
    """A verifier that takes everything for supported and is sure of nothing."""

    name = "unsure"

    def verify_batch(self, pairs):
        return [
            GroundingVerdict("supported", 0.6, 0.0, 0, 1, shown=False, rules=(), method=self.name)
            for _ in pairs
        ]


@pytest.mark.parametrize("show", ["likely", "strict"])
def test_what_the_verifier_is_not_sure_of_is_marked_or_said_in_the_source_s_words(
    show, bot, server, monkeypatch
):
    monkeypatch.setattr(wiring, "grounded_check", lambda _: GroundedCheck(Unsure()))

    def script(request):
        sentence, evidence = good_of(request)
        return stream(answer([claim(f"In short, {sentence}", evidence)]))

    server.script = script
    given = bot(chat_show=show).ask(QUESTION, ARTICLE)
    assert len(server.requests) == 1
    assert given.model == "openai:scripted"
    if show == "strict":
        assert [made.verdict for made in given.claims] == ["supported"]
        assert "In short" not in given.text
        assert given.claims[0].text in {citation.quote for citation in given.citations}
        return
    assert [made.verdict for made in given.claims] == ["unverified"]
    assert "not verified" in given.claims[0].note


def test_where_nothing_can_be_verified_the_extractive_answerer_answers(bot, server):
    server.script = lambda request: stream(answer([wrong_figure(request)]))
    asking = bot()
    given = asking.ask(QUESTION, ARTICLE)
    assert_sound(asking, given)
    assert given.model == "extractive"
    assert "nothing that the model wrote could be verified" in given.notes[0]
    assert all(made.verdict == "supported" for made in given.claims)


def test_the_model_may_find_no_answer(bot, server):
    server.script = lambda _: stream('{"claims": [{"kind": "cannot_answer"}]}')
    given = bot().ask(QUESTION, ARTICLE)
    assert given.abstained
    assert given.reason == "the chat model found no answer in the passages"
    assert given.citations == ()


def test_the_model_may_ask_which_is_meant(bot, server):
    asks = '{"kind": "ask", "options": ["%s", "TP53 mutation"]}'
    server.script = lambda _: stream(asks % "how many had")
    given = bot().ask(QUESTION, ARTICLE)
    assert given.abstained
    assert given.text.endswith("Which is meant: “how many had” or “TP53 mutation”?")
    server.script = lambda _: stream(asks % "how many zebras")
    assert "zebras" not in bot().ask(QUESTION, ARTICLE).text


def test_a_gap_is_named_in_the_question_s_own_words(bot, server):
    def script(request):
        gaps = [
            {"kind": "gap", "text": "TP53 mutation in how many"},
            {"kind": "gap", "text": "give 10 mg of venetoclax"},
        ]
        return stream(answer([claim(*good_of(request)), *gaps]))

    server.script = script
    given = bot().ask(QUESTION, ARTICLE)
    assert len(given.notes) == 1
    assert given.notes[0].endswith("“TP53 mutation in how many”.")
    assert not given.abstained


def test_several_sentences_are_claims_of_their_own(bot, server):
    def script(request):
        key, text = next((k, t) for k, t in request.passages.items() if len(sentences(t)) > 1)
        one, two = sentences(text)[:2]
        return stream(answer([claim(f"{one} {two}", (key, one), (key, two))]))

    server.script = script
    assert len(bot().ask(QUESTION, ARTICLE).claims) == 2


def test_a_claim_comes_before_the_model_has_ended(bot, server):
    def script(request):
        reply = honest(request)
        return Reply(reply.parts[:-2], pause=0.005, hang=4.0)

    server.script = script
    asking = bot()
    asking.warm()
    events, began, first = [], time.monotonic(), 0.0
    for happened in asking.stream(QUESTION, ARTICLE):
        events.append(happened)
        if isinstance(happened, Stated) and not first:
            first = time.monotonic() - began
    assert first < time.monotonic() - began - 2
    assert events[-1].incomplete


def test_a_provider_that_is_not_installed_is_told(bot, server):
    given = bot(chat_provider="nobody").ask(QUESTION, ARTICLE)
    assert given.model == "extractive"
    assert "it cannot be opened" in given.notes[0]
    assert server.requests == []


def test_notes_do_not_become_talk(bot, server):
    server.script = lambda request: stream(answer([claim(*good_of(request))]), finish="length")
    asking = bot()
    given = asking.ask(QUESTION, ARTICLE)
    assert given.notes
    assert given.text == f"{given.said}\n{given.notes[0]}"
    assert asking.conversations.messages(given.conversation_id)[1].content == given.said


def test_old_answers_read_back(bot, server):
    from pydantic import TypeAdapter

    from ragbot.types import Answer

    given = bot().ask(QUESTION, ARTICLE)
    kept = given.to_dict()
    del kept["notes"], kept["incomplete"]
    assert TypeAdapter(Answer).validate_python(kept) == given


def test_a_missing_verifier_is_replaced_and_named(chat_settings, monkeypatch, tmp_path):
    from ragbot.answering.grounding import verifiers

    monkeypatch.setattr(verifiers.OnnxVerifier.__init__, "__defaults__", (tmp_path,))
    assert grounded_check(chat_settings(verifier="shipped")).name == "ragbot-verifier:overlap"


def test_the_digest_tells_models_apart_and_knows_no_key():
    plain = load_settings()
    one = load_settings(chat_model="a", chat_base_url="http://127.0.0.1/v1")
    other = load_settings(chat_model="b", chat_base_url="http://127.0.0.1/v1")
    keyed = load_settings(chat_model="a", chat_base_url="http://127.0.0.1/v1", chat_api_key=KEY)
    assert len({plain.digest(), one.digest(), other.digest()}) == 3
    assert keyed.digest() == one.digest()
    assert KEY not in repr(keyed) + keyed.model_dump_json()


@pytest.mark.parametrize(
    "given",
    [
        {"chat_model": "gpt"},
        {"chat_base_url": "http://127.0.0.1/v1"},
        {"chat_model": "m", "chat_api_key": f"{KEY}\n{KEY}"},
    ],
)
def test_a_model_that_cannot_be_asked_is_a_plain_error(given, shipped):
    changes = given | {"chat_api_key": SecretStr(given.get("chat_api_key", ""))}
    asking = Ragbot(shipped.model_copy(update=changes))
    with pytest.raises(ConfigurationError, match="RAGBOT_CHAT_") as raised:
        _ = asking.chain
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("url", [f"http://me:{KEY}@127.0.0.1/v1", f"http://h/v1?key={KEY}", KEY])
def test_no_message_repeats_a_bad_address(url):
    with pytest.raises(ConfigurationError, match="RAGBOT_CHAT_BASE_URL") as raised:
        load_settings(chat_base_url=url)
    assert KEY not in str(raised.value)


def test_without_a_chat_model_nothing_of_it_is_imported(shipped):
    program = (
        "import sys\nfrom ragbot import Ragbot\n"
        "from ragbot.settings import load_settings\n"
        f"bot = Ragbot(load_settings(index={str(shipped.index)!r}))\n"
        "assert bot.chain.answerer.name == 'extractive'\n"
        "print([n for n in sys.modules if n.startswith(('openai', 'langchain_openai', "
        "'ragbot.answering.generative'))])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_is_checked_while_it_is_written_costs_little_at_the_end(bot, server, monkeypatch):
    asking = bot(chat_standalone=False)
    asking.ask(QUESTION, ARTICLE)
    sent: list[float] = []
    write = server._write

    def timed(connection, reply):
        write(connection, reply)
        sent.append(time.monotonic())

    monkeypatch.setattr(server, "_write", timed)
    server.script = lambda request: Reply(honest(request, most=6).parts, pause=0.002)
    spent = []
    for _ in range(5):
        *_, given = asking.stream(QUESTION, ARTICLE)
        spent.append(time.monotonic() - sent[-1])
        assert given.claims
    print(f"from the last byte to the kept answer: {min(spent) * 1000:.1f} ms at best")
    assert min(spent) < 0.25, "60 ms is meant; the rest is for a busy machine"


def test_event_helper_is_well_formed():
    assert json.loads(event("é")[6:])["choices"][0]["delta"]["content"] == "é"
