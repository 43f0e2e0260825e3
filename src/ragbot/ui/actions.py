"""What clicks on the page's own links and buttons do: they change the address, or ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex
from typing import NoReturn
from urllib.parse import parse_qsl

import streamlit as st

from ragbot.errors import RagbotError, StorageError
from ragbot.types import Audience, Rating
from ragbot.ui.bridge import Action, bridge
from ragbot.ui.desk import Job
from ragbot.ui.house import House
from ragbot.ui.place import Place
from ragbot.ui.rating import ask_why, rate

REDRAW = "redraw"
GO = "go"
AT_ONCE_SECONDS = 0.2
"""An answer that comes this soon is drawn whole, in one run of the page."""
READING = "reading"
BEHIND_SECONDS = 1.5

Draw = Callable[..., None]


def place_now() -> Place:
    """The place that the address names now."""
    return Place.of(st.query_params.to_dict())


def move_to(place: Place) -> None:
    """Change the address."""
    st.query_params.from_dict({name: v for name, v in place.parameters().items() if v})


def anchor_of(conversation: str, number: int) -> str:
    """The name of a turn on the page."""
    return f"{conversation}-{number}"


def fresh_turns() -> set[str]:
    """The turns that were asked on this page: they are scrolled to and read out."""
    kept: set[str] = st.session_state.setdefault("fresh", set())
    return kept


def ask(house: House, question: str) -> None:
    """Put a question on the desk, in the conversation of the address or in a new one."""
    place = place_now()
    if place.article is None or not question.strip():
        return
    if place.conversation is None:
        place = replace(place, conversation=token_hex(8))
    audience: Audience = st.session_state.get("audience", "clinician")
    assert place.article is not None
    assert place.conversation is not None
    job = Job(question.strip(), place.article, place.conversation, audience)
    fresh_turns().add(anchor_of(job.conversation_id, _turns_of(house, job) + 1))
    house.desk.ask(job)
    move_to(replace(place, cite=None))
    job.wait(AT_ONCE_SECONDS)


def _turns_of(house: House, job: Job) -> int:
    """How many turns the job's conversation has, those in the making among them."""
    try:
        kept = len(house.bot.conversations.turns(job.conversation_id))
    except StorageError:  # the answer's own error tells it
        kept = 0
    return kept + len(house.desk.live(job.conversation_id))


def listen(house: House) -> None:
    """Take in clicks; draws the whole page anew where one changes more than the panel."""

    def on_action(action: Action) -> None:
        kind = action.get("kind")
        if kind == "cite" and action.get("cite"):
            move_to(replace(place_now(), cite=str(action["cite"])))
        elif kind == "close":
            move_to(replace(place_now(), cite=None))
        elif kind == "go":
            st.session_state[GO] = str(action.get("href") or "")
        elif kind == "ask":
            ask(house, str(action.get("question") or ""))
            st.session_state[REDRAW] = True
        elif kind in {"rate", "why"}:
            _on_rating(house, action)
            st.session_state[REDRAW] = True

    bridge(on_action)
    if (address := st.session_state.pop(GO, None)) is not None:
        go(address)
    if st.session_state.pop(REDRAW, False):
        st.rerun()


def _on_rating(house: House, action: Action) -> None:
    turn = str(action.get("turn") or "")
    rating: Rating = "up" if action.get("rating") == "up" else "down"
    if not turn.isdecimal():
        return
    if action["kind"] == "why":
        ask_why(int(turn), rating)
        return
    try:
        rate(house, int(turn), rating)
    except RagbotError as error:
        st.toast(str(error))


def go(address: str) -> NoReturn:
    """Open the page of an address of this app."""
    place = Place.of(dict(parse_qsl(address.partition("?")[2])))
    given = {name: value for name, value in place.parameters().items() if value}
    st.switch_page(st.session_state[READING], query_params=given)


def until(is_made: bool, draw: Draw) -> Draw:
    """`draw` as a part of the page that looks again by itself while something is being made.

    A run of the whole page would come between a reader's click and what it opens. The part is
    there whether it looks or not, so that no other part changes its place.
    """
    again: Draw = st.fragment(draw, run_every=None if is_made else BEHIND_SECONDS)
    return again
