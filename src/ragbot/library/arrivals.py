"""What documents that have just come in mean for references: which now have a source."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragbot.library.adding import FileReport
from ragbot.library.corpus import CorpusFile, corpus_files, read_files
from ragbot.library.linking import Linked, Match, link_article
from ragbot.types import Document


@dataclass(frozen=True, slots=True)
class Arrived:
    """A reference of an article, and the source it is now known to be, or may be."""

    article: str
    number: int
    citation: str
    match: Match
    is_certain: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        match = {"source": self.match.source_id, "by": self.match.by, "score": self.match.score}
        return {
            "article": self.article,
            "reference": self.number,
            "citation": self.citation,
            "certain": self.is_certain,
            **match,
        }

    def told(self) -> str:
        """One line for people: what was recognised, and by what."""
        sure = "is" if self.is_certain else "may be"
        shown = self.citation if len(self.citation) <= 90 else f"{self.citation[:89]}…"
        return (
            f"reference {self.number} of {self.article} ({shown}) {sure} {self.match.source_id} "
            f"(by {self.match.by}, {self.match.score:.2f})"
        )


@dataclass(frozen=True, slots=True)
class Arrivals:
    """References that documents just added have to do with; `missing` counts those still without.

    `missing` is of all articles of the corpus that were looked at.
    """

    found: tuple[Arrived, ...] = ()
    missing: int = 0

    def told(self) -> list[str]:
        """Lines for people: what was recognised, how to write or correct it, what is missing."""
        lines = [one.told() for one in self.found]
        for slug in dict.fromkeys(one.article for one in self.found):
            lines.append(
                f"`ragbot link {slug} --apply` writes in what is certain, "
                "`--set NUMBER=SOURCE` anything else"
            )
        if self.missing:
            some = "1 reference has" if self.missing == 1 else f"{self.missing} references have"
            lines.append(f"{some} no source in the library: `ragbot missing` lists what to get")
        return lines


def added_ids(reports: Collection[FileReport]) -> frozenset[str]:
    """The documents that came in, new or in the place of others."""
    return frozenset(
        one.document_id
        for report in reports
        for one in report.documents
        if one.status in {"added", "replaced"}
    )


def arrivals(corpus: Path, added: Collection[str]) -> Arrivals:
    """What the documents `added` to `corpus` are to its articles' references without a source.

    References of added articles are held against all sources, those of the others against the
    added sources. Nothing is written.
    """
    articles = {a.id: a for a in _read(corpus, "article")}
    anew = [a for a in articles.values() if a.id in added]
    wanted = None if anew else added
    sources = {s.id: s for s in _read(corpus, "source", wanted)}
    held = {path.stem for path, kind in corpus_files(corpus) if kind == "source"}
    found, missing = [], 0
    for article in articles.values():
        known = sources if article in anew else {k: s for k, s in sources.items() if k in added}
        for one in _without_source(article, known, held):
            matches = [(one.match, True)] if one.match else [(m, False) for m in one.suggestions]
            missing += not one.match
            found += [
                Arrived(article.id, one.number, one.cited.text, match, sure)
                for match, sure in matches
            ]
    return Arrivals(tuple(found), missing)


def _without_source(
    article: Document, known: dict[str, Document], held: Collection[str]
) -> Iterator[Linked]:
    for one in link_article(article, known):
        if one.named is None or one.named not in held:
            yield one


def _read(corpus: Path, kind: str, wanted: Collection[str] | None = None) -> Iterator[Document]:
    files = [
        CorpusFile(path, found, path.stem, "")
        for path, found in corpus_files(corpus)
        if found == kind and (wanted is None or path.stem in wanted)
    ]
    for document in read_files(files):
        if isinstance(document, Document):
            yield document
