"""One polite HTTP client: agreed to, slow enough, with limits of time and size; errors mapped."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from ragbot.errors import ConfigurationError, FetchError
from ragbot.settings import Settings

SIZE_LIMIT = 2_000_000
LEAST_SECONDS_BETWEEN = 0.4
"""NCBI asks for at most three requests a second, from one place."""
AGENT = "ragbot/0.1 (reference checking)"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_pace = threading.Lock()
_last: dict[str, float] = {}


class MetadataClient:
    """Gets JSON documents. Nothing is followed elsewhere, and nothing is sent but what is asked."""

    def __init__(self, settings: Settings, *, consent: bool) -> None:
        """Raises ConfigurationError unless the setting is on and `consent` was given."""
        if not (settings.fetch_metadata and consent):
            missing = (
                "the command has no --consent"
                if settings.fetch_metadata
                else ("RAGBOT_FETCH_METADATA is off")
            )
            raise ConfigurationError(
                f"Nothing is fetched: {missing}.",
                remedy="Set RAGBOT_FETCH_METADATA=1 and give --consent: the DOIs and PMIDs of the "
                "sources are then sent to Crossref and NCBI.",
            )
        contact = f"; mailto:{settings.fetch_contact}" if settings.fetch_contact else ""
        self._client = httpx.Client(
            timeout=settings.fetch_timeout,
            follow_redirects=False,
            trust_env=True,
            headers={"User-Agent": AGENT + contact, "Accept": "application/json"},
        )
        self._timeout = settings.fetch_timeout

    def get(self, address: str, query: Mapping[str, str] | None = None) -> Any:
        """The JSON document at `address`; None if there is none. Raises FetchError."""
        host = urlsplit(address).hostname or ""
        _check(address, host)
        _wait(host)
        deadline = time.monotonic() + self._timeout
        try:
            with self._client.stream("GET", address, params=query) as response:
                if response.status_code == httpx.codes.NOT_FOUND:
                    return None
                if response.status_code != httpx.codes.OK:
                    raise FetchError(
                        f"{host} answered with status {response.status_code}.",
                        remedy=_remedy(response.status_code),
                    )
                data = bytearray()
                for piece in response.iter_bytes():
                    data += piece
                    if len(data) > SIZE_LIMIT or time.monotonic() > deadline:
                        raise FetchError(
                            f"{host} sent more than {SIZE_LIMIT} bytes, or took too long.",
                            remedy="Try again later.",
                        )
        except httpx.TimeoutException as error:
            raise FetchError(
                f"{host} did not answer within {self._timeout:g} s.",
                remedy="Try again later, or raise RAGBOT_FETCH_TIMEOUT.",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise FetchError(
                f"{host} cannot be reached ({type(error).__name__}).",
                remedy="Check the network and the address in the settings.",
            ) from error
        return _parsed(bytes(data), host)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _parsed(data: bytes, host: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FetchError(
            f"{host} sent what is no JSON document.", remedy="Try again later."
        ) from error


def _check(address: str, host: str) -> None:
    scheme = urlsplit(address).scheme
    if scheme != "https" and not (scheme == "http" and host in LOOPBACK):
        raise ConfigurationError(
            f"The address of {host or 'the server'} does not begin with https://.",
            remedy="Correct RAGBOT_CROSSREF_URL or RAGBOT_NCBI_URL.",
        )


def _remedy(status: int) -> str:
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "It asks for a pause: try again in some minutes."
    return "Try again later." if status >= 500 else "Check the identifier and the address."


def _wait(host: str) -> None:
    """Keep the least time between two requests to one host, over all threads."""
    with _pace:
        left = _last.get(host, 0.0) + LEAST_SECONDS_BETWEEN - time.monotonic()
        if left > 0:
            time.sleep(left)
        _last[host] = time.monotonic()
