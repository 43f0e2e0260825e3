"""Personal data is masked or refused before anything is kept, sent or indexed."""

from __future__ import annotations

import logging

import pytest

from ragbot import Ragbot
from ragbot.errors import DocumentError, PersonalDataError, QuestionError
from ragbot.index.reader import LibraryIndex
from ragbot.index.sync import sync
from ragbot.privacy.guard import guarded_document, guarded_question
from ragbot.privacy.thorough import analyzer, by_presidio, long_numbers, scan_thoroughly
from ragbot.types import Block, Document
from small_library import ALPHA, FIRST, SOURCE_BODIES

QUESTION = "My patient John Smith, MRN 4839201: is median survival 7.7 months with inotuzumab?"
LETTER = "Our patient Giulia Rossi, MRN 4839201, DOB 03/04/1961, was seen. "


def test_masking_a_question_tells_the_kinds_and_not_the_values():
    text, note = guarded_question(QUESTION, "mask")
    assert text.startswith("My patient [patient's name], MRN [record number]: is median survival")
    assert note == "Personal data was masked in the question: patient's name, record number."


def test_refusing_a_question_is_one_line_without_the_values():
    with pytest.raises(PersonalDataError) as caught:
        guarded_question(QUESTION, "refuse")
    assert isinstance(caught.value, QuestionError)
    assert "\n" not in str(caught.value)
    assert "RAGBOT_PERSONAL_DATA=mask" in str(caught.value)
    assert "Smith" not in str(caught.value)
    assert "4839201" not in str(caught.value)


@pytest.mark.parametrize("handling", ["refuse", "mask", "allow"])
def test_a_question_without_personal_data_is_untouched(handling):
    plain = "Is median survival 7.7 months with inotuzumab?"
    assert guarded_question(plain, handling) == (plain, "")


def test_allowed_is_untouched():
    assert guarded_question(QUESTION, "allow") == (QUESTION, "")


def document(text: str) -> Document:
    blocks = (Block("heading", 0, 5, 1), Block("paragraph", 6, len(text), heading_path=("Case",)))
    return Document("case-1", "source", "A case", text, blocks, "0" * 64, path="case-1.md")


def test_a_document_is_blackened_and_every_offset_stays():
    given = document(f"Cases\n{LETTER}Blinatumomab was given (author@example.org).")
    shown, told = guarded_document(given, "mask")
    assert len(shown.text) == len(given.text)
    assert shown.blocks == given.blocks
    assert told == "patient's name, record number, date of birth"
    for value in ("Giulia", "Rossi", "4839201", "03/04/1961"):
        assert value not in shown.text
    assert "author@example.org" in shown.text, "an author's address is no patient's"
    assert guarded_document(given, "allow") == (given, "")


def test_a_document_with_patient_data_is_refused_by_line():
    with pytest.raises(DocumentError, match=r"Source case-1\.md .*line 2") as caught:
        guarded_document(document(f"Cases\n{LETTER}"), "refuse")
    assert "Rossi" not in str(caught.value)


def test_presidio_reads_long_numbers_of_many_countries():
    text = "PESEL of the boy 44051401359, codice RSSMRA85T10A562S, Aadhaar 2341 2341 2346."
    assert long_numbers(text)
    found = {text[f.start : f.end]: f.kind for f in by_presidio(text)}
    assert found == dict.fromkeys(
        ("44051401359", "RSSMRA85T10A562S", "2341 2341 2346"), "national_id"
    )
    names = {entity for r in analyzer().get_recognizers() for entity in r.supported_entities}
    assert {"RECORD_NUMBER", "PATIENT_NAME", "UK_NHS", "PL_PESEL"} <= names
    ours = analyzer().analyze("MRN 4839201", language="en", entities=["RECORD_NUMBER"])
    assert [(r.start, r.end) for r in ours] == [(4, 11)]


def test_publications_do_not_call_presidio(monkeypatch):
    def fail(_text: str) -> None:
        raise AssertionError("Presidio was asked")

    monkeypatch.setattr("ragbot.privacy.thorough.by_presidio", fail)
    text = "PMID 289514691, doi:10.1182/blood2017081234567, NCT01207388, 1,234,567 of 2,345,678."
    assert scan_thoroughly(text) == ()


def test_ask_and_stream_keep_the_masked_question_only(shipped, tmp_path, caplog):
    database = tmp_path / "kept.sqlite"
    bot = Ragbot(shipped.model_copy(update={"database_url": f"sqlite:///{database}"}))
    with caplog.at_level(logging.DEBUG):
        answer = bot.ask(QUESTION.replace("7.7", "7.5"), "tp53-b-all")
        events = list(bot.stream(QUESTION, "tp53-b-all", answer.conversation_id))
    masked = "Personal data was masked in the question: patient's name, record number."
    for one in (answer, events[-1]):
        assert masked in one.notes
        assert one.text.count(masked) == 1
        assert "[patient's name]" in one.question
    turns = bot.conversations.turns(answer.conversation_id)
    assert len(turns) == 2
    assert "Smith" not in str(turns)
    assert b"Smith" not in database.read_bytes()
    assert b"4839201" not in database.read_bytes()
    assert "Smith" not in caplog.text


def test_a_refused_question_leaves_nothing(shipped, tmp_path):
    database = tmp_path / "kept.sqlite"
    changed = {"database_url": f"sqlite:///{database}", "personal_data": "refuse"}
    bot = Ragbot(shipped.model_copy(update=changed))
    for ask in (bot.ask, bot.trace, lambda *given: list(bot.stream(*given))):
        with pytest.raises(PersonalDataError):
            ask(QUESTION, "tp53-b-all")
    assert not database.exists() or b"Smith" not in database.read_bytes()


def everything_of(index) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(index.rglob("*")) if p.is_file())


def test_patient_data_of_a_document_reaches_no_file_of_the_index(small, small_corpus):
    small_corpus.write_source(FIRST, LETTER + SOURCE_BODIES[FIRST])
    report = sync(small.model_copy(update={"document_personal_data": "mask"}))
    assert report.failed == ()
    assert report.masked == (f"{FIRST}: patient's name, record number, date of birth",)
    held = everything_of(small.index / "generations")
    assert b"Rossi" not in held
    assert b"4839201" not in held
    masked = small.model_copy(update={"document_personal_data": "mask"})
    assert "7.7 versus 4.0" in LibraryIndex(masked).document(FIRST).text


def test_a_refused_document_is_reported_and_the_rest_is_in(small, small_corpus):
    small_corpus.write_source(FIRST, LETTER + SOURCE_BODIES[FIRST])
    report = sync(small)
    assert report.masked == ()
    assert [failure.path for failure in report.failed] == [f"{FIRST}.md"]
    assert report.documents == 4
    assert "RAGBOT_DOCUMENT_PERSONAL_DATA" in report.failed[0].error
    assert b"Rossi" not in everything_of(small.index / "generations")
    assert FIRST not in LibraryIndex(small).titles


@pytest.mark.parametrize("after", ["mask", "refuse"])
def test_what_was_once_allowed_does_not_stay_when_it_no_longer_is(small, small_corpus, after):
    small_corpus.write_source(FIRST, LETTER + SOURCE_BODIES[FIRST])
    sync(small.model_copy(update={"document_personal_data": "allow"}))
    assert b"Rossi" in everything_of(small.index / "generations")
    now = small.model_copy(update={"document_personal_data": after})
    sync(now)
    index = LibraryIndex(now)
    assert (FIRST in index.titles) is (after == "mask")
    assert b"Rossi" not in everything_of(small.index / "generations")
    assert ALPHA in index.articles()
