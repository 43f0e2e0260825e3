"""Files of every format, made by the tests, against the papers they were made from."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from making import MAKERS, Made, pdf, word
from papers import PAPERS, Paper

from ragbot.library.chunking import chunk_document
from ragbot.library.composing import composed
from ragbot.library.originals import merged
from ragbot.library.reader import document_of
from ragbot.library.readers import File, Reading, read_file

DESIGNS = (
    "Randomized Controlled Trial",
    "Clinical Trial, Phase II",
    "Observational Study",
    "Review",
)
FILES = [make(paper, shape) for make in MAKERS for shape, paper in enumerate(PAPERS)]
FILES += [pdf(paper, shape + 1) for shape, paper in enumerate(PAPERS)]
FILES += [word(paper, shape + 1) for shape, paper in enumerate(PAPERS)]
WANTED_SHARE = 0.98


def wanted(paper: Paper) -> dict[str, object]:
    return {
        "title": paper.title, "authors": paper.names, "journal": paper.journal, "year": paper.year,
        "doi": paper.doi, "pmid": paper.pmid, "pmcid": paper.pmcid, "licence": paper.licence,
        "retracted": paper.retracted, "volume": paper.volume, "pages": paper.pages,
        "sample_size": paper.sample_size,
        "design": next((d.lower() for d in DESIGNS if d in paper.types), None),
    }  # fmt: skip


def got(reading: Reading) -> dict[str, object]:
    extra = dict(reading.extra)
    about = {name: getattr(reading.about, name) for name in reading.about.__slots__}
    return {
        **about,
        "title": reading.title,
        "volume": extra.get("volume"),
        "pages": extra.get("pages"),
    }


def read(made: Made) -> Reading:
    (reading,) = read_file(File(made.name, made.data))
    assert reading.failure is None
    return reading


def test_there_are_files_enough_of_every_format():
    assert len(FILES) >= 60
    formats = [read_file(File(made.name, made.data))[0].format for made in FILES[::2]]
    assert {"pubmed", "nbib", "ris", "bibtex", "jats", "docx", "html", "pdf"} <= set(formats)


def test_at_least_98_of_100_fields_are_right():
    wrong, fields = [], 0
    for made in FILES:
        reading, paper = got(read(made)), wanted(made.paper)
        for name in sorted(made.says):
            fields += 1
            if reading[name] != paper[name]:
                wrong.append(f"{made.name} {name}: {reading[name]!r}, not {paper[name]!r}")
    print(f"{fields - len(wrong)} of {fields} fields right")
    assert fields > 500
    assert len(wrong) <= (1 - WANTED_SHARE) * fields, "\n".join(wrong)


@pytest.mark.parametrize("made", FILES, ids=lambda made: made.name)
def test_every_passage_stands_in_the_text_at_its_offset(made):
    reading = read(made)
    assert reading.kind == "source"
    document = document_of(composed(reading, {}, {}).markdown.encode(), "x.md", "source")
    for passage in made.passages:
        start = document.text.find(passage)
        assert start >= 0, passage
        assert any(block.start <= start < block.end for block in document.blocks)
    for chunk in chunk_document(document, words=120):
        assert document.text[chunk.start : chunk.end] == chunk.text


@pytest.mark.parametrize(
    "made", [m for m in FILES if m.name.endswith(".pdf")], ids=lambda m: m.name
)
def test_the_boxes_of_a_passage_hold_its_words_on_the_page(made):
    """Read back by another library: PDFium, from the boxes alone."""
    reading = read(made)
    made_file = composed(reading, {}, {})
    opened = pypdfium2.PdfDocument(io.BytesIO(made.data))
    assert len(reading.pages) == len(opened)
    pages = [page.get_textpage() for page in opened]
    heights = [page.get_height() for page in opened]
    for passage in made.passages:
        start = made_file.text.index(passage)
        end = start + len(passage)
        places = merged([p for p in made_file.places if p.start < end and start < p.end])
        assert places
        found = " ".join(
            pages[p.page - 1].get_text_bounded(
                p.x0 - 1, heights[p.page - 1] - p.bottom, p.x1 + 1, heights[p.page - 1] - p.top
            )
            for p in places
        )
        missing = set(re.findall(r"[a-z]{5,}", passage)) - set(re.findall(r"[a-z]{5,}", found))
        assert len(missing) <= 2, (missing, found)


def test_citation_numbers_of_a_source_are_no_part_of_its_text():
    for made in FILES:
        text = composed(read(made), {}, {}).text
        assert not re.search(r"\[\d|\]|\ufdd3", text), made.name


def test_two_columns_come_in_reading_order():
    for shape, paper in enumerate(PAPERS):
        made = pdf(paper, shape if shape % 2 else shape + 1)
        text = composed(read(made), {}, {}).text
        places = [text.index(passage) for passage in paper.passages]
        assert places == sorted(places), made.name
        running = f"{paper.journal} {paper.year};"
        assert running not in text


def test_words_broken_at_line_ends_are_whole_again():
    text = composed(read(pdf(PAPERS[0], 1)), {}, {}).text
    for whole in (
        "haematopoietic",
        "immunophenotyping",
        "relapse-free",
        "well-defined",
        "low-risk",
    ):
        assert whole in text


def test_references_of_a_paper_are_kept_apart():
    for made in FILES:
        if made.name.startswith(("full-", "page-", "one-", "two-")):
            entries = read(made).entries
            assert [entry.doi for entry in entries[:2]] == ["10.1000/one", None], made.name
