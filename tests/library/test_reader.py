"""Files of the corpus: bytes, names, invisible signs, markers without a reference, links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ragbot.errors import CorpusMissingError, DocumentError
from ragbot.library.corpus import Failure, list_corpus, read_files, set_aside_duplicates
from ragbot.library.reader import read_document
from ragbot.types import Document
from small_library import ALPHA, FIRST

FRONT = "---\ntitle: T\nstatus: approved\nupdated: 2026-01-05\nreferences: {1: a, 2: b}\n---\n"


def read(folder: Path, body: str, front: str = FRONT) -> Document:
    path = folder / "name.md"
    path.write_bytes((front + body).encode())
    return read_document(path, "article")


def refusal(path: Path) -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(path, "article")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_line_ends_and_a_byte_order_mark_change_nothing_but_the_digest(tmp_path):
    body = "# Head\n\nFirst line\nsecond line [1].\n\n- item\n"
    plain = read(tmp_path, body)
    assert plain.text == "Head\nFirst line second line.\nitem"
    for altered in ((FRONT + body).replace("\n", "\r\n"), (FRONT + body).replace("\n", "\r")):
        other = read(tmp_path, "\ufeff" + altered, front="")
        assert (other.text, other.blocks, other.markers) == (
            plain.text,
            plain.blocks,
            plain.markers,
        )
        assert other.sha256 != plain.sha256


def test_signs_that_show_nothing_or_turn_the_text_are_left_out(tmp_path):
    hidden = "\u200b\u202e\u2066\u00ad\u061c\u009b\x1b\x00\ufeff\U000e0041\ufff9"
    document = read(
        tmp_path, f"Leu{hidden}kaemia [1].", FRONT.replace("title: T", f"title: T{hidden}5")
    )
    assert document.text == "Leukaemia."
    assert document.title == "T5"


def test_line_separators_are_line_ends(tmp_path):
    assert (
        read(tmp_path, "One\u2028two\u2029three\x0bfour\x85five.").text
        == "One two three four five."
    )


@pytest.mark.parametrize("body", ["", "  \n\n", "\u200b", "[1]", "<!-- later -->", "---\n"])
def test_a_body_without_text_is_refused(tmp_path, body):
    path = tmp_path / "name.md"
    path.write_bytes((FRONT + body).encode())
    assert "has no text" in refusal(path)


def test_comments_are_for_the_authors(tmp_path):
    text = read(
        tmp_path, "Before. <!-- ask Kim: is it 45%? --> After.\n\n<!--\n# Hidden\n-->\n"
    ).text
    assert text == "Before.  After."


def test_bytes_that_are_not_utf8_are_refused_with_their_place(tmp_path):
    path = tmp_path / "name.md"
    path.write_bytes(FRONT.encode() + b"caf\xe9")
    assert f"byte {len(FRONT) + 3}" in refusal(path)
    path.write_bytes((FRONT + "text").encode("utf-16"))
    assert "not UTF-8" in refusal(path)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        ".hidden.md",
        "a b.md",
        "é.md",
        "-a.md",
        "a\nb.md",
        "a\u202eb.md",
        "x" * 101 + ".md",
    ],
)
def test_a_name_that_cannot_be_an_id_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_text(FRONT + "Text.", encoding="utf-8")
    with pytest.raises(DocumentError, match="cannot be an id"):
        read_document(path, "article")


def test_a_file_that_is_gone_or_a_folder_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "gone.md")
    (tmp_path / "folder.md").mkdir()
    assert "cannot be read" in refusal(tmp_path / "folder.md")


@pytest.mark.parametrize(
    ("body", "number"),
    [("Text [3].", 3), ("Text [1, 12].", 12), ("Text [1-3].", 3), ("# Head [0]\n\nText.", 0)],
)
def test_a_marker_without_a_reference_is_named(tmp_path, body, number):
    path = tmp_path / "name.md"
    path.write_bytes((FRONT + body).encode())
    message = refusal(path)
    assert f"cites [{number}]" in message
    assert f"Add {number} to references" in message


def test_a_source_has_no_markers_and_needs_no_references(tmp_path):
    path = tmp_path / "name.md"
    path.write_text(
        "---\ntitle: T\n---\nSurvival was 45% [12]. Age 45 [18-75].\n", encoding="utf-8"
    )
    source = read_document(path, "source")
    assert source.text == "Survival was 45%. Age 45 [18-75]."
    assert source.markers == ()


def test_the_digest_is_that_of_the_bytes(tmp_path, small_corpus):
    listed = {file.document_id: file for file in list_corpus(small_corpus.folder)}
    assert read_document(listed[FIRST].path, "source").sha256 == listed[FIRST].sha256
    assert len(listed) == 5


def test_only_files_of_the_two_folders_are_listed(small_corpus):
    folder = small_corpus.folder
    target = folder.parent / "elsewhere.md"
    target.write_text(FRONT + "Text.", encoding="utf-8")
    (folder / "articles" / "link.md").symlink_to(target)
    (folder / "articles" / "loop.md").symlink_to(folder / "articles" / "loop.md")
    (folder / "articles" / "folder.md").mkdir()
    (folder / "articles" / "note.txt").write_text("x", encoding="utf-8")
    (folder / "top.md").write_text(FRONT + "Text.", encoding="utf-8")
    os.mkfifo(folder / "articles" / "pipe.md")
    names = {file.document_id for file in list_corpus(folder)}
    assert names == {path.stem for path in folder.rglob("*.md")} - {
        "link", "loop", "folder", "top", "pipe",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["gone", "empty", "file", "x" * 5000])
def test_a_corpus_without_documents_is_missing(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(CorpusMissingError, match="--corpus or RAGBOT_CORPUS"):
        list_corpus(tmp_path / name)


def test_an_id_that_two_files_have_goes_to_the_article(small_corpus):
    small_corpus.write_source(ALPHA, "The same name.")
    kept, failures = set_aside_duplicates(list_corpus(small_corpus.folder))
    assert [file.kind for file in kept if file.document_id == ALPHA] == ["article"]
    assert [Path(failure.path).parent.name for failure in failures] == ["sources"]
    assert "Rename one of the two" in failures[0].error


def test_a_bad_file_among_good_ones_is_a_failure_of_its_own(small_corpus):
    small_corpus.article("broken").write_text("no front matter", encoding="utf-8")
    entries = list(read_files(list_corpus(small_corpus.folder)))
    failures = [entry for entry in entries if isinstance(entry, Failure)]
    assert [Path(failure.path).name for failure in failures] == ["broken.md"]
    assert len(entries) == 6
