"""Why a chat model gave no answer, in ragbot's own words.

What a server says is never repeated: an error page or an error message may echo the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ragbot.errors import ModelUnavailableError

FailureKind = Literal[
    "timeout", "connection", "busy", "server", "refused", "request", "garbled", "resting", "absent"
]
_SAID: dict[FailureKind, tuple[str, str]] = {
    "timeout": ("it did not answer in time", "Raise RAGBOT_CHAT_DEADLINE or ask again."),
    "connection": ("it could not be reached", "Check RAGBOT_CHAT_BASE_URL and the network."),
    "busy": ("it is too busy", "Ask again later."),
    "server": ("its server failed", "Ask again later, or look into the server's log."),
    "refused": ("it refused the key", "Check RAGBOT_CHAT_API_KEY."),
    "request": (
        "it refused the request",
        "Check RAGBOT_CHAT_MODEL, RAGBOT_CHAT_BASE_URL and RAGBOT_CHAT_STRUCTURED.",
    ),
    "garbled": ("its answer could not be read", "Check RAGBOT_CHAT_BASE_URL."),
    "resting": ("it failed several times in a row and is left alone", "Ask again in a minute."),
    "absent": (
        "it cannot be opened",
        "Install the LangChain package of RAGBOT_CHAT_PROVIDER, or correct that setting.",
    ),
}
_RETRYABLE: frozenset[FailureKind] = frozenset({"connection", "busy", "server"})
_BY_STATUS: dict[int, FailureKind] = {
    401: "refused", 403: "refused", 407: "refused", 408: "server", 409: "server", 425: "server",
    429: "busy",
}  # fmt: skip


class ChatError(ModelUnavailableError):
    """The chat model gave no answer, or only a part of one.

    `retry_after` is how many seconds the server asks to wait, None if it does not say.
    """

    def __init__(
        self, kind: FailureKind, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        why, remedy = _SAID[kind]
        code = f" (HTTP {status})" if status is not None else ""
        super().__init__(f"The chat model gave no answer: {why}{code}.", remedy=remedy)
        self.kind: FailureKind = kind
        self.why = f"{why}{code}"
        self.status = status
        self.retry_after = retry_after

    @property
    def is_retryable(self) -> bool:
        """Whether trying once more soon may help."""
        return self.kind in _RETRYABLE


def failure_of(error: BaseException) -> ChatError:
    """What a client library's `error` means; nothing of its text is taken over.

    Libraries differ in their classes and agree in what those are called and carry.
    """
    if isinstance(error, ChatError):
        return error
    status = _status(error)
    if status is not None:
        return ChatError(_kind(status), status=status, retry_after=_retry_after(error))
    names = {kind.__name__ for kind in type(error).__mro__}
    if any("Timeout" in name for name in names):
        return ChatError("timeout")
    if any("Connection" in n or n in {"TransportError", "OSError", "SSLError"} for n in names):
        return ChatError("connection")
    if "APIError" in names:  # an error event within a stream
        return ChatError("server")
    return ChatError("garbled")


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _kind(status: int) -> FailureKind:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return "server"
    return "request" if status >= 400 else "garbled"


def _retry_after(error: BaseException) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None)
    if not isinstance(headers, Mapping):
        return None
    try:
        seconds = float(str(headers.get("retry-after", "")))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
