"""Thumbs under an answer, and the dialog that asks why."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ragbot.conversations.feedback import COMMENT_LIMIT, REASONS
from ragbot.errors import RagbotError
from ragbot.types import Feedback, Rating
from ragbot.ui.house import House
from ragbot.ui.markup import element, error_html, text

WHY = "why"
"""Where the session keeps which answer's dialog is open: (number of the turn, rating)."""
THUMBS: dict[Rating, str] = {"up": "Helpful", "down": "Not right"}
ASKED: dict[Rating, str] = {"up": "What was good about it?", "down": "What is wrong with it?"}
NO_NAMES = "Leave out what identifies a patient: what is found of it is masked."


def rating_html(turn: int, kept: Feedback | None) -> str:
    """The thumbs of one kept answer, the one that was given pressed, and what comes of it."""
    thumbs = [
        element(
            "button",
            words,
            class_=f"rb-thumb rb-thumb-{rating}",
            data_rb="rate",
            data_turn=str(turn),
            data_rating=rating,
            aria_pressed="true" if kept is not None and kept.rating == rating else "false",
        )
        for rating, words in THUMBS.items()
    ]
    told = ""
    if kept is not None:
        reasons = [REASONS[kept.rating].get(code, code) for code in kept.reasons]
        said = "Kept for review" + (f": {', '.join(reasons).lower()}" if reasons else "")
        told = text("span", said, class_="rb-muted", role="status")
        told += element(
            "button",
            "Change why" if kept.reasons or kept.comment else "Say why",
            data_rb="why",
            data_turn=str(turn),
            data_rating=kept.rating,
        )
    return element("div", "".join(thumbs) + told, class_="rb-tools", role="group",
                   aria_label="Was this answer good?")  # fmt: skip


def rate(house: House, turn: int, rating: Rating) -> None:
    """Keep a thumb, or take it back where it was given already; a thumb down asks why."""
    store = house.bot.conversations
    given = next((held for held in store.feedback() if held.turn.id == turn), None)
    if given is not None and given.rating == rating:
        store.remove_feedback(turn)
        return
    house.bot.rate(turn, rating)
    if rating == "down":
        ask_why(turn, rating)


def ask_why(turn: int, rating: Rating) -> None:
    """Open the dialog with the next run of the page."""
    st.session_state[WHY] = (turn, rating)


def why_dialog(house: House, kept: dict[int, Feedback]) -> None:
    """The dialog, where one is open."""
    asked = st.session_state.get(WHY)
    if asked is None:
        return
    turn, rating = asked
    opened: Callable[..., None] = st.dialog(ASKED[rating], on_dismiss=_close)(_why)
    opened(house, turn, rating, kept.get(turn))


def _close() -> None:
    st.session_state.pop(WHY, None)


def _why(house: House, turn: int, rating: Rating, kept: Feedback | None) -> None:
    reasons = REASONS[rating]
    with st.form(f"why-{turn}", border=False):
        chosen = st.pills(
            "Choose what fits",
            list(reasons),
            selection_mode="multi",
            default=list(kept.reasons) if kept and kept.rating == rating else None,
            format_func=lambda code: reasons[code],
        )
        said = st.text_area(
            "In your words",
            value=kept.comment if kept and kept.rating == rating else "",
            max_chars=COMMENT_LIMIT,
            help=NO_NAMES,
        )
        if not st.form_submit_button("Send", type="primary"):
            return
    try:
        house.bot.rate(turn, rating, chosen, said)
    except RagbotError as error:
        st.html(error_html(str(error)))
        return
    _close()
    st.rerun()
