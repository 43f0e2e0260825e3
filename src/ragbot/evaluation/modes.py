"""Who answers in a run: the extractive answerer, a recorded chat model, or a live one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from ragbot.errors import ConfigurationError, UsageError
from ragbot.evaluation.cassettes import Cassette, load, save
from ragbot.evaluation.runs import Mode
from ragbot.evaluation.tapes import Deck, Player, Recorder, Tape
from ragbot.settings import OPENAI_MODEL, OPENAI_URL, Settings

SUITES: dict[Mode, str] = {
    "extractive": "eval/suites",
    "recorded": "eval/recorded",
    "live": "eval/suites",
}
"""Where the suites of each mode lie, if no other folder is named."""
PLAYED = "http://recorded/v1"
"""Stands for the address of a deck, which has another port each time, in a settings digest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a run is to be made; `record` keeps what a live model answers in `cassette`.

    `origin` says on the cassette who answered; "" is the server's host and the date.
    """

    mode: Mode
    cassette: Path
    record: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """Settings to run with, their digest, and the tape that is told which turn is asked."""

    settings: Settings
    digest: str
    tape: Tape | None = None


@contextmanager
def opened(wanted: Wanted, settings: Settings) -> Iterator[Ready]:
    """What is needed for a run in the mode `wanted`; a recording is written when it ends well.

    Raises UsageError or ConfigurationError if the mode cannot be had.
    """
    if wanted.record and wanted.mode != "live":
        raise UsageError(
            f"--record with --mode {wanted.mode} has nobody to record.", remedy="Use --mode live."
        )
    if wanted.mode == "extractive":
        quiet = _with(settings, chat_model="", chat_base_url="", chat_api_key=SecretStr(""))
        yield Ready(quiet, quiet.digest())
    elif wanted.mode == "recorded":
        with _played(load(wanted.cassette), settings) as ready:
            yield ready
    elif not settings.has_chat:
        raise ConfigurationError(
            "--mode live needs a chat model, and RAGBOT_CHAT_MODEL is not set.",
            remedy="Set RAGBOT_CHAT_MODEL with RAGBOT_CHAT_BASE_URL or RAGBOT_CHAT_API_KEY.",
        )
    elif wanted.record:
        with _recorded(wanted, settings) as ready:
            yield ready
    else:
        yield Ready(settings, settings.digest())


def _with(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update=changes)


@contextmanager
def _played(cassette: Cassette, settings: Settings) -> Iterator[Ready]:
    with Deck(Player(cassette)) as deck:
        played = _with(
            settings,
            chat_provider="openai",
            chat_model=cassette.model,
            chat_base_url=deck.url,
            chat_api_key=SecretStr(""),
            chat_temperature=cassette.temperature,
            chat_standalone=cassette.standalone,
            chat_structured="on",
            chat_retries=0,
        )
        yield Ready(played, _with(played, chat_base_url=PLAYED).digest(), deck.tape)


@contextmanager
def _recorded(wanted: Wanted, settings: Settings) -> Iterator[Ready]:
    if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        raise UsageError(
            "CI is set, and nothing is recorded in CI.", remedy="Record on a machine of your own."
        )
    if settings.chat_provider != "openai":
        raise ConfigurationError(
            f"RAGBOT_CHAT_PROVIDER is {settings.chat_provider!r}, which cannot be recorded.",
            remedy="Record from a server that speaks OpenAI's API.",
        )
    base_url = settings.chat_base_url or OPENAI_URL
    cassette = Cassette(
        model=settings.chat_model or OPENAI_MODEL,
        origin=wanted.origin or f"{urlsplit(base_url).hostname}, {datetime.now(UTC):%Y-%m-%d}",
        temperature=settings.chat_temperature,
        standalone=settings.chat_standalone,
    )
    key = settings.chat_api_key.get_secret_value().strip()
    tape = Recorder(cassette, base_url, key, settings.chat_stall)
    with Deck(tape) as deck:
        passed = _with(
            settings,
            chat_model=cassette.model,
            chat_base_url=deck.url,
            chat_api_key=SecretStr(""),
        )
        yield Ready(passed, settings.digest(), tape)
    save(cassette, wanted.cassette)
