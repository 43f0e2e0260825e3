"""The one place that chooses who answers: the extractive answerer, or a chat model before it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ragbot.answering.draft import Answerer, Rewriter
from ragbot.answering.verify import ClaimCheck, GroundedCheck, VerbatimCheck
from ragbot.errors import ModelUnavailableError
from ragbot.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """Who writes the claims, who judges them, and who writes follow-ups out (None: built in)."""

    answerer: Answerer
    verifier: ClaimCheck
    rewriter: Rewriter | None = None


@runtime_checkable
class Warms(Protocol):
    """What has something to make ready ahead of the first question."""

    def warm(self) -> None:
        """Make it ready; never raises."""


def answering_parts(settings: Settings, extractive: Answerer) -> Parts:
    """The parts that `settings` ask for; `extractive` answers where no chat model does.

    Raises ConfigurationError if a chat model is configured that could not be asked.
    """
    if not settings.has_chat:
        return Parts(extractive, VerbatimCheck())
    from ragbot.answering.generative.answerer import GenerativeAnswerer
    from ragbot.answering.generative.chat import LangChainChat
    from ragbot.answering.generative.standalone import ModelRewriter

    chat = LangChainChat(settings)
    verifier = grounded_check(settings)
    answerer = GenerativeAnswerer(chat, verifier, extractive, settings)
    rewriter = ModelRewriter(chat, settings.chat_deadline) if settings.chat_standalone else None
    return Parts(answerer, verifier, rewriter)


def grounded_check(settings: Settings) -> GroundedCheck:
    """The grounding verifier of the settings; word overlap where its model is not there.

    The name says which it is, and is stamped on every answer.
    """
    from ragbot.answering.grounding import load_verifier

    try:
        return GroundedCheck(load_verifier(settings.verifier, threads=settings.threads))
    except ModelUnavailableError as error:
        _log.warning("%s Claims are checked by word overlap and rules.", error.problem)
        return GroundedCheck(load_verifier("overlap"))
