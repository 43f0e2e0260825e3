"""What is taken along: the same words, the same numbers, the disclaimer once."""

from __future__ import annotations

import html
import io
import re
import zipfile
from xml.etree import ElementTree

import pypdfium2
import pytest
from markdown_it import MarkdownIt

from ragbot.types import Answer, Citation, Claim, Turn
from ragbot.ui.export import Record, answer_as_text, as_markdown, cited_once, markdown_text
from ragbot.ui.export_pdf import as_pdf, undrawable
from ragbot.ui.export_word import NAMESPACE, as_word

from .strings import CLINICAL

DISCLAIMER = "No liability. 5*10^9/L."


def shown_by_markdown(written: str) -> str:
    """What a reader sees of Markdown, by the rules most programs share."""
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(written)
    return html.unescape(re.sub(r"<[^>]*>", "", rendered)).strip("\n")


def citation(marker: str, quote: str, key: str, **known: str) -> Citation:
    return Citation(
        key, marker, "source", f"s{marker}", f"Title {marker}", "", quote, 0, 1, **known
    )


def an_answer(question: str = "Is it <5%?", *, abstained: bool = False) -> Answer:
    citations = (
        citation("4", "OS was 18.2% (p<0.001)", "k1", doi="10.1000/x_1"),
        citation("L1", "5*10^9/L", "k2", pmid="123"),
        citation("4", "again", "k3"),
    )
    claims = (
        Claim("OS was 18.2%.", ("4",), "supported", 0.9, ("k1",)),
        Claim("It was 7.", ("L1", "4"), "unsupported", 0.1, ("k2", "k3")),
    )
    return Answer(
        question,
        "Is the share <5% in adults?",
        "a",
        "c",
        abstained,
        "nothing answers this" if abstained else "",
        "The library does not answer this." if abstained else "whole",
        DISCLAIMER,
        "extractive",
        "0" * 12,
        claims=() if abstained else claims,
        citations=() if abstained else citations,
    )


def record(*answers: Answer) -> Record:
    turns = [Turn(n, "2026-11-23T10:11:12.000+00:00", a) for n, a in enumerate(answers)]
    return Record("A *title*", "Review status: submitted.", turns)


def test_plain_text_has_the_markers_the_verdicts_and_the_references_once() -> None:
    lines = answer_as_text(an_answer()).splitlines()
    assert "OS was 18.2%. [4]" in lines
    assert "It was 7. [L1][4] (not supported by its passage)" in lines
    assert "[4] Title 4. https://doi.org/10.1000/x_1" in lines
    assert "[L1] Title L1. https://pubmed.ncbi.nlm.nih.gov/123/" in lines
    assert answer_as_text(an_answer()).count(DISCLAIMER) == 1


def test_one_reference_for_each_marker_in_the_order_of_first_use() -> None:
    assert [c.key for c in cited_once(an_answer().citations)] == ["k1", "k2"]


def test_markdown_shows_what_was_said_and_the_disclaimer_once() -> None:
    written = as_markdown(
        [record(an_answer(), an_answer("And *why*?", abstained=True))], DISCLAIMER
    )
    shown = shown_by_markdown(written)
    assert "A *title*" in shown
    assert "Is it <5%?" in shown
    assert "Understood as: Is the share <5% in adults?" in shown
    assert "OS was 18.2% (p<0.001)" in shown
    assert "The library does not answer this." in shown
    assert shown.count(DISCLAIMER) == 1


def test_word_opens_with_the_same_words() -> None:
    packed = as_word(record(an_answer("Is it <5% & \x0b 5*10^9/L?")), DISCLAIMER)
    with zipfile.ZipFile(io.BytesIO(packed)) as parts:
        assert parts.testzip() is None
        for name in parts.namelist():
            ElementTree.fromstring(parts.read(name))
        root = ElementTree.fromstring(parts.read("word/document.xml"))
    said = ["".join(p.itertext()) for p in root.iter(f"{{{NAMESPACE}}}p")]
    assert "Is it <5% & 5*10^9/L?" in said
    assert "[4] OS was 18.2% (p<0.001)" in said
    assert said.count(DISCLAIMER) == 1


def words_of_pdf(packed: bytes) -> str:
    with pypdfium2.PdfDocument(packed) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return "\n".join(pages).replace("\r", "")


def test_a_pdf_holds_the_same_words_and_its_font() -> None:
    answers = (an_answer("Is it <5% & 5*10^9/L, α–β ≥ ½ of $m^2$?"), an_answer(abstained=True))
    packed = as_pdf(record(*answers), DISCLAIMER)
    said = words_of_pdf(packed)
    assert "Is it <5% & 5*10^9/L, α–β ≥ ½ of $m^2$?" in said
    assert "[4] OS was 18.2% (p<0.001)" in said
    assert "The library does not answer this." in said
    assert said.count(DISCLAIMER) == 1
    assert b"/FontFile2" in packed


def test_every_clinical_string_that_the_pdf_takes_is_in_it_as_written() -> None:
    drawable = [s for s in CLINICAL if not undrawable(Record(s, "", ()), DISCLAIMER)]
    assert len(drawable) >= 300
    turns = [
        Turn(n, "2026-11-23T10:11:12.000+00:00", an_answer(said)) for n, said in enumerate(drawable)
    ]
    shown = " ".join(words_of_pdf(as_pdf(Record("T", "", turns), DISCLAIMER)).split())
    missing = [said for said in drawable if " ".join(said.split()) not in shown]
    assert missing == []


def test_what_the_pdf_cannot_show_is_named() -> None:
    assert undrawable(Record("中文 <5%", "", ()), DISCLAIMER) == "中文"
    assert "א" in undrawable(Record("א", "", ()), DISCLAIMER)  # it would run the wrong way
    assert undrawable(record(an_answer()), DISCLAIMER) == ""


def test_word_shows_every_clinical_string_as_written() -> None:
    turns = [
        Turn(n, "2026-11-23T10:11:12.000+00:00", an_answer(said)) for n, said in enumerate(CLINICAL)
    ]
    with zipfile.ZipFile(io.BytesIO(as_word(Record("T", "", turns), DISCLAIMER))) as parts:
        root = ElementTree.fromstring(parts.read("word/document.xml"))
    said = {"".join(p.itertext()) for p in root.iter(f"{{{NAMESPACE}}}p")}
    assert {" ".join(one.split()) for one in CLINICAL} <= said


@pytest.mark.parametrize("said", CLINICAL)
def test_markdown_shows_clinical_strings_as_they_are(said: str) -> None:
    assert shown_by_markdown(markdown_text(said)) == said
