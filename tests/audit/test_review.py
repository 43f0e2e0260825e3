"""An article is reviewed step by step, by a name, with the audit's figures, in a log."""

from __future__ import annotations

import json
import threading

import pytest

from ragbot.audit.report import AuditedStatement, AuditReport
from ragbot.audit.review import LOG, Wish, move, steps
from ragbot.errors import CheckFailedError, StorageError, UsageError
from ragbot.library.reader import read_document
from small_library import BETA


@pytest.fixture
def corpus(small_corpus):
    path = small_corpus.article(BETA)
    path.write_text(path.read_text("utf-8").replace("status: approved", "status: submitted"))
    return small_corpus.folder


def report(corpus, *verdicts):
    path = corpus / "articles" / f"{BETA}.md"
    article = read_document(path, "article")
    statements = tuple(
        AuditedStatement(0, 4, "Text", 4, (1,), "", verdict, 0.9, "") for verdict in verdicts
    )
    return AuditReport(BETA, article.title, article.sha256, article.article.status, statements, ())


def status(corpus):
    return read_document(corpus / "articles" / f"{BETA}.md", "article").article.status


def test_the_steps_are_taken_in_order_with_name_date_and_figures(corpus):
    move(corpus, report(corpus, "supported"), Wish("under_review", "Dr. A. Reviewer"))
    assert status(corpus) == "under_review"
    wish = Wish("approved", "Dr. B. Editor", "read in full")
    step = move(corpus, report(corpus, "supported", "supported"), wish)
    assert status(corpus) == "approved"
    assert step.figures == {"supported": 2, "contradicted": 0, "unsupported": 0, "missing": 0}
    logged = steps(corpus, BETA)
    assert [(s.before, s.after, s.name) for s in logged] == [
        ("submitted", "under_review", "Dr. A. Reviewer"),
        ("under_review", "approved", "Dr. B. Editor"),
    ]
    assert logged[0].sha256_after == logged[1].sha256_before
    path = corpus / "articles" / f"{BETA}.md"
    assert read_document(path, "article").sha256 == logged[1].sha256_after
    assert steps(corpus, "another") == []


@pytest.mark.parametrize("to", ["approved", "submitted", "published"])
def test_no_step_is_skipped_or_made_up(corpus, to):
    with pytest.raises(UsageError):
        move(corpus, report(corpus, "supported"), Wish(to, "Dr. A. Reviewer", "why"))
    assert status(corpus) == "submitted"
    assert not (corpus / LOG).exists()


@pytest.mark.parametrize("name", ["", "  ", "7", "--"])
def test_no_step_without_a_name(corpus, name):
    with pytest.raises(UsageError, match="--by"):
        move(corpus, report(corpus, "supported"), Wish("under_review", name))


@pytest.mark.parametrize("verdict", ["contradicted", "unsupported", "missing"])
def test_what_the_audit_speaks_against_is_approved_only_with_a_reason(corpus, verdict):
    move(corpus, report(corpus, verdict), Wish("under_review", "Dr. A. Reviewer"))
    with pytest.raises(CheckFailedError, match=f"1 {verdict}"):
        move(corpus, report(corpus, verdict), Wish("approved", "Dr. A. Reviewer"))
    assert status(corpus) == "under_review"
    accepted = Wish("approved", "Dr. A. Reviewer", accept="the paper was read in print")
    assert move(corpus, report(corpus, verdict), accepted).accepted == "the paper was read in print"


def test_back_to_submitted_needs_a_reason(corpus):
    move(corpus, report(corpus, "supported"), Wish("under_review", "Dr. A. Reviewer"))
    with pytest.raises(UsageError, match="reason"):
        move(corpus, report(corpus, "supported"), Wish("submitted", "Dr. A. Reviewer"))
    move(corpus, report(corpus, "supported"), Wish("submitted", "Dr. A. Reviewer", "new trial"))
    assert status(corpus) == "submitted"


def test_an_article_that_changed_since_its_audit_is_not_moved(corpus):
    audited = report(corpus, "supported")
    path = corpus / "articles" / f"{BETA}.md"
    path.write_text(path.read_text("utf-8") + "\nMore text [1].\n")
    with pytest.raises(UsageError, match="not the one that was audited"):
        move(corpus, audited, Wish("under_review", "Dr. A. Reviewer"))


def test_a_changed_or_missing_line_of_the_log_is_seen(corpus):
    for to in ("under_review", "approved"):
        move(corpus, report(corpus, "supported"), Wish(to, "Dr. A. Reviewer"))
    log = corpus / LOG
    whole = log.read_bytes()
    first, second = whole.splitlines()
    log.write_bytes(first.replace(b"Reviewer", b"Somebody") + b"\n" + second + b"\n")
    with pytest.raises(StorageError, match="Line 2"):
        steps(corpus)
    log.write_bytes(second + b"\n")
    with pytest.raises(StorageError, match="Line 1"):
        steps(corpus)
    log.write_bytes(whole)
    assert len(steps(corpus)) == 2
    assert json.loads(second)["previous"] != json.loads(first)["previous"]


def test_of_two_at_the_same_time_one_step_is_taken(corpus):
    audited = report(corpus, "supported")
    outcomes = []

    def go():
        try:
            move(corpus, audited, Wish("under_review", "Dr. A. Reviewer"))
            outcomes.append("moved")
        except UsageError:
            outcomes.append("refused")

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "refused", "refused", "refused"]
    assert len(steps(corpus)) == 1
