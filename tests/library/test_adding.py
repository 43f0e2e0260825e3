"""Files taken into a corpus folder: whole or not at all, nothing twice, nothing lost."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from readers_files import PAGES, PAPERS, bibtex, jats, nbib, pdf, ris, word

from ragbot.errors import DocumentError, StorageError, UnknownDocumentError
from ragbot.library.adding import FileReport, Wishes, add_files
from ragbot.library.corpus import corpus_files
from ragbot.library.originals import Originals
from ragbot.library.reader import read_document
from ragbot.types import Document
from small_library import SmallCorpus


def put(folder: Path, *made: object) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = []
    for one in made:
        path = folder / one.name
        path.write_bytes(one.data)
        paths.append(path)
    return paths


def add(paths: list[Path], corpus: Path, **wishes: object) -> list[FileReport]:
    return add_files(paths, corpus, Wishes(**wishes))


def held(corpus: Path) -> dict[str, str]:
    """Every file of the corpus with its digest; the lock is no content."""
    return {
        str(p.relative_to(corpus)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(corpus.rglob("*"))
        if p.is_file() and p.name != ".adding.lock"
    }


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "box"


def test_articles_and_sources_are_told_apart_and_read_as_corpus_files(corpus, box):
    paths = put(box, jats(PAPERS[0], 0), pdf(PAPERS[1], 1), word(PAPERS[3], 0))
    reports = add([*paths, PAGES / "linked.html"], corpus)
    assert [r.status for r in reports] == ["added"] * 4
    kinds = [r.documents[0].kind for r in reports]
    assert kinds == ["source", "source", "source", "article"]
    for path, kind in corpus_files(corpus):
        document = read_document(path, kind)
        assert document.text
    assert (
        corpus / "sources" / "muller-2019-asparaginase-activity-trough-adults-test.md"
    ).is_file()
    article = read_document(
        corpus / "articles" / "does-inotuzumab-help-in-tp53-altered-b-all.md", "article"
    )
    assert article.article is not None
    assert article.article.status == "submitted"
    assert article.article.updated == "2026-11-03"
    assert [r.source_id for r in article.article.references] == [None] * 4
    assert article.article.references[1].citation.endswith("PMID: 10000002")


def test_the_original_bytes_are_kept_under_their_digest(corpus, box):
    made = pdf(PAPERS[0], 1)
    (report,) = add(put(box, made), corpus)
    originals = Originals(corpus)
    name = report.documents[0].document_id
    path = originals.path(name)
    assert path.read_bytes() == made.data
    assert path.name == f"{hashlib.sha256(made.data).hexdigest()}.pdf"
    origin = originals.origin(name)
    assert origin is not None
    assert (origin.name, origin.format) == (made.name, "PDF")
    document = read_document(corpus / "sources" / f"{name}.md", "source")
    start = document.text.index(PAPERS[0].passages[1])
    places = originals.places(name, start, start + 40)
    assert places
    assert all(place.page >= 1 and place.x1 > place.x0 for place in places)
    path.write_bytes(made.data + b"x")
    with pytest.raises(StorageError, match="digest differs"):
        originals.path(name)


def test_added_again_nothing_changes(corpus, box):
    paths = [*put(box, pdf(PAPERS[0], 0), ris(PAPERS[1], 0)), PAGES / "bare.html"]
    add(paths, corpus)
    before = held(corpus)
    again = add(paths, corpus)
    assert [r.status for r in again] == ["unchanged"] * 3
    assert held(corpus) == before


def test_what_is_in_the_library_by_doi_pmid_or_title_stays_unless_replaced(corpus, box):
    add(put(box, nbib(PAPERS[0], 0)), corpus)
    before = held(corpus)
    (path,) = put(box, jats(PAPERS[0], 0))
    (report,) = add([path], corpus)
    assert report.status == "refused"
    assert "DOI is in the library already, as muller-2019" in report.documents[0].error
    assert held(corpus) == before
    (report,) = add([path], corpus, replace=True)
    assert report.status == "replaced"
    name = report.documents[0].document_id
    text = read_document(corpus / "sources" / f"{name}.md", "source").text
    assert PAPERS[0].passages[0] in text
    assert set(before) <= set(held(corpus))  # the earlier original is still there
    assert any(p.suffix == ".md" for p in (corpus / "originals").iterdir())


def test_two_publications_may_share_a_title(corpus, box):
    first = ris(PAPERS[0], 0)
    other = first.data.replace(b"10.1000/jrt.2019.0101", b"10.1000/another").replace(
        b"90000001", b"7"
    )
    (path,) = put(box, first)
    add([path], corpus)
    (box / "other.ris").write_bytes(other)
    (report,) = add([box / "other.ris"], corpus)
    assert report.status == "added"
    assert report.documents[0].document_id.startswith("muller-2019-asparaginase-activity")
    assert len(corpus_files(corpus)) == 2


def test_a_file_of_many_records_gives_as_many_sources(corpus, box):
    data = b"\n".join(bibtex(paper, 0).data for paper in PAPERS)
    box.mkdir()
    path = box / "all.bib"
    path.write_bytes(data + b"\n@article{broken, title = {Not closed\n")
    (report,) = add([path], corpus)
    assert report.status == "refused"
    assert [d.status for d in report.documents] == ["added"] * len(PAPERS) + ["refused"]
    assert len(corpus_files(corpus)) == len(PAPERS)


def test_bad_files_leave_the_library_as_it_was_and_the_rest_in(corpus, box):
    good = ris(PAPERS[0], 0)
    paths = put(box, good)
    add(paths, corpus)
    before = held(corpus)
    bad = box / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 broken")
    link = box / "link.ris"
    link.symlink_to(paths[0])
    fifo = box / "fifo"
    os.mkfifo(fifo)
    reports = add([bad, link, fifo, box / "none.pdf"], corpus)
    assert [r.status for r in reports] == ["refused"] * 4
    for report, said in zip(
        reports, ("", "symbolic link", "no regular file", "No such file"), strict=True
    ):
        assert said in report.error
        assert "\n" not in report.error
    assert held(corpus) == before


def test_names_cannot_lead_out_of_the_corpus(corpus, box):
    box.mkdir()
    path = box / "..%2f..%2fetc.md"
    path.write_text("---\ntitle: T\n---\nSome text of it.")
    (report,) = add([path], corpus)
    assert "cannot be an id" in report.error
    path = box / "x.ris"
    path.write_text(
        "TY  - JOUR\nTI  - ../../../etc/passwd\nAU  - ../.., A\nAB  - Some text of it.\nER  - \n"
    )
    (report,) = add([path], corpus)
    assert report.status == "added"
    assert "/" not in report.documents[0].document_id
    assert sorted(p.name for p in corpus.iterdir()) == [".adding.lock", "originals", "sources"]


def test_a_markdown_file_is_taken_as_it_is(corpus, box):
    small = SmallCorpus(box)
    path = small.write_source("trial-2019", "The trial randomised 326 adults.", "A trial of it")
    article = small.write_article(
        "on-relapse", "Survival fell [1].", {1: "trial-2019"}, "On relapse"
    )
    reports = add([path, article], corpus)
    assert [r.documents[0].kind for r in reports] == ["source", "article"]
    assert (corpus / "sources" / "trial-2019.md").read_bytes() == path.read_bytes()
    path.write_bytes(path.read_bytes() + b"\nMore text.\n")
    (report,) = add([path], corpus)
    assert "is taken by sources/trial-2019.md" in report.documents[0].error
    (report,) = add([path], corpus, replace=True)
    assert report.status == "replaced"


def test_a_dry_run_keeps_nothing(corpus, box):
    paths = [*put(box, pdf(PAPERS[0], 0)), PAGES / "linked.html"]
    reports = add(paths, corpus, dry_run=True)
    assert [r.status for r in reports] == ["added", "added"]
    assert not corpus.exists()


def test_folders_are_walked_and_what_is_no_document_is_skipped(corpus, box):
    put(box, ris(PAPERS[0], 0))
    put(box / "inner", nbib(PAPERS[1], 0))
    put(box / "page_files", nbib(PAPERS[2], 0))
    (box / "style.css").write_text("p {}")
    (box / ".hidden.ris").write_text("x")
    reports = add([box], corpus)
    assert sorted((Path(r.path).name, r.status) for r in reports) == [
        ("manager-asparaginase.ris", "added"), ("medline-registry.nbib", "added"),
        ("style.css", "skipped"),
    ]  # fmt: skip


def test_as_a_source_or_as_an_article_when_told_so(corpus, box):
    (report,) = add([PAGES / "linked.html"], corpus, kind="source")
    assert report.documents[0].kind == "source"
    box.mkdir()
    path = box / "note.txt"
    path.write_text("What helps?\n\nRest helps most adults with fatigue 1.\n\nSo does company 2.\n")
    (report,) = add([path], corpus, kind="article")
    document = read_document(
        corpus / "articles" / f"{report.documents[0].document_id}.md", "article"
    )
    assert [m.numbers for m in document.markers] == [(1,), (2,)]


def test_a_guard_may_blacken_or_refuse(corpus, box):
    made = jats(PAPERS[0], 0)
    (path,) = put(box, made)

    def refuse(document: Document) -> tuple[Document, str]:
        if "bilirubin" in document.text:
            raise DocumentError("It names a patient.", remedy="Take the name out.")
        return document, ""

    def blacken(document: Document) -> tuple[Document, str]:
        text = document.text.replace("bilirubin", "█" * 9).replace("Arm", "███")
        return replace(document, text=text), "a name"

    (report,) = add([path], corpus, guard=refuse)
    assert "names a patient" in report.documents[0].error
    assert not (corpus / "sources").exists()
    (report,) = add([path], corpus, guard=blacken)
    assert report.status == "added"
    name = report.documents[0].document_id
    text = read_document(corpus / "sources" / f"{name}.md", "source").text
    assert "█████████ was at most 3 times" in text
    assert "███ | Adults | Activity" in text
    for file in corpus.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert b"bilirubin" not in (gzip.decompress(data) if file.suffix == ".gz" else data)
    with pytest.raises(UnknownDocumentError, match="has no original"):
        Originals(corpus).path(name)
