"""The bridge: hands clicks on links and buttons of the page's own HTML to Python.

A Streamlit component without a face. The links stay true links, so that they can be opened in
another tab and shared; a click on one costs one short run of a fragment, not a reload.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

Action = dict[str, Any]


@cache
def _component() -> Callable[..., Any]:
    script = files("ragbot.ui").joinpath("assets/bridge.js").read_text(encoding="utf-8")
    return st.components.v2.component("ragbot_bridge", js=script)


def bridge(on_action: Callable[[Action], None]) -> None:
    """Mount the bridge; `on_action` gets what was clicked, before the run that follows."""

    def called() -> None:
        state = st.session_state.get("bridge")
        action = state.get("act") if state else None
        if isinstance(action, dict):
            on_action(action)

    _component()(key="bridge", on_act_change=called, height="content")


def style() -> None:
    """Put the style sheet on the page."""
    sheet = files("ragbot.ui").joinpath("assets/ragbot.css").read_text(encoding="utf-8")
    st.html(f"<style>{sheet}</style>")
