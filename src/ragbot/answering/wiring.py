"""The one place that chooses who answers: the extractive answerer, or a chat model before it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ragbot.answering.draft import Answerer, Rewriter
from ragbot.answering.verify import ClaimCheck, GroundedCheck, VerbatimCheck
from ragbot.errors import ConfigurationError, ModelUnavailableError
from ragbot.settings import Settings

if TYPE_CHECKING:
    from ragbot.answering.grounding.verdict import Verifier

CHAT_VERIFIER = "chat"

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


def grounding_verifier(settings: Settings) -> Verifier:
    """The grounding verifier that `settings` name: the chat model as judge, or one of our own.

    Raises ConfigurationError for a name that is none, or where no chat model is configured to
    judge, and ModelUnavailableError if the model does not load.
    """
    from ragbot.answering.grounding import load_verifier

    if settings.verifier != CHAT_VERIFIER:
        return load_verifier(settings.verifier, threads=settings.threads)
    if not settings.has_chat:
        raise ConfigurationError(
            f"The verifier is {CHAT_VERIFIER!r}, and no chat model is configured.",
            remedy="Set RAGBOT_CHAT_MODEL or RAGBOT_CHAT_BASE_URL, or choose another verifier.",
        )
    from ragbot.answering.generative.chat import LangChainChat
    from ragbot.answering.generative.judge import ChatVerifier

    return ChatVerifier(LangChainChat(settings), settings.chat_deadline)


def grounded_check(settings: Settings) -> GroundedCheck:
    """The settings' verifier as the chain's verify step; word overlap where its model is not there.

    The name says which it is, and is stamped on every answer.
    """
    from ragbot.answering.grounding import load_verifier

    try:
        return GroundedCheck(grounding_verifier(settings))
    except ModelUnavailableError as error:
        _log.warning("%s Claims are checked by word overlap and rules.", error.problem)
        return GroundedCheck(load_verifier("overlap"))
