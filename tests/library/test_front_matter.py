"""Front matter: what is taken in, and what is refused in one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragbot.errors import DocumentError
from ragbot.library.reader import read_document
from ragbot.types import Document, DocumentKind, Reference

ARTICLE = "title: T\nstatus: approved\nupdated: 2026-01-05\n"


def read(
    folder: Path, front: str, kind: DocumentKind = "article", body: str = "A sentence."
) -> Document:
    path = folder / "name.md"
    path.write_bytes(f"---\n{front}\n---\n{body}\n".encode())
    return read_document(path, kind)


def refusal(path: Path, kind: DocumentKind = "article") -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(path, kind)
    message = str(caught.value)
    assert path.name in message
    assert caught.value.remedy
    assert "\n" not in message
    assert len(message) < 600
    return message


def refused(folder: Path, front: str, kind: DocumentKind = "article") -> str:
    path = folder / "name.md"
    path.write_bytes(f"---\n{front}\n---\nA sentence.\n".encode())
    return refusal(path, kind)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "no front matter"),
        ("A sentence.\n", "no front matter"),
        ("\n---\ntitle: T\n---\nText.\n", "no front matter"),
        ("---\ntitle: T\nText.\n", "not closed"),
        ("---", "not closed"),
        ("---\n---\nText.\n", "not a mapping"),
        ("---\n- a\n- b\n---\nText.\n", "not a mapping"),
        ("---\njust words\n---\nText.\n", "not a mapping"),
    ],
)
def test_a_block_that_is_missing_or_unclosed_or_no_mapping_is_refused(tmp_path, written, says):
    path = tmp_path / "name.md"
    path.write_text(written, encoding="utf-8")
    assert says in refusal(path)


@pytest.mark.parametrize(
    "front",
    [
        "title: a: b",
        "title: 'unclosed",
        "title: [1, 2",
        "\ttitle: T",
        "title: @handle",
        "title: !!python/object/apply:os.system ['true']",
        "title: !!timestamp 2024-13-45",
        "title: !!int " + "9" * 5000,
        "title: " + "[" * 20_000,
        "title: " + "{a: " * 5_000,
        "? [a, b]\n: c",
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(tmp_path, front):
    assert "not valid YAML" in refused(tmp_path, front)


def test_a_yaml_error_names_the_line_of_the_file(tmp_path):
    assert "line 4" in refused(tmp_path, "title: T\nstatus: approved\nupdated: a: b")


@pytest.mark.parametrize(
    "front",
    [
        "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\ntitle: *c",
        "title: &t T\nstatus: *t",
        "title: &t T",
        "defaults: &d {status: approved}\n<<: *d\ntitle: T",
    ],
)
def test_anchors_and_aliases_are_refused(tmp_path, front):
    assert "anchor or alias" in refused(tmp_path, front)


def test_signs_of_anchors_within_text_are_just_text(tmp_path):
    assert read(tmp_path, ARTICLE + "topics: [R&D at AT&T, 5*10^9/L]").article.topics == (
        "R&D at AT&T",
        "5*10^9/L",
    )


def test_a_front_matter_beyond_the_limit_is_refused_by_its_size(tmp_path):
    assert "more than 100000" in refused(tmp_path, ARTICLE + "x: " + "y" * 100_001)


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("status: approved\nupdated: 2026-01-05", "title: None"),
        ("title:\nstatus: approved\nupdated: 2026-01-05", "title: None"),
        ("title: '  '\nstatus: approved\nupdated: 2026-01-05", "title"),
        ("title: [a]\nstatus: approved\nupdated: 2026-01-05", "title: ['a']"),
        ("title: {a: b}\nstatus: approved\nupdated: 2026-01-05", "title: {'a': 'b'}"),
        ("title: T\nstatus: published\nupdated: 2026-01-05", "'published'"),
        ("title: T\nstatus: Approved\nupdated: 2026-01-05", "submitted or under_review or"),
        ("title: T\nupdated: 2026-01-05", "status: None"),
        ("title: T\nstatus: approved", "updated: None"),
        (ARTICLE + "references: []", "references: []"),
        (ARTICLE + "references: one", "references: 'one'"),
        (ARTICLE + "references: {one: source}", "'one'"),
        (ARTICLE + "references: {0: source}", "0"),
        (ARTICLE + "references: {-1: source}", "-1"),
        (ARTICLE + "references: {1.5: source}", "1.5"),
        (ARTICLE + "references: {true: source}", "True"),
        (ARTICLE + "references: {1: }", "under 1"),
        (ARTICLE + "references: {1: ''}", "under 1"),
        (ARTICLE + "references: {1: [a]}", "under 1"),
        (ARTICLE + "references: {1: {missing: true}}", "under 1"),
        (ARTICLE + "references: {1: {missing: true, citation: ' '}}", "under 1"),
        (ARTICLE + "references: {1: a, 1: b}", "1 is given twice"),
        (ARTICLE + "title: Another", "'title' is given twice"),
        (ARTICLE + "topics: {a: b}", "topics"),
        (ARTICLE + "topics: [[a]]", "topics"),
    ],
)
def test_an_article_field_of_the_wrong_kind_is_named_with_its_value(tmp_path, front, says):
    assert says in refused(tmp_path, front)


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("title: T\nyear: '2020'", "year: '2020'"),
        ("title: T\nyear: MMXX", "year: 'MMXX'"),
        ("title: T\nyear: true", "year: True"),
        ("title: T\nsample_size: 1,234", "sample_size: '1,234'"),
        ("title: T\nsample_size: 12.5", "sample_size: '12.5'"),
        ("title: T\nretracted: maybe", "retracted: 'maybe'"),
        ("title: T\nretracted: 1", "retracted: 1"),
        ("title: T\nauthors: {first: A}", "authors"),
        ("title: T\njournal: !!binary aGVsbG8=", "journal"),
    ],
)
def test_a_source_field_of_the_wrong_kind_is_named_with_its_value(tmp_path, front, says):
    assert says in refused(tmp_path, front, "source")


def test_a_long_wrong_value_is_shown_cut(tmp_path):
    assert "..." in refused(tmp_path, f"{ARTICLE}references: [{'x' * 5000}]")


def test_references_are_read_in_both_forms(tmp_path):
    front = ARTICLE + (
        "references:\n  1: trial-2019\n"
        "  2: {missing: true, citation: 'Hof and\n    others, 2011'}\n"
    )
    assert read(tmp_path, front).article.references == (
        Reference(1, "trial-2019"),
        Reference(2, None, "Hof and others, 2011"),
    )


def test_an_article_without_references_has_none(tmp_path):
    assert read(tmp_path, ARTICLE).article.references == ()
    assert read(tmp_path, ARTICLE + "references:").article.references == ()


def test_texts_are_taken_as_written(tmp_path):
    """YAML 1.1 would make 83, 10.1, 750, false and 1000 of these."""
    front = (
        "title: 12:30\npmid: 0123\ndoi: 10.10\njournal: No\npopulation: 1_000\ndesign: 2024-01-05\n"
        "licence: 1e3\ncontent: true"
    )
    bibliography = read(tmp_path, front, "source").bibliography
    assert (bibliography.pmid, bibliography.doi) == ("0123", "10.10")
    assert (bibliography.journal, bibliography.population) == ("No", "1_000")
    assert (bibliography.design, bibliography.licence) == ("2024-01-05", "1e3")
    assert bibliography.content == "true"
    assert read(tmp_path, front, "source").title == "12:30"


def test_a_source_may_leave_everything_out_but_its_title(tmp_path):
    bibliography = read(tmp_path, "title: T\nyear:\ndoi: ~\nauthors:", "source").bibliography
    assert (bibliography.year, bibliography.doi, bibliography.authors) == (None, None, ())
    assert bibliography.title_complete
    assert not bibliography.retracted


def test_a_source_keeps_what_it_says_of_itself(tmp_path):
    front = (
        "title: A trial\nauthors: [Hof J, Müller K]\nyear: 2011\nsample_size: 362\n"
        "retracted: true\ntitle_complete: false\ncaveats: one only"
    )
    held = read(tmp_path, front, "source").bibliography
    assert held.authors == ("Hof J", "Müller K")
    assert (held.year, held.sample_size) == (2011, 362)
    assert held.retracted
    assert not held.title_complete
    assert held.caveats == ("one only",)
