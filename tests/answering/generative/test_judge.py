"""The chat model as grounding verifier: its verdicts, the rules beside it, and what fails."""

from __future__ import annotations

import json

import pytest
from scripted_server import error, stream

from ragbot import Ragbot
from ragbot.answering.grounding import Verifier
from ragbot.answering.wiring import grounded_check, grounding_verifier
from ragbot.errors import ConfigurationError

PASSAGE = (
    "Patients were followed for two years. Median survival was 7.7 months with blinatumomab. "
    "Infections were frequent."
)
CLAIM = "Blinatumomab gave a median survival of 7.7 months."


def says(word: str):
    """A model that gives one verdict whatever it is asked."""
    return lambda _: stream(json.dumps({"verdict": word}))


@pytest.fixture
def judge(chat_settings) -> Verifier:
    return grounding_verifier(chat_settings(verifier="chat", chat_retries=0))


@pytest.mark.parametrize(
    ("word", "score", "contradiction"),
    [("supported", 1.0, 0.0), ("contradicted", 0.0, 1.0), ("unsupported", 0.0, 0.0)],
)
def test_its_verdict_is_the_models_and_points_at_the_sentence(
    judge, server, word, score, contradiction
):
    server.script = says(word)
    (verdict,) = judge.verify_batch([(CLAIM, PASSAGE)])
    assert (verdict.label, verdict.score, verdict.contradiction) == (word, score, contradiction)
    assert verdict.shown is (word == "supported")
    assert PASSAGE[verdict.start : verdict.end].startswith("Median survival was 7.7")
    assert verdict.method == judge.name == "chat:openai:scripted"


def test_a_rule_overrules_a_model_that_agrees_to_everything(judge, server):
    server.script = says("supported")
    wrong = "Median survival was 77 months with blinatumomab."
    right, verdict = judge.verify_batch([(CLAIM, PASSAGE), (wrong, PASSAGE)])
    assert right.shown
    assert verdict.label != "supported"
    assert not verdict.shown
    assert verdict.score == 0.0
    assert any(rule.startswith("number:") for rule in verdict.rules)


@pytest.mark.parametrize("reply", [stream("I think so."), stream("x" * 5000), error(500)])
def test_no_readable_reply_supports_nothing_and_says_why(judge, server, reply):
    server.script = lambda _: reply
    (verdict,) = judge.verify_batch([(CLAIM, PASSAGE)])
    assert (verdict.label, verdict.score, verdict.shown) == ("unsupported", 0.0, False)
    assert verdict.rules == ("chat: no verdict that can be read",)


def test_a_server_that_was_away_is_asked_again_and_a_verdict_is_kept(chat_settings, server):
    check = grounded_check(chat_settings(verifier="chat", chat_retries=0))
    server.script = lambda _: error(500)
    assert check.judge(CLAIM, PASSAGE) == ("unsupported", 0.0)
    server.script = says("supported")
    assert check.judge(CLAIM, PASSAGE) == ("supported", 1.0)
    asked = len(server.requests)
    assert check.judge(CLAIM, PASSAGE) == ("supported", 1.0)
    assert len(server.requests) == asked == 2


def test_nothing_to_read_is_not_asked(judge, server):
    server.script = says("supported")
    for verdict in judge.verify_batch([("", PASSAGE), (CLAIM, " ")]):
        assert (verdict.label, verdict.start, verdict.end) == ("unsupported", 0, 0)
    assert server.requests == []


def test_the_chain_stamps_it_on_the_answer(chat_settings):
    settings = chat_settings(verifier="chat")
    assert grounded_check(settings).name == "chat:openai:scripted"
    answer = Ragbot(settings).ask("How many had a TP53 mutation?", "tp53-b-all")
    assert answer.verifier == "chat:openai:scripted"


def test_without_a_chat_model_it_says_what_to_set(shipped):
    with pytest.raises(ConfigurationError, match="no chat model") as caught:
        grounding_verifier(shipped.model_copy(update={"verifier": "chat"}))
    assert "RAGBOT_CHAT_MODEL" in caught.value.remedy


def test_the_verb_takes_it(ragbot, shipped, server, tmp_path):
    server.script = says("contradicted")
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"id": "a", "claim": CLAIM, "evidence": PASSAGE}) + "\n")
    chat = {"RAGBOT_CHAT_MODEL": "scripted", "RAGBOT_CHAT_BASE_URL": server.url}
    done = ragbot(shipped, "verify", str(path), "--verifier", "chat", **chat)
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stdout)
    assert (line["id"], line["label"], line["score"]) == ("a", "contradicted", 0.0)
    refused = ragbot(shipped, "verify", str(path), "--verifier", "chat")
    assert refused.returncode == 2
    assert "RAGBOT_CHAT_MODEL" in refused.stderr
