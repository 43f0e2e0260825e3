"""The history: conversations to find, continue, rename and delete."""

from __future__ import annotations

import streamlit as st

from ragbot.types import Conversation
from ragbot.ui.actions import listen
from ragbot.ui.house import House
from ragbot.ui.markup import element, text
from ragbot.ui.place import Place


def history_page(house: House) -> None:
    """All kept conversations, newest first."""
    st.html(text("h1", "History", class_="rb-title"))
    words = st.text_input("Search names, questions and answers", key="history-search")
    kept = house.bot.conversations.list(text=words or "")
    count = f"{len(kept)} conversation" + ("" if len(kept) == 1 else "s")
    st.html(text("p", count, class_="rb-muted", role="status"))
    titles = {article.id: article.title for article in house.bot.articles()}
    for conversation in kept:
        _row(house, conversation, titles.get(conversation.article, conversation.article))
    _listen(house)


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


@st.fragment
def _listen(house: House) -> None:
    listen(house)
