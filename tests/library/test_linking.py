"""References are matched by identifiers, then by title, author and year; the rest is listed."""

from __future__ import annotations

import bibtexparser
import pytest
import rispy

from ragbot.errors import DocumentError
from ragbot.library.editing import rewrite, with_reference, with_value
from ragbot.library.linking import link_article, match_source, read_citation
from ragbot.library.reader import read_document
from ragbot.library.shopping import written
from ragbot.types import Bibliography, Document

TITLE = "Mutations of a made-up gene in acute lymphoblastic leukaemia of adults"
VANCOUVER = f"Example AB, Sample C. {TITLE}. Blood. 2019;133(4):1234-40."


def source(name="example-2019", title=TITLE, **known):
    known = {"authors": ("Anna B. Example",), "year": 2019} | known
    return Document(name, "source", title, "Text.", (), "0", bibliography=Bibliography(**known))


def test_a_reference_is_read():
    cited = read_citation(f"{VANCOUVER} doi:10.1182/Blood-2018-11-884254. PMID: 30510024")
    assert cited.doi == "10.1182/blood-2018-11-884254"
    assert cited.pmid == "30510024"
    assert cited.title == TITLE
    assert cited.authors == ("Example", "Sample")
    assert cited.year == 2019


def test_what_is_not_recognised_stays_unknown():
    cited = read_citation("Hof and colleagues. J Clin Oncol, 2011. (Title was not seen.)")
    assert (cited.doi, cited.pmid, cited.title, cited.authors) == (None, None, "", ())
    assert cited.year == 2011


@pytest.mark.parametrize(
    ("citation", "known", "by"),
    [
        ("Somebody. doi:10.1000/ABC.", {"doi": "10.1000/abc"}, "doi"),
        ("Somebody. https://doi.org/10.1000/abc", {"doi": "10.1000/ABC"}, "doi"),
        ("Somebody. PMID 123456", {"pmid": "123456"}, "pmid"),
        (VANCOUVER, {}, "title"),
        (VANCOUVER, {"doi": "10.1000/abc"}, "title"),
        (VANCOUVER.replace("leukaemia", "leukemia"), {}, "title"),
    ],
)
def test_certain_matches(citation, known, by):
    found = match_source(read_citation(citation), [source(**known), source("other", "Another one")])
    assert [(m.source_id, m.by) for m in found] == [("example-2019", by)]
    assert found[0].score >= 0.9


@pytest.mark.parametrize(
    ("citation", "known"),
    [
        (f"{VANCOUVER} doi:10.1000/other", {"doi": "10.1000/abc"}),
        (f"{VANCOUVER} PMID 999", {"pmid": "123456"}),
        ("Example AB. A wholly different work on another subject. Blood. 2019.", {}),
        ("Example AB. 2019.", {}),
    ],
)
def test_no_match(citation, known):
    assert match_source(read_citation(citation), [source(**known)]) == []


def test_another_year_and_author_is_a_suggestion_only():
    other = VANCOUVER.replace("2019", "2009").replace("Example AB", "Stranger Q")
    found = match_source(read_citation(other), [source()])
    assert 0.7 <= found[0].score < 0.9


def test_an_identifier_leaves_no_other():
    both = [source("by-title"), source("by-doi", "Something else entirely here", doi="10.1000/abc")]
    found = match_source(read_citation(f"{VANCOUVER} doi:10.1000/abc"), both)
    assert [m.source_id for m in found] == ["by-doi"]


FRONT = """---
title: "An article"
status: submitted   # a comment
updated: 2026-01-05
references:
  1: first-source
  15:
    missing: true
    citation: "{citation}"
  16: third-source
---
Text one [1]. Text two [15]. Text three [16].
"""


def article_in(tmp_path, citation=VANCOUVER):
    path = tmp_path / "an-article.md"
    path.write_text(FRONT.format(citation=citation), encoding="utf-8")
    return path


def test_an_articles_missing_references_are_linked_and_named_ones_kept(tmp_path):
    article = read_document(article_in(tmp_path), "article")
    sources = {s.id: s for s in (source("first-source", "First"), source())}
    linked = link_article(article, sources)
    assert [one.number for one in linked] == [15, 16]
    assert linked[0].match.source_id == "example-2019"
    assert (linked[1].named, linked[1].match) == ("third-source", None)


def test_two_equal_candidates_are_no_certain_match(tmp_path):
    article = read_document(article_in(tmp_path), "article")
    linked = link_article(article, {s.id: s for s in (source("one"), source("two"))})
    first = next(one for one in linked if one.number == 15)
    assert first.match is None
    assert {m.source_id for m in first.suggestions} == {"one", "two"}


def test_a_mapping_is_written_into_the_front_matter_and_the_citation_kept(tmp_path):
    path = article_in(tmp_path)
    before = path.read_text("utf-8")
    rewrite(path, with_reference(before, 15, "example-2019"), "article")
    article = read_document(path, "article")
    references = {r.number: r for r in article.article.references}
    assert references[15].source_id == "example-2019"
    assert references[15].citation == VANCOUVER
    assert references[16].source_id == "third-source"
    after = path.read_text("utf-8")
    assert after.splitlines()[-1] == before.splitlines()[-1]
    assert "    source: example-2019\n" in after
    again = with_reference(after, 15, "second-choice")
    assert "source: second-choice" in again
    assert "example-2019" not in again
    assert "  1: other\n" in with_reference(after, 1, "other")


def test_a_value_is_replaced_or_added():
    text = FRONT.format(citation="x")
    assert "\nstatus: approved\n" in with_value(text, "status", "approved")
    added = with_value(text, "retracted", "true")
    assert added.index("retracted: true") < added.index("Text one")
    with pytest.raises(DocumentError):
        with_value(text, "status", "a: b\nc")
    with pytest.raises(DocumentError, match="no reference 99"):
        with_reference(text, 99, "x")
    with pytest.raises(DocumentError):
        with_value("no front matter", "status", "approved")


def test_what_does_not_read_back_leaves_the_file_as_it_was(tmp_path):
    path = article_in(tmp_path)
    before = path.read_bytes()
    with pytest.raises(DocumentError):
        rewrite(path, with_value(before.decode(), "status", "nonsense"), "article")
    assert path.read_bytes() == before


def wanted(tmp_path):
    citation = f"{VANCOUVER} doi:10.1182/blood-1 PMID: 30510024"
    article = read_document(article_in(tmp_path, citation), "article")
    return [("an-article", one) for one in link_article(article, {"first-source": source()})]


def test_the_shopping_list_reads_back_in_reference_managers(tmp_path):
    listed = wanted(tmp_path)
    ris = rispy.loads(written(listed, "ris"))
    assert ris[0]["title"] == TITLE
    assert ris[0]["doi"] == "10.1182/blood-1"
    assert ris[0]["authors"] == ["Example", "Sample"]
    assert ris[0]["year"] == "2019"
    assert "Reference 15 of an-article" in ris[0]["notes"][0]
    bibtex = bibtexparser.loads(written(listed, "bibtex")).entries
    assert {entry["ID"]: entry.get("doi") for entry in bibtex} == {
        "an-article-15": "10.1182/blood-1",
        "an-article-16": None,
    }
    assert written(listed, "pmids") == "30510024\n"
    assert written(listed, "pubmed") == "30510024[uid]\n"


def test_nothing_is_filled_in_for_what_is_not_known(tmp_path):
    entry = rispy.loads(written(wanted(tmp_path)[1:], "ris"))[0]
    assert set(entry) <= {"type_of_reference", "notes", "id"}
