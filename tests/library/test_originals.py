"""A passage of a PDF opens its page with the passage marked."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from PIL import Image
from readers_files import PAPERS, pdf, ris
from reportlab.pdfgen.canvas import Canvas

from ragbot.errors import StorageError, UnknownDocumentError
from ragbot.library.adding import Wishes, add_files
from ragbot.library.originals import Originals
from ragbot.library.reader import read_document


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A corpus, the id of a PDF of it, and of a document that is no PDF."""
    folder = tmp_path_factory.mktemp("originals")
    paths = []
    for made in (pdf(PAPERS[0], 1), ris(PAPERS[1], 0)):
        paths.append(folder / made.name)
        paths[-1].write_bytes(made.data)
    reports = add_files(paths, folder / "corpus", Wishes())
    return folder / "corpus", *(r.documents[0].document_id for r in reports)


def test_the_page_is_drawn_and_the_passage_marked(added):
    corpus, name, _ = added
    text = read_document(corpus / "sources" / f"{name}.md", "source").text
    passage = PAPERS[0].passages[4]
    start = text.index(passage)
    drawn = Originals(corpus).page_image(name, [(start, start + len(passage))])
    image = Image.open(io.BytesIO(drawn.png)).convert("RGB")
    assert image.size == (drawn.width, drawn.height) == (1000, drawn.height)
    assert drawn.boxes
    for x0, top, x1, bottom in drawn.boxes:
        colours = image.crop((int(x0), int(top), int(x1), int(bottom))).getcolors(1 << 20)
        marked = sum(n for n, (r, g, b) in colours or [] if b < 180 < min(r, g))
        whole = sum(n for n, _ in colours or [])
        assert marked > whole / 3
    left = image.crop((0, 0, 20, drawn.height)).getcolors(1 << 20)
    assert left == [(20 * drawn.height, (255, 255, 255))]


def test_what_has_no_page_says_so(added):
    corpus, name, other = added
    originals = Originals(corpus)
    with pytest.raises(UnknownDocumentError, match="No page is known"):
        originals.page_image(other, [(0, 10)])
    with pytest.raises(UnknownDocumentError, match="No page is known"):
        originals.page_image(name, [(10_000_000, 10_000_001)])
    with pytest.raises(UnknownDocumentError, match="has no original"):
        originals.page_image("unheard-of", [(0, 10)])
    with pytest.raises(UnknownDocumentError, match="is no id"):
        originals.page_image("../x", [(0, 10)])


def test_a_record_that_does_not_read_is_told(added, tmp_path):
    originals = Originals(tmp_path)
    originals.folder.mkdir()
    (originals.folder / "a.json.gz").write_bytes(b"no gzip")
    with pytest.raises(StorageError, match="does not read back"):
        originals.origin("a")
    (originals.folder / "a.json.gz").write_bytes(gzip.compress(b"{}"))
    with pytest.raises(StorageError, match="does not read back"):
        originals.origin("a")


def test_a_page_that_shows_part_of_its_sheet_is_marked_where_the_words_are(tmp_path):
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(600, 800))
    canvas.setCropBox((40, 60, 560, 760))
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(80, 700, "A title that is in large letters")
    canvas.setFont("Helvetica", 10)
    for at in range(8):
        canvas.drawString(
            80, 600 - 14 * at, f"This is sentence number {at} of a text in one column."
        )
    canvas.save()
    path = tmp_path / "crop.pdf"
    path.write_bytes(written.getvalue())
    (report,) = add_files([path], tmp_path / "corpus", Wishes())
    name = report.documents[0].document_id
    text = read_document(tmp_path / "corpus" / "sources" / f"{name}.md", "source").text
    start = text.index("number 3")
    drawn = Originals(tmp_path / "corpus").page_image(name, [(start, start + len("number 3"))])
    image = Image.open(io.BytesIO(drawn.png)).convert("L")
    (box,) = drawn.boxes
    inside = image.crop(tuple(map(int, box))).getcolors(256)
    assert sum(n for n, shade in inside if shade < 120) > 50
