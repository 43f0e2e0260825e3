"""Which source the panel shows, and where in it."""

from __future__ import annotations

import streamlit as st

from ragbot.library.chunking import sentence_spans
from ragbot.types import Citation, Document, Stated
from ragbot.ui.answer_html import stated_of
from ragbot.ui.article_html import details_of
from ragbot.ui.house import House
from ragbot.ui.passage_html import missing_panel, panel, unknown_panel
from ragbot.ui.place import Place


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
        return panel(document, citation.marker, citation=citation, claims=claims, opened=cite)
    for reference in details_of(article).references:
        if str(reference.number) == cite:
            source = sources.get(reference.source_id or "")
            said = statements_citing(article, reference.number)
            if source is not None:
                return panel(source, cite, claims=said, opened=cite)
            return missing_panel(cite, reference.citation, said)
    return unknown_panel(cite)


def statements_citing(article: Document, number: int) -> list[str]:
    """The article's sentences that carry that reference number."""
    said = []
    for block in article.blocks:
        offsets = [
            marker.offset
            for marker in article.markers
            if number in marker.numbers and block.start <= marker.offset <= block.end
        ]
        spans = sentence_spans(article.text[block.start : block.end], block.start)
        said += [article.text[a:b] for a, b in spans if any(a < at <= b for at in offsets)]
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
