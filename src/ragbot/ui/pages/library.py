"""The library: articles and sources to choose from."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from ragbot.types import REVIEW_STEPS, Bibliography, Document
from ragbot.ui.actions import listen
from ragbot.ui.article_html import article_cards, details_of
from ragbot.ui.house import House
from ragbot.ui.markup import STATUS_NAMES, text
from ragbot.ui.original import original_part
from ragbot.ui.pages.adding import drop_zone
from ragbot.ui.pages.reviewing import review_part
from ragbot.ui.source_html import source_cards, source_page_html

SHELVES = ("Articles", "Sources")
ORDERS = ("Title", "Last updated")


def library_page(house: House) -> None:
    """The articles or the sources, searched and filtered."""
    listen(house)
    st.html(text("h1", "Library", class_="rb-title"))
    shelf = st.segmented_control("Show", SHELVES, default=SHELVES[0], required=True, key="shelf")
    words = st.text_input("Search", key="library-search", type="search")
    if shelf == SHELVES[0]:
        articles = house.bot.articles()
        _articles(articles, words or "")
        review_part(house, articles)
    else:
        _sources(house.library(), words or "")
    drop_zone(house)


def source_page(house: House, source_id: str) -> None:
    """One source: what is known of it, the articles that cite it, and its text."""
    listen(house)
    source = house.bot.document(source_id)
    st.set_page_config(page_title=source.title)
    st.html(source_page_html(source, house.citing(source.id)))
    original_part(house.bot.settings.corpus, source)


def _articles(articles: list[Document], words: str) -> None:
    topics = sorted({topic for article in articles for topic in details_of(article).topics})
    left, middle, right = st.columns([2, 2, 1])
    status = left.multiselect(
        "Review status",
        REVIEW_STEPS,
        format_func=lambda step: STATUS_NAMES[step],
        key="library-status",
        placeholder="Any",
    )
    wanted = middle.multiselect("Topics", topics, key="library-topics", placeholder="Any")
    order = right.selectbox("Order by", ORDERS, key="library-order")
    found = [
        article
        for article in articles
        if matches(article, details_of(article).topics, words)
        and (not status or details_of(article).status in status)
        and set(wanted) <= set(details_of(article).topics)
    ]
    if order == ORDERS[1]:
        found.sort(key=lambda article: details_of(article).updated, reverse=True)
    _count(len(found), len(articles), "articles")
    st.html(article_cards(found))


def _sources(sources: list[Document], words: str) -> None:
    found = [source for source in sources if matches(source, _known_of(source), words)]
    _count(len(found), len(sources), "sources")
    st.html(source_cards(found))


def _known_of(source: Document) -> list[str]:
    about = source.bibliography or Bibliography()
    known = (*about.authors, about.journal, str(about.year or ""), about.doi, about.pmid)
    return [part for part in (*known, about.design, about.population, source.id) if part]


def _count(shown: int, total: int, what: str) -> None:
    words = f"{shown} of {total} {what}"
    if not shown:
        words += ": none has all of these words and filters. Take one away."
    st.html(text("p", words, class_="rb-muted", role="status"))


def matches(document: Document, known: Iterable[str], words: str) -> bool:
    """Whether every word stands in the document's title, in what is known of it, or its text."""
    hay = " ".join((document.title, *known, document.text)).casefold()
    return all(word in hay for word in words.casefold().split())
