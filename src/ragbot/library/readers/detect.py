"""What a file is, told from its bytes and not from its name."""

from __future__ import annotations

import io
import re
import zipfile

from ragbot.errors import DocumentError

FORMATS = {
    "pdf": "PDF",
    "docx": "Word",
    "pubmed": "PubMed XML",
    "jats": "JATS XML",
    "nbib": "MEDLINE",
    "ris": "RIS",
    "bibtex": "BibTeX",
    "html": "HTML",
    "markdown": "Markdown",
    "text": "plain text",
}
ENDINGS = {
    "pdf": {".pdf"},
    "docx": {".docx"},
    "pubmed": {".xml"},
    "jats": {".xml", ".nxml"},
    "nbib": {".nbib", ".txt", ".medline"},
    "ris": {".ris", ".txt"},
    "bibtex": {".bib", ".bibtex", ".txt"},
    "html": {".html", ".htm", ".xhtml"},
    "markdown": {".md", ".markdown", ".txt"},
    "text": {".txt", ".text", ".md", ".markdown"},
}
NOT_TAKEN = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file", "Save it as .docx."),
    (b"{\\rtf", "an RTF file", "Save it as .docx."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"7z\xbc\xaf", "an archive", "Unpack it first."),
    (b"Rar!", "an archive", "Unpack it first."),
    (b"BZh", "a compressed file", "Unpack it first."),
    (b"\xfd7zXZ", "a compressed file", "Unpack it first."),
    (b"\x89PNG", "an image", "Run it through text recognition, and add the text."),
    (b"\xff\xd8\xff", "an image", "Run it through text recognition, and add the text."),
    (b"GIF8", "an image", "Run it through text recognition, and add the text."),
    (b"II*\x00", "an image", "Run it through text recognition, and add the text."),
    (b"%!PS", "PostScript", "Convert it to PDF."),
    (b"\x7fELF", "a program", "Add a document."),
    (b"MZ\x90", "a program", "Add a document."),
    (b"SQLite format 3", "a database", "Add a document."),
)
HEAD = 4096
HTML_TAG = re.compile(
    r"<(?:p|div|h[1-6]|span|ul|ol|li|br|a|body|head|meta|article|main)\b[^<>]*>", re.I
)
NBIB = re.compile(r"^\s*PMID-\s*\d+", re.M)
RIS = re.compile(r"^\s*TY  ?- ?\S*", re.M)
BIBTEX = re.compile(r"^\s*@(?!comment|preamble|string)[a-z]+\s*[{(]", re.I | re.M)
XML_ROOT = re.compile(r"<(?!\?|!)(?:[\w.-]+:)?([\w.-]+)")
DECLARED = re.compile(rb"(?:encoding|charset)\s*=\s*[\"']?\s*([A-Za-z0-9._-]{2,30})", re.I)
MOST_CONTROLS = 0.02
NONCHARACTERS = re.compile("[\ufdd0-\ufdef]")


def format_of(data: bytes) -> str:
    """The key of FORMATS that `data` is. Raises DocumentError for what cannot be taken in."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise DocumentError("It is empty.", remedy="Add a file that holds text.")
    for start, what, remedy in NOT_TAKEN:
        if data.startswith(start):
            raise DocumentError(f"It is {what}, which is not read.", remedy=remedy)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK"):
        return _zipped(data)
    text, _ = decoded(data)
    return _text_format(text)


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise DocumentError(
            f"It is a damaged or cut-off Word file or archive ({error}).", remedy="Get it again."
        ) from error
    if "word/document.xml" in names:
        return "docx"
    raise DocumentError(
        "It is an archive or another Office file, which is not read.",
        remedy="Unpack it and add the files, or save it as .docx or PDF.",
    )


def _text_format(text: str) -> str:
    head = text[:HEAD].lstrip()
    if head.startswith("<?xml") or head[:9].lower() == "<!doctype" or head.startswith("<"):
        kind = _marked_up(text)
        if kind:
            return kind
    if re.match(r"---[ \t]*\n", head):
        return "markdown"
    for key, pattern in (("nbib", NBIB), ("ris", RIS), ("bibtex", BIBTEX)):
        found = pattern.search(text[: HEAD * 4])
        if found and len(text[: found.start()].split()) <= 60:
            return key
    if len(HTML_TAG.findall(text[: HEAD * 16])) >= 3:
        return "html"
    return "text"


def _marked_up(text: str) -> str | None:
    head = re.sub(r"<!--.*?-->", "", text[: HEAD * 4], flags=re.S)
    if re.search(r"<!doctype\s+html|<html[\s>]", head, re.I):
        return "html"
    found = XML_ROOT.search(re.sub(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", "", head, flags=re.S))
    root = found[1] if found else ""
    if root in {"PubmedArticleSet", "PubmedArticle", "PubmedBookArticle"}:
        return "pubmed"
    if root in {"pmc-articleset", "OAI-PMH"} or (
        root == "article"
        and re.search(r"<(?:front|article-meta)\b|dtd-version|article-type=", text)
    ):
        return "jats"
    if head.startswith("<?xml"):
        raise DocumentError(
            f"It is XML of another kind (<{root[:40]}>), which is not read.",
            remedy="PubMed and JATS XML are; save another kind as PDF, Word or RIS.",
        )
    return None


def decoded(data: bytes) -> tuple[str, str | None]:
    """The text of `data`, and the encoding if it is not UTF-8.

    Raises DocumentError if it is not text.
    """
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _as(data, name), name.upper()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _guessed(data)
    return _checked(text), None


def _as(data: bytes, encoding: str) -> str:
    try:
        return _checked(data.decode(encoding))
    except (UnicodeError, LookupError) as error:
        raise DocumentError(
            f"It is no readable {encoding.upper()} text.", remedy="Save it as UTF-8."
        ) from error


def _guessed(data: bytes) -> tuple[str, str]:
    declared = DECLARED.search(data[:2048])
    if declared:
        name = declared[1].decode("ascii")
        if name.lower() not in {"utf-8", "utf8"}:
            try:
                return _checked(data.decode(name)), name.lower()
            except (UnicodeError, LookupError):
                pass
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000]).best()
    if best is None:
        raise DocumentError("It is no text in a known encoding.", remedy="Save it as UTF-8.")
    return _checked(data.decode(best.encoding, errors="replace")), best.encoding


def _checked(text: str) -> str:
    controls = sum(text.count(chr(code)) for code in (*range(9), *range(14, 32), 127))
    if controls > MOST_CONTROLS * len(text) or text.count("\ufffd") > MOST_CONTROLS * len(text):
        raise DocumentError(
            f"It is not text: {controls} of {len(text)} characters are control characters.",
            remedy="Add a PDF, Word, HTML, XML, RIS, BibTeX or text file.",
        )
    return NONCHARACTERS.sub("", text)
