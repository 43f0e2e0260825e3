"""The pages without a browser: what they draw, and what they say when something is wrong."""

from __future__ import annotations

import gc
import shutil
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ragbot.bot import Ragbot
from ragbot.settings import DISCLAIMER, Settings
from ragbot.ui.house import _open_house, the_house

from .conftest import ROOT

ARTICLE = "tp53-b-all"


@pytest.fixture
def app(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _open_house.cache_clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    _open_house.cache_clear()


def drawn(app: AppTest) -> str:
    """The HTML of the page, piece by piece, without its style sheet."""
    pieces = [piece.proto.body for piece in app.get("html")]
    return "\n".join(piece for piece in pieces if not piece.startswith("<style>"))


def open_at(app: AppTest, **place: str) -> str:
    for name, value in place.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return drawn(app)


def test_without_an_article_the_library_is_shown(app: AppTest) -> None:
    page = open_at(app)
    assert "4 of 4 articles" in page
    assert "What is the prognosis and treatment for B-ALL" in page


def test_an_article_has_its_parts(app: AppTest) -> None:
    page = open_at(app, article=ARTICLE)
    for part in ("Medical Advisory Board", 'aria-current="step"', "Last updated", "References"):
        assert part in page
    assert page.count(DISCLAIMER) == 1
    assert "Sample size" in page
    assert "https://doi.org/" in page


def test_a_kept_conversation_is_shown_with_one_disclaimer_an_answer(
    app: AppTest, library: Settings
) -> None:
    answer = Ragbot(library).ask("Does transplant help?", ARTICLE)
    page = open_at(app, article=ARTICLE, conversation=answer.conversation_id)
    assert page.count(DISCLAIMER) == 2 + page.count("data-copy") * 1
    assert "Does transplant help?" in page
    cite = answer.citations[0]
    panel = open_at(app, article=ARTICLE, conversation=answer.conversation_id, cite=cite.key)
    assert "<mark>" in panel


def test_a_conversation_of_another_article_is_refused(app: AppTest, library: Settings) -> None:
    answer = Ragbot(library).ask("Does transplant help?", ARTICLE)
    page = open_at(app, article="mrd-in-b-all", conversation=answer.conversation_id)
    assert "is on another article" in page
    assert "Does transplant help?" not in page


def test_a_citation_that_the_conversation_does_not_have_is_told(app: AppTest) -> None:
    page = open_at(app, article=ARTICLE, cite="ffffffffffff")
    assert "Unknown citation" in page
    assert "<mark>" not in page


def test_a_missing_index_is_told_with_its_remedy(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAGBOT_INDEX", str(tmp_path / "none"))
    page = open_at(app)
    assert 'role="alert"' in page
    assert "ragbot index" in page


def test_a_damaged_index_is_told_with_its_remedy(
    app: AppTest, library: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(library.index, tmp_path / "index", symlinks=True)
    for found in (tmp_path / "index").rglob("*.sqlite"):
        found.write_bytes(b"not a database")
    monkeypatch.setenv("RAGBOT_INDEX", str(tmp_path / "index"))
    page = open_at(app)
    assert 'role="alert"' in page


def test_a_bad_setting_is_told_by_its_name(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGBOT_PASSAGES", "many")
    assert "RAGBOT_PASSAGES" in open_at(app)


def test_an_unusable_database_is_told_and_the_article_stays_readable(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGBOT_DATABASE_URL", "sqlite:////proc/none/conversations.sqlite")
    page = open_at(app, article=ARTICLE)
    assert "Bottom line" in page
    assert "/proc/none" in page
    assert 'role="alert"' in page
    app.chat_input[0].set_value("Does transplant help?").run()
    assert not app.exception
    assert "Bottom line" in drawn(app)
    assert 'role="alert"' in drawn(app)


def test_a_question_is_answered_with_chips_and_one_disclaimer(app: AppTest) -> None:
    open_at(app, article=ARTICLE)
    app.chat_input[0].set_value("Does transplant help?").run()
    page = drawn(app)
    for _ in range(200):
        if "rb-disclaimer" in page.partition("rb-turn")[2]:
            break
        time.sleep(0.1)
        page = drawn(app.run())
    turn = page.partition("rb-turn")[2]
    assert turn.count("rb-disclaimer") == 1
    assert "rb-chip" in turn
    assert app.query_params["conversation"]


def test_readers_are_not_held_up_by_the_collection_of_garbage(app: AppTest):
    open_at(app, article=ARTICLE)
    assert the_house().warm.wait(60)
    assert gc.get_freeze_count() > 100_000
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["runner"]["postScriptGC"] is False
