"""The verbs of an editor: audit, missing, link, review, metadata."""

from __future__ import annotations

import json

import pytest

from ragbot.index.sync import sync
from ragbot.library.reader import read_document
from small_library import ALPHA, BETA, FIRST, SECOND

TITLE = "A registry of made-up transplants in relapsed leukaemia"
CITATION = f"Example AB. {TITLE}. Blood. 2020."


@pytest.fixture
def changed(small, small_corpus):
    """An article with a wrong figure, an unused and an unlinked reference."""
    small_corpus.write_source(
        FIRST,
        "In relapsed B-ALL with a TP53 mutation median overall survival was 7.7 months with "
        "inotuzumab versus 4.0 months with chemotherapy. Veno-occlusive disease occurred in 11% "
        "of patients given inotuzumab.",
    )
    path = small_corpus.article(ALPHA)
    text = path.read_text("utf-8").replace("7.7 months", "9.9 months")
    path.write_text(
        text.replace("  3: ", f'  9:\n    missing: true\n    citation: "{CITATION}"\n  3: ')
    )
    sync(small)
    return small


def test_audit_gates_and_tells_the_figure(changed, ragbot, tmp_path):
    page = tmp_path / "audit.html"
    done = ragbot(changed, "audit", ALPHA, "--json", "--html", str(page))
    assert done.returncode == 1
    report = json.loads(done.stdout)["articles"][0]
    text = read_document(changed.corpus / "articles" / f"{ALPHA}.md", "article").text
    for one in report["statements"]:
        assert text[one["start"] : one["end"]] == one["text"]
    wrong = [one for one in report["statements"] if one["verdict"] == "contradicted"]
    assert len(wrong) == 1
    assert "9.9 months is not in the source" in wrong[0]["reason"]
    assert report["counts"]["contradicted"] == 1
    unused = [r["number"] for r in report["references"] if r["cited"] == 0]
    assert unused == [9]
    html = page.read_text("utf-8")
    assert "9.9 months is not in the source" in html
    assert "<script" not in html
    table = ragbot(changed, "audit", ALPHA, "--threshold", "0.1")
    assert table.returncode == 0
    assert "contradicted" in table.stdout


def test_audit_of_a_file_that_changed_since_is_refused(changed, ragbot):
    path = changed.corpus / "articles" / f"{ALPHA}.md"
    path.write_text(path.read_text("utf-8") + "\nMore [1].\n")
    done = ragbot(changed, "audit", ALPHA)
    assert done.returncode == 3
    assert "ragbot index" in done.stderr
    assert "Traceback" not in done.stderr


def test_audit_of_no_article(changed, ragbot):
    done = ragbot(changed, "audit", "no-such-article")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_missing_and_link(changed, ragbot, small_corpus):
    listed = json.loads(ragbot(changed, "missing", "--json").stdout)["missing"]
    assert [(one["article"], one["number"]) for one in listed] == [(ALPHA, 9)]
    assert TITLE in ragbot(changed, "missing", ALPHA, "--export", "ris").stdout
    assert ragbot(changed, "missing", "--export", "docx").returncode == 2
    small_corpus.write_source("registry-2020", "Text of the registry.", TITLE)
    shown = ragbot(changed, "link", ALPHA)
    assert "is registry-2020 (by title" in shown.stdout
    before = (changed.corpus / "articles" / f"{ALPHA}.md").read_text("utf-8")
    assert "registry-2020" not in before
    applied = ragbot(changed, "link", ALPHA, "--apply")
    assert applied.returncode == 0
    article = read_document(changed.corpus / "articles" / f"{ALPHA}.md", "article")
    reference = next(r for r in article.article.references if r.number == 9)
    assert (reference.source_id, reference.citation) == ("registry-2020", CITATION)
    corrected = ragbot(changed, "link", ALPHA, "--set", f"9={SECOND}")
    assert corrected.returncode == 0
    article = read_document(changed.corpus / "articles" / f"{ALPHA}.md", "article")
    assert {r.number: r.source_id for r in article.article.references}[9] == SECOND
    assert ragbot(changed, "link", ALPHA, "--set", "9=nothing").returncode == 2
    assert ragbot(changed, "missing", "nowhere").returncode == 2


def test_review_is_refused_in_words_and_logged_when_taken(small, small_corpus, ragbot):
    path = small_corpus.article(BETA)
    path.write_text(path.read_text("utf-8").replace("status: approved", "status: submitted"))
    sync(small)
    assert ragbot(small, "review", BETA, "--to", "under_review").returncode == 2
    assert ragbot(small, "review", BETA, "--to", "approved", "--by", "A. Reader").returncode == 2
    taken = ragbot(small, "review", BETA, "--to", "under_review", "--by", "A. Reader", "--json")
    assert taken.returncode == 0, taken.stderr
    assert json.loads(taken.stdout)["after"] == "under_review"
    shown = ragbot(small, "review", BETA)
    assert "under_review by A. Reader" in shown.stdout
    sync(small)
    refused = ragbot(small, "review", BETA, "--to", "approved", "--by", "A. Reader")
    accepted = ragbot(
        small, "review", BETA, "--to", "approved", "--by", "A. Reader", "--accept", "read in full"
    )
    assert (refused.returncode, accepted.returncode) in {(1, 0), (0, 2)}
    assert "status: approved" in path.read_text("utf-8")


def test_metadata_fetches_nothing_by_default(small, small_corpus, ragbot):
    sync(small)
    done = ragbot(small, "metadata", FIRST, "--consent")
    assert done.returncode == 2
    assert "RAGBOT_FETCH_METADATA" in done.stderr
    unreachable = ragbot(
        small,
        "metadata",
        FIRST,
        "--consent",
        "--json",
        RAGBOT_FETCH_METADATA="1",
        RAGBOT_CROSSREF_URL="http://127.0.0.1:9",
    )
    assert unreachable.returncode == 3
    assert json.loads(unreachable.stdout)["failed"] == 1
    assert "Traceback" not in unreachable.stderr
