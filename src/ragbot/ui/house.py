"""What all readers of one server share: the ragbot and its desk."""

from __future__ import annotations

import gc
import logging
import threading
from dataclasses import dataclass
from functools import cache

from ragbot.audit.report import AuditReport
from ragbot.bot import Ragbot
from ragbot.errors import RagbotError, UnknownDocumentError
from ragbot.settings import load_settings
from ragbot.types import Document
from ragbot.ui.article_html import details_of
from ragbot.ui.behind import Behind
from ragbot.ui.desk import Desk
from ragbot.ui.export_pdf import prepare

FIRST_PAGE_SECONDS = 3
WARM_SECONDS = 60
IDLE_SECONDS = 20

_opening = threading.Lock()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """The ragbot, and the desk that answers behind the pages.

    `drawn` is set once a page is drawn, `warm` once the models are loaded.
    """

    bot: Ragbot
    desk: Desk
    audits: Behind[tuple[AuditReport, ...]]
    suggestions: Behind[tuple[str, ...]]
    warm: threading.Event
    drawn: threading.Event

    def article(self, slug: str) -> Document:
        """The article. Raises UnknownArticleError, naming those that there are."""
        return self.bot.index.article(slug)

    def library(self) -> list[Document]:
        """All sources, by title."""
        index = self.bot.index
        names = [name for name, (kind, _) in index.titles.items() if kind == "source"]
        return sorted((index.document(name) for name in names), key=lambda d: d.title.casefold())

    def audit(self, article: Document) -> tuple[bool, AuditReport | None]:
        """Whether the audit of the article is made, and its report (None where it failed)."""

        def make() -> tuple[AuditReport, ...]:
            self._stand_back()
            return (self.bot.audit(article.id),)

        made = self.audits.get((article.id, article.sha256), make)
        return made is not None, made[0] if made else None

    def suggested(self, article: str, conversation: str, turns: int) -> tuple[str, ...] | None:
        """Follow-ups for a conversation of that many turns; None while they are being made."""

        def make() -> tuple[str, ...]:
            return self.bot.suggestions(article, conversation, stand_back=self._stand_back)

        return self.suggestions.get((article, conversation, turns), make)

    def _stand_back(self) -> None:
        """Let the models load and waiting questions be answered before work behind the page."""
        self.warm.wait(WARM_SECONDS)
        self.desk.wait_idle(IDLE_SECONDS)

    def title(self, document_id: str) -> str:
        """The title of a document, or its id where the library has it no more."""
        return self.bot.index.titles.get(document_id, ("", document_id))[1]

    def citing(self, source_id: str) -> list[tuple[Document, int]]:
        """The articles that cite the source, each with the source's number there."""
        return [
            (article, reference.number)
            for article in self.bot.articles()
            for reference in details_of(article).references
            if reference.source_id == source_id
        ]

    def sources(self, article: Document) -> dict[str, Document]:
        """The sources of the article's reference list that the library holds, by id."""
        found = {}
        for reference in details_of(article).references:
            if reference.source_id is None:
                continue
            try:
                found[reference.source_id] = self.bot.document(reference.source_id)
            except UnknownDocumentError:
                continue
        return found


def the_house() -> House:
    """The one house of this server; its models load behind the first page."""
    with _opening:
        return _open_house()


@cache
def _open_house() -> House:
    bot = Ragbot(load_settings())
    warm, drawn = threading.Event(), threading.Event()
    warming = threading.Thread(target=_warm, args=(bot, warm, drawn), daemon=True)
    warming.start()
    return House(bot, Desk(bot), Behind("audit", ()), Behind("suggest", ()), warm, drawn)


def _warm(bot: Ragbot, warm: threading.Event, drawn: threading.Event) -> None:
    drawn.wait(FIRST_PAGE_SECONDS)  # loading the models would hold up the first page
    try:
        bot.warm()
        bot.warm_evidence()
        prepare()
    except RagbotError as error:
        _log.warning("%s", error)  # the first question says the same to its reader
    finally:
        _leave_alone()
        warm.set()


def _leave_alone() -> None:
    """Keep what is loaded for good out of garbage collections.

    A full collection looks at each object of the models, the index and the libraries: a tenth of a
    second in which nobody is served. Streamlit's own after each run is switched off in its config.
    """
    gc.collect()
    gc.freeze()
