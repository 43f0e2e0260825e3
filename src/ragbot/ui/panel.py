"""Which source the panel shows, and where in it."""

from __future__ import annotations

import streamlit as st

from ragbot.errors import RagbotError
from ragbot.library.chunking import sentence_spans
from ragbot.types import Citation, Document, Stated
from ragbot.ui.answer_html import stated_of
from ragbot.ui.article_html import details_of
from ragbot.ui.house import House
from ragbot.ui.markup import error_html
from ragbot.ui.original import page_html
from ragbot.ui.passage_html import (
    Opened,
    carried,
    cited_for,
    missing_panel,
    panel,
    unknown_panel,
)
from ragbot.ui.place import Place, cite_at, cited_at


def draw_panel(house: House, article: Document, sources: dict[str, Document], place: Place) -> None:
    """The panel of the citation that the address names; nothing where it names none."""
    if place.cite is None:
        return
    with st.container(key="panel"):
        st.html(panel_html(house, article, sources, place.cite, place.conversation))


def panel_html(
    house: House,
    article: Document,
    sources: dict[str, Document],
    cite: str,
    conversation: str | None,
) -> str:
    """The panel of a cited passage, of a reference, or of one that is not in the library."""
    stated = stated_in(house, conversation)
    citation, claims = passage_of(stated, cite)
    if citation is not None:
        document = house.bot.document(citation.document_id)
        said = cited_for([(claim, "") for claim in claims])
        passages = [(citation.start, citation.end)]
        return _panel(house, document, citation.marker, Opened(cite, said, passages))
    number = cite.partition("@")[0]
    reference = next((r for r in details_of(article).references if str(r.number) == number), None)
    if reference is None:
        return unknown_panel(cite)
    source = sources.get(reference.source_id or "")
    place = Place(article=article.id, conversation=conversation)
    said = cited_for(statements_citing(article, reference.number, place))
    if source is None:
        return missing_panel(number, reference.citation, said, cite)
    return _panel(house, source, number, evidence_for(house, article, cite) or Opened(cite, said))


def _panel(house: House, document: Document, marker: str, opened: Opened) -> str:
    page = page_html(house.bot.settings.corpus, document, opened.passages)
    return panel(document, marker, opened, page)


def evidence_for(house: House, article: Document, cite: str) -> Opened | None:
    """What a source holds for a statement; None where `cite` names no place in the article."""
    named = cited_at(cite)
    if named is None:
        return None
    try:
        found = house.bot.evidence(article.id, named[1], named[0])
    except RagbotError as error:  # the source is readable without it
        return Opened(cite, error_html(str(error)))
    return carried(found, cite) if found is not None else None


def statements_citing(article: Document, number: int, place: Place) -> list[tuple[str, str]]:
    """The article's sentences that carry that reference number, with their addresses."""
    said = []
    for block in article.blocks:
        offsets = [
            marker.offset
            for marker in article.markers
            if number in marker.numbers and block.start <= marker.offset <= block.end
        ]
        for start, end in sentence_spans(article.text[block.start : block.end], block.start):
            at = next((offset for offset in offsets if start < offset <= end), None)
            if at is not None:
                said.append((article.text[start:end], place.href(cite=cite_at(number, at))))
    return said


def stated_in(house: House, conversation: str | None) -> list[Stated]:
    """All claims of a conversation, those of the answer in the making last."""
    if conversation is None:
        return []
    stated = [
        item
        for turn in house.bot.conversations.turns(conversation)
        for item in stated_of(turn.answer)
    ]
    for job in (*house.desk.ended(conversation), *house.desk.live(conversation)):
        stated += job.stated
    return stated


def passage_of(stated: list[Stated], key: str) -> tuple[Citation | None, list[str]]:
    """The citation of that key, and the claims that rest on it in other words than its own."""
    found: Citation | None = None
    claims: dict[str, None] = {}
    for item in stated:
        for citation in item.citations:
            if citation.key == key:
                found = citation
                if item.claim.text != citation.quote:
                    claims[item.claim.text] = None
    return found, list(claims)
