"""The history: conversations to find, continue, rename and delete."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ragbot.types import Conversation
from ragbot.ui.actions import listen
from ragbot.ui.export import Record, as_markdown
from ragbot.ui.house import House
from ragbot.ui.markup import element, text
from ragbot.ui.place import Place


def history_page(house: House) -> None:
    """All kept conversations, newest first."""
    listen(house)
    st.html(text("h1", "History", class_="rb-title"))
    words = st.text_input("Search names, questions and answers", key="history-search")
    kept = house.bot.conversations.list(text=words or "")
    count = f"{len(kept)} conversation" + ("" if len(kept) == 1 else "s")
    st.html(text("p", count, class_="rb-muted", role="status"))
    _export(house, kept)
    for conversation in kept:
        _row(house, conversation, house.title(conversation.article))


def _export(house: House, kept: Sequence[Conversation]) -> None:
    if kept:
        st.download_button(
            "Export all shown (Markdown)",
            lambda: _as_markdown(house, kept),
            file_name="ragbot-conversations.md",
            mime="text/markdown",
            on_click="ignore",
        )


def _as_markdown(house: House, kept: Sequence[Conversation]) -> str:
    """The conversations one after another, the disclaimer once at their end."""
    articles = {article.id: article for article in house.bot.articles()}
    records = []
    for conversation in kept:
        turns = house.bot.conversations.turns(conversation.id)
        article = articles.get(conversation.article)
        gone = Record(conversation.article, "This article is no longer in the library.", turns)
        records.append(Record.of(article, turns) if article else gone)
    return as_markdown(records, house.bot.settings.disclaimer_text())


def _row(house: House, conversation: Conversation, title: str) -> None:
    href = "/" + Place(article=conversation.article, conversation=conversation.id).href()
    turns = f"{conversation.turns} question" + ("" if conversation.turns == 1 else "s")
    day = conversation.updated[:16].replace("T", " ")
    inner = element("h2", text("a", conversation.name, href=href, data_rb="go"))
    inner += text("p", f"{title} · {turns} · {day} UTC", class_="rb-muted")
    with st.container(key=f"kept-{conversation.id}", border=True):
        st.html(inner)
        with st.popover("Rename or delete"):
            name = st.text_input("Name", conversation.name, key=f"name-{conversation.id}")
            if st.button("Rename", key=f"rename-{conversation.id}"):
                house.bot.conversations.rename(conversation.id, name)
                st.rerun()
            st.button(
                "Delete for good",
                key=f"delete-{conversation.id}",
                on_click=house.bot.conversations.delete,
                args=(conversation.id,),
            )
