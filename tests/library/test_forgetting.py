"""What is deleted is gone from the originals too; what is moved or renamed keeps its own."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import zipfile
import zlib
from pathlib import Path

import pytest
from filelock import FileLock
from readers_files import PAPERS, nbib, pdf, word

from ragbot.errors import StorageError, UnknownDocumentError
from ragbot.index.sync import sync
from ragbot.library.adding import Wishes, add_files
from ragbot.library.forgetting import AT_ONCE, forget_originals, lost_at_once
from ragbot.library.originals import LOCK, Originals
from ragbot.library.reader import read_document
from ragbot.settings import Settings

FLATE = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def added(
    folder: Path, corpus: Path, *files: tuple[str, bytes], replace: bool = False
) -> list[str]:
    paths = []
    for name, data in files:
        paths.append(folder / name)
        paths[-1].write_bytes(data)
    reports = add_files(paths, corpus, Wishes(replace=replace))
    return [d.document_id for r in reports for d in r.documents]


def unpacked(path: Path) -> bytes:
    """All that a file holds, compressed or not, the text of a PDF read."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            return b"".join(map(held.read, held.namelist()))
    if data.startswith(b"%PDF"):
        import pypdfium2

        pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]
        return "\n".join(pages).encode()
    try:
        return data + zlib.decompress(data)
    except zlib.error:
        return data


def files_with(folder: Path, *words: str) -> list[str]:
    """The files below `folder` that hold one of `words`, compressed or not."""
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and "models" not in path.parts
        and (held := b" ".join(unpacked(path).lower().split()))
        and any(word.encode() in held for word in words)
    ]


def test_a_deleted_document_is_in_no_file_any_more(small: Settings, tmp_path: Path):
    corpus = small.corpus
    made = [pdf(PAPERS[0], 0), word(PAPERS[1], 0), nbib(PAPERS[2], 0)]
    gone = added(tmp_path, corpus, *((one.name, one.data) for one in made))
    staying = pdf(PAPERS[3], 0).data
    (kept,) = added(tmp_path, corpus, ("kept.pdf", staying))
    again = word(PAPERS[0], 0)  # another original takes the first one's place, which is kept too
    assert added(tmp_path, corpus, (again.name, again.data), replace=True) == gone[:1]
    by_hand = tmp_path / f"{gone[1]}.md"
    by_hand.write_text(f"---\ntitle: {PAPERS[1].title}\n---\nWords of the handwritten version.\n")
    assert added(tmp_path, corpus, (by_hand.name, by_hand.read_bytes()), replace=True) == gone[1:2]
    titles = [" ".join(paper.title.lower().split()[:3]) for paper in PAPERS[:3]]
    telling = ["the handwritten version", *titles]
    assert sync(small).forgotten == ()
    before = files_with(tmp_path / "corpus", *telling)
    assert {Path(name).suffix for name in before} >= {".pdf", ".docx", ".nbib", ".md"}
    assert files_with(small.index, *telling)
    for name in gone:
        (corpus / "sources" / f"{name}.md").unlink()
    report = sync(small)
    assert sorted(report.forgotten) == sorted(gone)
    assert report.removed == len(gone)
    assert files_with(corpus, *telling) == []
    assert files_with(small.index, *telling) == []
    assert Originals(corpus).records() == [kept]
    assert Originals(corpus).path(kept).read_bytes() == staying


@pytest.fixture
def held(tmp_path: Path) -> tuple[Path, str]:
    """A corpus with a PDF, and the PDF's id."""
    made = pdf(PAPERS[0], 0)
    (name,) = added(tmp_path, tmp_path / "corpus", (made.name, made.data))
    return tmp_path / "corpus", name


def test_a_renamed_document_takes_its_original_along(held):
    corpus, name = held
    before = corpus / "sources" / f"{name}.md"
    before.rename(before.with_name("another-name.md"))
    assert forget_originals(corpus) == []
    originals = Originals(corpus)
    assert originals.records() == ["another-name"]
    document = read_document(corpus / "sources" / "another-name.md", "source")
    start = document.text.index(PAPERS[0].passages[1])
    assert originals.origin_of(document) is not None
    assert originals.page_image("another-name", [(start, start + 20)]).boxes


@pytest.mark.parametrize("to", ["articles", "sources/older", "drafts"])
def test_a_moved_document_keeps_its_original(held, to):
    corpus, name = held
    (corpus / to).mkdir(parents=True)
    (corpus / "sources" / f"{name}.md").rename(corpus / to / f"{name}.md")
    assert forget_originals(corpus) == []
    assert Originals(corpus).path(name).is_file()


def test_documents_of_one_file_go_each_by_its_own_text(tmp_path):
    corpus = tmp_path / "corpus"
    data = b"\n".join(nbib(paper, 0).data for paper in PAPERS[:3])
    first, second, third = added(tmp_path, corpus, ("three.nbib", data))
    for name, to in ((first, "x"), (second, "y")):
        (corpus / "sources" / f"{name}.md").rename(corpus / "sources" / f"{to}.md")
    assert forget_originals(corpus) == []
    originals = Originals(corpus)
    for name in ("x", "y", third):
        document = read_document(corpus / "sources" / f"{name}.md", "source")
        assert originals.origin_of(document) is not None
    (corpus / "sources" / "x.md").unlink()  # the file holds its text: it goes, for all three
    assert forget_originals(corpus) == ["x"]
    assert files_with(corpus, max(PAPERS[0].passages[0].split(), key=len)) == []
    with pytest.raises(StorageError, match="cannot be read"):
        originals.path("y")


def test_nothing_is_removed_while_somebody_adds_or_a_file_is_unclear(held):
    corpus, name = held
    (corpus / "sources" / f"{name}.md").unlink()
    with FileLock(corpus / LOCK):
        assert forget_originals(corpus) == []
    (corpus / "sources" / "unclear.md").write_text("---\ntitle: [\n---\nText.\n")
    assert forget_originals(corpus) == []
    (corpus / "sources" / "unclear.md").unlink()
    assert forget_originals(corpus) == [name]
    with pytest.raises(UnknownDocumentError):
        Originals(corpus).path(name)


def test_a_text_changed_by_hand_has_no_places_in_its_original(held):
    corpus, name = held
    path = corpus / "sources" / f"{name}.md"
    assert Originals(corpus).origin_of(read_document(path, "source")) is not None
    path.write_text(path.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    assert Originals(corpus).origin_of(read_document(path, "source")) is None


def test_originals_stay_where_most_documents_are_gone_at_once(tmp_path):
    corpus = tmp_path / "corpus"
    made = [nbib(paper, 0).data for paper in PAPERS[: AT_ONCE + 1]]
    names = added(tmp_path, corpus, ("many.nbib", b"\n".join(made)))
    assert len(names) == AT_ONCE + 1
    (corpus / "sources").rename(tmp_path / "away")
    (corpus / "sources").mkdir()
    assert lost_at_once(corpus) == sorted(names)
    assert forget_originals(corpus) == []
    shutil.rmtree(corpus / "sources")
    (tmp_path / "away").rename(corpus / "sources")
    assert lost_at_once(corpus) == []
    originals = Originals(corpus)
    for name in names:
        document = read_document(corpus / "sources" / f"{name}.md", "source")
        assert originals.origin_of(document) is not None
