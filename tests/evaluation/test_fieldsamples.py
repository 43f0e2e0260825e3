"""From what was asked to a sample: it loads, it runs, and it holds no personal data."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ragbot.answering.verify import VerbatimCheck
from ragbot.bot import Ragbot
from ragbot.errors import PersonalDataError, UsageError
from ragbot.evaluation.fieldsamples import (
    FieldSample,
    FieldTurn,
    add_to_suite,
    as_document,
    from_turns,
    guarded,
    next_name,
    to_yaml,
)
from ragbot.evaluation.runner import run_suites
from ragbot.evaluation.suites import load_suite, load_suites
from ragbot.index.sync import sync
from ragbot.privacy import scan

SUITES = Path(__file__).parents[2] / "eval" / "suites"
NASTY = 'A "quoted": #not [a] {comment} \\ \x85 \u2028 \U0001f600 - end:'


def sample(*questions: str, note: str = "") -> FieldSample:
    return FieldSample("tp53-relapse", tuple(FieldTurn(q, False, (), note) for q in questions))


@pytest.fixture
def bot(small) -> Ragbot:
    sync(small)
    return Ragbot(small)


def test_a_conversation_becomes_a_sample_that_loads_and_runs(bot, tmp_path):
    for question in ("What was median overall survival with inotuzumab?", "And transplant?"):
        bot.ask(question, "tp53-relapse", "talk")
    turns = bot.conversations.turns("talk")
    number = bot.conversations.add_feedback(turns[1].id, "down", ["wrong"], "Not what\nI asked.")
    (said,) = [one for one in bot.conversations.feedback() if one.id == number]
    path = tmp_path / "field.yaml"
    assert add_to_suite(from_turns("tp53-relapse", turns, said), path) == "field-001"
    (made,) = load_suites(tmp_path)[0].samples
    assert [turn.question for turn in made.turns] == [turn.answer.question for turn in turns]
    assert made.turns[1].note.endswith("A reader's thumb was down (wrong): Not what I asked.")
    judge = VerbatimCheck()
    report = run_suites(bot, load_suites(tmp_path), lambda c, e: judge.judge(c, e)[0])
    assert report.metrics["answered"].n == 0
    assert report.metrics["answered"].unscored == 2
    assert report.metrics["abstention_f1"].unscored == 2
    assert report.metrics["disclaimer"].value == 1.0


def test_what_was_cited_is_proposed_and_can_be_taken_over(bot, tmp_path):
    bot.ask("What was median overall survival with inotuzumab?", "tp53-relapse", "talk")
    text = to_yaml(from_turns("tp53-relapse", bot.conversations.turns("talk")), "field-001")
    proposed = [line.split("#", 1)[1] for line in text.splitlines() if "- {document:" in line]
    assert proposed
    for line in proposed:
        (entry,) = yaml.safe_load(line)
        assert entry["snippet"] in " ".join(bot.document(entry["document"]).text.split())


def test_every_question_survives_the_file_as_it_was(tmp_path):
    path = tmp_path / "field.yaml"
    add_to_suite(sample(NASTY, note=NASTY), path)
    (turn,) = load_suite(path).samples[0].turns
    assert (turn.question, turn.note) == (NASTY, NASTY)
    assert as_document(sample(NASTY), "field-001")["turns"][0]["question"] == NASTY


@pytest.mark.parametrize("name", ["pressure", "singles"])
def test_a_suite_with_comments_keeps_every_byte(tmp_path, name):
    path = tmp_path / f"{name}.yaml"
    before = (SUITES / f"{name}.yaml").read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")
    made = add_to_suite(sample("A question?"), path)
    assert path.read_text(encoding="utf-8").startswith(before.rstrip())
    assert load_suite(path).samples[-1].id == made
    numbers = [int(one.id[-3:]) for one in load_suite(path).samples if one.id[-1].isdigit()]
    assert max(numbers) == int(made[-3:])


def test_other_indents_are_kept_and_two_are_two(tmp_path):
    path = tmp_path / "s.yaml"
    add_to_suite(sample("One?"), path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.removeprefix("  ") for line in lines) + "\n")
    assert add_to_suite(sample("Two?"), path) == "s-002"
    assert [one.id for one in load_suite(path).samples] == ["s-001", "s-002"]


@pytest.mark.parametrize(
    "content",
    ["suite: s\n", "[]", "suite: s\nsamples: []\ndescription: d\n", "{"],
)
def test_a_file_that_is_no_suite_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "s.yaml"
    path.write_text(content)
    with pytest.raises(UsageError, match=r"s\.yaml"):
        add_to_suite(sample("One?"), path)
    assert path.read_text() == content


def test_samples_that_are_not_last_are_not_added_to(tmp_path):
    path = tmp_path / "s.yaml"
    add_to_suite(sample("One?"), path)
    loaded = yaml.safe_load(path.read_text())
    ordered = {name: loaded[name] for name in ("samples", "suite", "description")}
    path.write_text(yaml.safe_dump(ordered, sort_keys=False))
    before = path.read_text()
    with pytest.raises(UsageError, match=r"s\.yaml"):
        add_to_suite(sample("Two?"), path)
    assert path.read_text() == before


PERSONAL = "Mrs Jane Miller, born 12.03.1961, MRN 4471923: which dose?"


def test_personal_data_is_refused_and_never_repeated():
    with pytest.raises(PersonalDataError) as caught:
        guarded(sample("Fine?", PERSONAL), scan, "refuse")
    assert not any(word in str(caught.value) for word in ("Miller", "1961", "4471923"))


def test_personal_data_is_masked_in_questions_and_notes():
    made, told = guarded(sample(PERSONAL, note="Call +44 20 7946 0958"), scan, "mask")
    written = to_yaml(made, "field-001")
    assert told
    assert not any(word in written for word in ("Miller", "1961", "4471923", "7946"))
    assert "which dose?" in written


def test_without_personal_data_nothing_is_changed():
    clean = sample("What was median OS in TOWER?")
    assert guarded(clean, scan, "refuse") == (clean, "")


def test_names_count_on():
    assert next_name("field", ()) == "field-001"
    assert next_name("framing", ["framing-001a", "framing-007b", "other-009"]) == "framing-008"
