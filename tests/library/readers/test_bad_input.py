# ruff: noqa: E501
"""Bombs, loops and disguises: one clear line each, within the limits, in a child process."""

from __future__ import annotations

import io
import time
import zipfile
import zlib

import docx
import pytest
from making import MAKERS, pdf
from papers import PAPERS

from ragbot.errors import DocumentError
from ragbot.library.readers.child import MEMORY, SECONDS
from ragbot.library.readers.workers import Workers


@pytest.fixture(scope="module")
def workers():
    with Workers() as opened:
        yield opened


def refusal(workers: Workers, name: str, data: bytes) -> str:
    """The one line on why a file, or its only document, stays out."""
    try:
        (reading,) = workers.read(name, data)
        line = reading.failure or ""
    except DocumentError as error:
        line = str(error)
    assert line, "it was taken in"
    assert "\n" not in line
    return line


def docx_with(**members: bytes) -> bytes:
    written = io.BytesIO()
    docx.Document().save(written)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return written.getvalue()


def drawn(pages: list[bytes], compressed: bool = False, kids: bytes | None = None) -> bytes:
    """A PDF with these page contents, written by hand."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    numbers = b" ".join(b"%d 0 R" % (3 + 2 * i) for i in range(len(pages)))
    objects.append(b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids or numbers))
    for i, content in enumerate(pages):
        filters = b"/Filter/FlateDecode" if compressed else b""
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R/Resources"
            b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>" % (4 + 2 * i)
        )
        objects.append(b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters, content))
    data, offsets = b"%PDF-1.4\n", []
    for i, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (size, table, size, len(data))
    )


ENTITIES = (
    b"<!DOCTYPE PubmedArticleSet ["
    + b"".join(
        b'<!ENTITY e%d "%s">' % (i, b"&e%d;" % (i - 1) * 10 if i else b"lol") for i in range(9)
    )
    + b"]><PubmedArticleSet>&e8;</PubmedArticleSet>"
)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xml", ENTITIES, "entities"),
        ("a.xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><PubmedArticleSet>&a;'
         b"</PubmedArticleSet>", "entities"),
        ("a.xml", ENTITIES.decode().encode("utf-16"), "entities"),
        ("a.xml", b"<PubmedArticleSet><PubmedArticle></PubmedArticleSet>", "well-formed"),
        ("a.xml", b"<?xml version='1.0'?><svg></svg>", "another kind"),
        ("a.docx", b"PK\x03\x04 cut off", "damaged or cut-off"),
        ("a.pdf", b"", "empty"),
        ("a.txt", b"\0\0\0\0\n\n", "empty"),
        ("a.txt", bytes(range(1, 32)) * 100, "not text"),
        ("a.html", b"<html><body><p></p><p></p><p></p></body></html>", "no text"),
        ("a.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF", ""),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "image"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, ".docx"),
        ("a.rtf", rb"{\rtf1 hello}", "RTF"),
        ("a.gz", b"\x1f\x8b\x08" + b"x" * 50, "compressed"),
        ("a.ris", b"TY  - JOUR\nAU  - A, B\n", "cut off"),
        ("a.txt", b"A title\n\n" + b"x" * 1_000_000, "1000000 characters without a space"),
        ("a.md", b"---\ntitle: &a [x]\nb: *a\n---\nText of it.", "anchor"),
        ("a b.md", b"---\ntitle: T\n---\nText of it.", "cannot be an id"),
    ],
)  # fmt: skip
def test_one_clear_line_for(workers, name, data, said):
    assert said in refusal(workers, name, data)


def test_a_zip_bomb_in_a_word_file_is_refused_unread(workers):
    bomb = docx_with(**{"word/bomb.xml": b"\0" * 150_000_000})
    assert len(bomb) < 300_000
    began = time.monotonic()
    assert "unpacks to 150 MB" in refusal(workers, "a.docx", bomb)
    assert time.monotonic() - began < 5


def test_a_word_file_with_names_that_lead_out_is_refused(workers):
    assert "leads out" in refusal(workers, "a.docx", docx_with(**{"../../etc/x": b"x"}))


def test_many_nested_and_spanning_cells_stay_within_bounds(workers):
    cells = b'<td colspan="999999999" rowspan="999999999">x y z</td>' * 20
    page = b"<html><h1>A title of it</h1><table>" + (b"<tr>" + cells + b"</tr>") * 20 + b"</table>"
    readings = workers.read("a.html", page + b"<p>Some text below it.</p></html>")
    assert readings[0].title == "A title of it"
    deep = b"<div>" * 100_000 + b"<h1>A title</h1><p>Some text here.</p>" + b"</div>" * 100_000
    assert "no text" in refusal(workers, "b.html", b"<html>" + deep)


def test_a_small_pdf_that_unpacks_to_far_more_is_stopped():
    """One page of 68 KB that draws 20 million signs: more time or memory than it is allowed."""
    line = b"BT /F 8 Tf 10 700 Td (" + b"a" * 2000 + b") Tj ET\n"
    packed = zlib.compress(line * 10_000, 9)
    data = drawn([packed], compressed=True)
    assert len(data) < 100_000
    with Workers() as workers:
        began = time.monotonic()
        line_said = refusal(workers, "bomb.pdf", data)
        assert time.monotonic() - began < 3 * SECONDS + 5
        assert f"{MEMORY // 2**20} MB" in line_said or "longer than" in line_said
        good = pdf(PAPERS[0], 0)
        assert workers.read(good.name, good.data)[0].title == PAPERS[0].title


def test_a_file_that_takes_too_long_is_stopped_by_the_clock():
    line = b"BT /F 8 Tf 10 700 Td (" + b"a" * 2000 + b") Tj ET\n"
    data = drawn([zlib.compress(line * 3_000, 9)], compressed=True)
    with Workers(seconds=1.0) as workers:
        began = time.monotonic()
        assert "longer than 1 s" in refusal(workers, "slow.pdf", data)
        assert time.monotonic() - began < 4


def test_a_pdf_whose_pages_contain_themselves_ends(workers):
    data = drawn([b"BT /F 8 Tf (x) Tj ET"], kids=b"2 0 R 2 0 R")
    assert refusal(workers, "loop.pdf", data)


def test_a_scanned_pdf_says_so(workers):
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(600, 800))
    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 600, 800)
    canvas.showPage()
    canvas.save()
    line = refusal(workers, "scan.pdf", written.getvalue())
    assert "scanned" in line
    assert "OCR" in line
    canvas = Canvas(written := io.BytesIO(), pagesize=(600, 800))
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(50, 700, "A title that is in large letters")
    canvas.setFont("Helvetica", 10)
    canvas.drawString(50, 600, "This page has a text layer with a sentence in it.")
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 600, 800)
    canvas.save()
    (reading,) = workers.read("half.pdf", written.getvalue())
    assert reading.about.caveats == ("page 2 is scanned: what stands there is not read",)
    assert reading.notes[0] == reading.about.caveats[0]


def test_a_wrong_ending_is_told_and_read_by_content(workers):
    for make in MAKERS:
        made = make(PAPERS[2], 2)
        (reading,) = workers.read("thing.jpg", made.data)
        assert reading.title == PAPERS[2].title
        assert "though its name ends in .jpg" in reading.notes[0]


def test_invisible_turning_and_alike_signs_are_told(workers):
    text = (
        "A title of a text\n\nblinat\u200bumo\u00admab at 10\u2076 cells \u202eand\u202c more\0 of it. "
        "H\u2082O and 2\u00bd tablets of m\u00b2 and CD4\u207a. ble\u043emycin is no bleomycin."
    )
    (reading,) = workers.read("a.txt", text.encode())
    body = reading.parts[0].text
    assert body.startswith(
        "blinatumomab at 10^6 cells and more of it. H2O and 2 1/2 tablets of m^2 and CD4+."
    )
    notes = " ".join(reading.notes)
    assert "1 NUL bytes removed" in notes
    assert "1 invisible characters removed" in notes
    assert "2 signs that turn the direction" in notes
    assert "Cyrillic and Latin" in notes
    assert "ble\u043emycin" in notes


def test_a_line_of_a_million_characters_of_text_is_read(workers):
    text = b"A title of it\n\n" + b"Survival was 45% in this group of patients. " * 23_000
    assert len(text) > 1_000_000
    began = time.monotonic()
    (reading,) = workers.read("a.txt", text)
    assert len(reading.parts[0].text) > 1_000_000
    assert time.monotonic() - began < SECONDS


def test_a_file_without_a_title_is_named_after_itself(workers):
    long = "Survival was 45% in this group of patients, and it rose from then on. " * 9
    (reading,) = workers.read("2024_ward-notes.txt", long.encode())
    assert reading.title == "2024 ward notes"
    assert reading.parts[0].text == long.strip()
    assert "named after its file" in reading.notes[-1]


def test_other_encodings_are_told(workers):
    text = "Ein Titel\n\nDas Überleben lag bei 45 % der Fälle, für Männer und Frauen größer."
    for encoding in ("cp1252", "utf-16"):
        (reading,) = workers.read("a.txt", text.encode(encoding))
        assert "Überleben" in reading.parts[0].text
        assert "not UTF-8" in reading.notes[0]


def test_one_bad_record_leaves_the_others_in(workers):
    good = MAKERS[2](PAPERS[0], 0).data.decode()
    other = MAKERS[2](PAPERS[1], 0).data.decode()
    data = (
        good
        + "\r\nTY  - JOUR\r\nAU  - Nobody, N\r\nER  - \r\n"
        + other
        + "\r\nTY  - JOUR\r\nTI  - Cut"
    )
    readings = workers.read("a.ris", data.encode())
    assert [bool(r.failure) for r in readings] == [False, True, False, True]
    assert "has no title" in (readings[1].failure or "")
    assert "cut off" in (readings[3].failure or "")


def test_the_child_imports_nothing_heavy():
    import subprocess
    import sys

    program = (
        "import sys, ragbot.library.readers.child as c\n"
        "print([n for n in ('torch','numpy','pdfplumber','docx','lxml','pydantic','streamlit','Bio')"
        " if n in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
