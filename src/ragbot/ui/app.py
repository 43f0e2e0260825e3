"""The app: its pages and what every page has."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

import streamlit as st

from ragbot.errors import RagbotError
from ragbot.ui.actions import READING
from ragbot.ui.bridge import style
from ragbot.ui.house import House, the_house
from ragbot.ui.markup import error_html
from ragbot.ui.pages.history import history_page
from ragbot.ui.pages.quality import quality_page
from ragbot.ui.pages.reading import reading_page

TITLE = "ragbot"


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title=TITLE, page_icon=icon(), layout="wide")
    style()
    reading = st.Page(
        drawn(reading_page), title="Library", icon=":material/menu_book:", default=True
    )
    history = st.Page(
        drawn(history_page), title="History", icon=":material/history:", url_path="history"
    )
    quality = st.Page(
        drawn(quality_page), title="Quality", icon=":material/monitoring:", url_path="quality"
    )
    st.session_state[READING] = reading
    st.navigation([reading, history, quality]).run()


@cache
def icon() -> str:
    """The page's icon, drawn here: a named one would be fetched from the network."""
    return files("ragbot.ui").joinpath("assets/icon.svg").read_text(encoding="utf-8")


def drawn(page: Callable[[House], None]) -> Callable[[], None]:
    """`page` with the house; a known error becomes one line and its remedy."""

    def run() -> None:
        try:
            house = the_house()
            page(house)
            house.drawn.set()
        except RagbotError as error:
            st.html(error_html(str(error)))
            st.page_link(st.session_state[READING], label="Open the library")

    run.__name__ = page.__name__
    return run
