"""The one adapter to chat models: LangChain's interface, with a deadline and plain errors.

`ChatOpenAI` speaks to every server with OpenAI's API. Its own waits are not trusted: by default it
has no timeout, obeys a Retry-After of any length, and takes a stream that was cut for a whole one.
So it retries nothing itself, and the finish reason is looked at.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ragbot.answering.generative.background import pumped
from ragbot.answering.generative.failures import ChatError
from ragbot.answering.generative.prompts import ChatMessage
from ragbot.answering.generative.resilience import Breaker, Retries
from ragbot.errors import ConfigurationError
from ragbot.settings import OPENAI_MODEL, OPENAI_URL, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MOST_BYTES = 4_000_000
"""What is read of one answer, at most: a server that never ends fills no memory."""
CONNECT_SECONDS = 10.0
NO_KEY = "none"  # the client insists on a key, a local server does not
_FINISHED = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
_FINISH_NAMES = ("finish_reason", "stop_reason", "done_reason")
_MODEL_NAMES = ("model_name", "model")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][\w.:/@+-]{0,79}", re.ASCII)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the model's answer.

    `finish` is why it ended, on the piece that says so, and `model` the server's own name for
    the model that wrote it.
    """

    text: str
    finish: str = ""
    model: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the model says that its answer is whole."""
        return self.finish.lower() in _FINISHED


class Chat(Protocol):
    """A chat model that streams."""

    @property
    def name(self) -> str:
        """Provider and model, as stamped on answers."""

    def open(self) -> None:
        """Make ready what takes long (imports); asks nothing. Raises ChatError."""

    def stream(
        self,
        messages: Sequence[ChatMessage],
        until: float,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Piece]:
        """The answer in pieces; nothing comes after `until`, a time of `time.monotonic()`.

        `schema` is a JSON schema that the answer shall follow, where the server can do that.
        Raises ChatError.
        """


class LangChainChat:
    """A chat model of LangChain's; it is imported and opened when first asked."""

    def __init__(self, settings: Settings, retries: Retries | None = None) -> None:
        """Raises ConfigurationError if the settings name no model that could be asked."""
        self._settings = settings
        self._model_name = model_name(settings)
        self._retries = retries or Retries(settings.chat_retries)
        self._breaker = Breaker()
        self._lock = threading.Lock()
        self._takes_schema = settings.chat_structured != "off" and self._is_openai

    @property
    def name(self) -> str:
        """Provider and model."""
        return f"{self._settings.chat_provider}:{self._model_name}"

    def open(self) -> None:
        """Import the client and open it; asks nothing. Raises ChatError."""
        self._opened()

    def _opened(self) -> BaseChatModel:
        with self._lock:
            return self._model

    @property
    def _is_openai(self) -> bool:
        return self._settings.chat_provider == "openai"

    def stream(
        self,
        messages: Sequence[ChatMessage],
        until: float,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Piece]:
        """The answer in pieces. Raises ChatError."""
        self._breaker.enter()
        try:
            yield from self._asked(messages, until, schema)
        except ChatError as error:
            self._breaker.failed(error)
            _log.warning("%s: %s", self.name, error.why)
            raise
        self._breaker.succeeded()

    def _asked(
        self, messages: Sequence[ChatMessage], until: float, schema: Mapping[str, Any] | None
    ) -> Iterator[Piece]:
        """Requests until one begins to answer; without the schema once the server refuses it."""
        shape = schema if self._takes_schema else None

        def refused_shape(error: ChatError) -> bool:
            nonlocal shape
            if error.kind != "request" or shape is None or self._settings.chat_structured == "on":
                return False
            _log.info("%s takes no schema (%s); it is asked without.", self.name, error.why)
            shape, self._takes_schema = None, False
            return True

        yield from self._retries.stream(
            lambda: self._request(messages, until, shape), until, refused_shape
        )

    def _request(
        self, messages: Sequence[ChatMessage], until: float, schema: Mapping[str, Any] | None
    ) -> Iterator[Piece]:
        def begin() -> Iterator[Piece]:
            model = self._opened()
            _limits.until = until
            turns = [(message.role, message.content) for message in messages]
            for chunk in model.stream(turns, **self._options(schema)):
                told = chunk.response_metadata
                yield Piece(str(chunk.text), _first(told, _FINISH_NAMES), self._named(told))

        return pumped(begin, until)

    def _named(self, told: Mapping[str, Any]) -> str:
        """The server's name for its model: a name and nothing else, and never the key."""
        name = _first(told, _MODEL_NAMES)
        key = self._settings.chat_api_key.get_secret_value().strip()
        return name if _PLAIN_NAME.fullmatch(name) and not (key and key in name) else ""

    def _options(self, schema: Mapping[str, Any] | None) -> dict[str, Any]:
        if schema is None:
            return {}
        # In the extra body: as an option of its own it makes the client gather the whole answer
        # and raise where a stream ends early.
        shape = {"name": "answer", "strict": True, "schema": dict(schema)}
        return {"extra_body": {"response_format": {"type": "json_schema", "json_schema": shape}}}

    @cached_property
    def _model(self) -> BaseChatModel:
        return self._openai() if self._is_openai else self._other()

    def _openai(self) -> BaseChatModel:
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        settings = self._settings
        key = settings.chat_api_key.get_secret_value().strip()
        client = _bounded_client(settings.chat_stall)
        weakref.finalize(self, client.close)  # kept-alive connections end with who asked
        return ChatOpenAI(
            model=self._model_name,
            base_url=settings.chat_base_url or OPENAI_URL,
            api_key=SecretStr(key or NO_KEY),
            temperature=settings.chat_temperature,
            max_retries=0,
            timeout=_timeouts(settings.chat_stall),
            http_client=client,
            use_responses_api=False,
            stream_usage=False,
        )

    def _other(self) -> BaseChatModel:
        """A provider of LangChain's own integrations, which must be installed."""
        from langchain.chat_models import init_chat_model

        settings = self._settings
        options: dict[str, Any] = {"max_retries": 0, "timeout": settings.chat_stall}
        if settings.chat_base_url:
            options["base_url"] = settings.chat_base_url
        if key := settings.chat_api_key.get_secret_value().strip():
            options["api_key"] = key
        if settings.chat_temperature is not None:
            options["temperature"] = settings.chat_temperature
        try:
            model: BaseChatModel = init_chat_model(
                self._model_name, model_provider=settings.chat_provider, **options
            )
        except (ImportError, ValueError) as error:  # no such package, or no such provider
            _log.warning("LangChain cannot open %s: %s", self.name, type(error).__name__)
            raise ChatError("absent") from None
        return model


def model_name(settings: Settings) -> str:
    """The model to ask. Raises ConfigurationError where the settings do not tell."""
    key = settings.chat_api_key.get_secret_value().strip()
    is_openais = settings.chat_provider == "openai" and not settings.chat_base_url
    if is_openais and not key:
        raise ConfigurationError(
            f"RAGBOT_CHAT_MODEL is {settings.chat_model!r}, without a server or a key.",
            remedy="Set RAGBOT_CHAT_API_KEY, or RAGBOT_CHAT_BASE_URL for a server of your own.",
        )
    if not key.isprintable() or not key.isascii():
        raise ConfigurationError(
            "RAGBOT_CHAT_API_KEY holds signs that no key has.",
            remedy="Copy the key anew, without line breaks.",
        )
    name = settings.chat_model or (OPENAI_MODEL if is_openais else "")
    if not name:
        raise ConfigurationError(
            "RAGBOT_CHAT_MODEL is not set, and the server is not OpenAI's.",
            remedy="Set RAGBOT_CHAT_MODEL to the name under which the server offers its model.",
        )
    return name


def _first(metadata: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of `names` in `metadata` that holds a text; "" if none does."""
    held = (metadata.get(name) for name in names)
    return next((value for value in held if isinstance(value, str)), "")


class _Limits(threading.local):
    """How long the request that this thread makes may take."""

    until: float = float("inf")


_limits = _Limits()


def _timeouts(stall: float) -> Any:
    from langchain_openai._compat import httpx

    return httpx.Timeout(stall, connect=min(stall, CONNECT_SECONDS))


def _bounded_client(stall: float) -> Any:
    """An HTTP client that ends a reply once its deadline or size is passed.

    The reader of a stream has left by then; this ends the thread that reads for it.
    """
    from langchain_openai._compat import httpx
    from openai import DefaultHttpxClient

    class Bounded(httpx.SyncByteStream):
        """A reply's bytes, up to the limits of the thread that asked."""

        def __init__(self, inner: Any) -> None:
            self._inner = inner
            self._until = _limits.until

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for data in self._inner:
                size += len(data)
                if size > MOST_BYTES:
                    message = "the reply is too long"
                    raise httpx.ReadError(message)
                if time.monotonic() > self._until:
                    message = "the deadline has passed"
                    raise httpx.ReadTimeout(message)
                yield data

        def close(self) -> None:
            self._inner.close()

    def bound(response: Any) -> None:
        response.stream = Bounded(response.stream)

    return DefaultHttpxClient(timeout=_timeouts(stall), event_hooks={"response": [bound]})
