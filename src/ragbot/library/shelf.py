"""What the corpus folder holds: ids, identifiers and titles, from the front matter alone."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ragbot.errors import CorpusMissingError, DocumentError
from ragbot.library.corpus import corpus_files
from ragbot.library.front_matter import split_front_matter
from ragbot.library.reader import DOCUMENT_ID
from ragbot.library.readers.model import Reading
from ragbot.types import DocumentKind

HEAD = 120_000
LONGEST_SLUG = 80
TITLE_WORDS = 5
LITTLE = {
    "a",
    "an",
    "the",
    "of",
    "in",
    "on",
    "and",
    "or",
    "for",
    "with",
    "to",
    "by",
    "from",
    "at",
    "is",
    "as",
    "versus",
    "vs",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A document of the corpus."""

    document_id: str
    kind: DocumentKind
    path: Path
    original: str | None = None
    keys: tuple[str, ...] = ()


@dataclass
class Shelf:
    """The corpus folder as a set of names."""

    corpus: Path
    by_id: dict[str, Held] = field(default_factory=dict)
    by_key: dict[str, Held] = field(default_factory=dict)

    @classmethod
    def of(cls, corpus: Path) -> Shelf:
        """The shelf of a corpus folder; an empty one if there is no document yet."""
        shelf = cls(corpus)
        try:
            files = corpus_files(corpus)
        except CorpusMissingError:
            files = []
        for path, kind in files:
            shelf._take(path, kind)
        return shelf

    def _take(self, path: Path, kind: DocumentKind) -> None:
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                fields, _ = split_front_matter(file.read(HEAD), path.name)
        except (OSError, DocumentError):
            fields = {}
        original = fields.get("original")
        keys = keys_of(kind, *(_text(fields.get(name)) for name in ("title", "doi", "pmid")))
        name = original if isinstance(original, str) else None
        held = Held(path.stem, kind, path, name, keys)
        self.put(held)

    def put(self, held: Held) -> None:
        """Note a document under its id and keys."""
        self.by_id.setdefault(held.document_id, held)
        for key in held.keys:
            self.by_key.setdefault(key, held)

    def same_as(self, reading: Reading) -> tuple[Held, str] | None:
        """The document that has the DOI, PMID or title of `reading`, and which of the three."""
        keys = keys_of(reading.kind, reading.title, reading.about.doi, reading.about.pmid)
        for key in keys:
            held = self.by_key.get(key)
            if held is not None and not _are_others(keys, held.keys):
                return held, key.split(" ", 1)[0]
        return None

    def fresh_id(self, reading: Reading) -> str:
        """An id for `reading` that no document has."""
        wanted = id_of(reading)
        if wanted not in self.by_id:
            return wanted
        said = f"{reading.title}\0{reading.about.doi}\0{reading.about.pmid}"
        return f"{wanted}-{hashlib.sha256(said.encode()).hexdigest()[:6]}"

    def path_of(self, kind: DocumentKind, document_id: str) -> Path:
        """Where a document of that id lies."""
        return self.corpus / f"{kind}s" / f"{document_id}.md"


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, (str, int)) else None


def keys_of(
    kind: DocumentKind, title: str | None, doi: str | None, pmid: str | None
) -> tuple[str, ...]:
    """What tells one publication from another: DOI, PMID, title, the surest first."""
    keys = []
    if doi and kind == "source":
        keys.append(f"DOI {doi.lower()}")
    if pmid and kind == "source":
        keys.append(f"PMID {pmid}")
    plain = re.sub(r"[\W_]+", "", (title or "").lower())
    if len(plain) > 20:
        keys.append(f"title {kind} {plain}")
    return tuple(keys)


def _are_others(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two documents of one title have different DOIs, or different PMIDs."""
    for name in ("DOI ", "PMID "):
        first = {key for key in one if key.startswith(name)}
        second = {key for key in other if key.startswith(name)}
        if first and second:
            return first != second
    return False


def slug_of(text: str, longest: int = LONGEST_SLUG) -> str:
    """`text` as part of an id: ASCII letters, digits and '-'."""
    spelled = unicodedata.normalize(
        "NFKD", text.replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    )
    plain = spelled.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return slug if len(slug) <= longest else slug[:longest].rsplit("-", 1)[0].strip("-")


def id_of(reading: Reading) -> str:
    """The id that `reading` would have: an article's title; a source's author, year and title."""
    if reading.kind == "article":
        slug = slug_of(reading.title)
    else:
        telling = [w for w in slug_of(reading.title, 200).split("-") if w and w not in LITTLE]
        author = (
            slug_of(reading.about.authors[0].split(" ")[0], 30) if reading.about.authors else ""
        )
        pieces = (author, str(reading.about.year or ""), "-".join(telling[:TITLE_WORDS]))
        slug = "-".join(piece for piece in pieces if piece)[:LONGEST_SLUG].strip("-")
    if DOCUMENT_ID.fullmatch(slug):
        return slug
    return f"document-{hashlib.sha256(reading.title.encode()).hexdigest()[:10]}"
