"""The library: articles to choose from."""

from __future__ import annotations

import streamlit as st

from ragbot.types import REVIEW_STEPS, Document
from ragbot.ui.actions import listen
from ragbot.ui.article_html import article_cards, details_of
from ragbot.ui.house import House
from ragbot.ui.markup import STATUS_NAMES, element, text


def library_page(house: House) -> None:
    """The articles, searched and filtered."""
    articles = house.bot.articles()
    st.html(text("h1", "Articles", class_="rb-title"))
    words = st.text_input("Search titles, topics and text", key="library-search", type="search")
    status = st.pills(
        "Review status",
        list(REVIEW_STEPS),
        format_func=lambda step: STATUS_NAMES[step],
        selection_mode="multi",
        key="library-status",
    )
    found = [
        article
        for article in articles
        if matches(article, words or "") and (not status or details_of(article).status in status)
    ]
    count = text("p", f"{len(found)} of {len(articles)} articles", class_="rb-muted", role="status")
    st.html(count + (article_cards(found) or element("p", "")))
    _listen(house)


@st.fragment
def _listen(house: House) -> None:
    listen(house)


def matches(article: Document, words: str) -> bool:
    """Whether every word stands in the article's title, topics or text."""
    hay = " ".join((article.title, *details_of(article).topics, article.text)).casefold()
    return all(word in hay for word in words.casefold().split())
