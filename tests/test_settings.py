from __future__ import annotations

from pathlib import Path

import pytest

from ragbot.errors import ConfigurationError
from ragbot.settings import DISCLAIMER, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INDEX", ""),
        ("CORPUS", " "),
        ("DISCLAIMER", "  "),
        ("THREADS", "-1"),
        ("THREADS", "100000"),
        ("PASSAGES", "many"),
        ("CHUNK_WORDS", "3"),
    ],
)
def test_a_bad_value_is_one_line_that_names_it(monkeypatch, name, value):
    monkeypatch.setenv(f"RAGBOT_{name}", value)
    with pytest.raises(ConfigurationError, match=f"RAGBOT_{name}") as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_the_home_folder_is_expanded(monkeypatch):
    monkeypatch.setenv("RAGBOT_INDEX", "~/ragbot-index")
    assert load_settings().index == Path.home() / "ragbot-index"


def test_what_is_given_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("RAGBOT_PASSAGES", "7")
    assert load_settings().passages == 7
    assert load_settings(passages=9).passages == 9
    assert load_settings(passages=None).passages == 7


def test_the_digest_changes_with_what_shapes_an_answer(tmp_path):
    plain = load_settings()
    assert plain.digest() == load_settings(index=tmp_path).digest()
    assert plain.digest() != load_settings(passages=5).digest()
    assert plain.digest() != load_settings(disclaimer="Other.").digest()


def test_the_disclaimer_stands_as_shipped_or_as_the_file_says(tmp_path):
    assert load_settings().disclaimer_text() == DISCLAIMER
    file = tmp_path / "d.txt"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(disclaimer_file=file).disclaimer_text()
    file.write_text(" \n")
    with pytest.raises(ConfigurationError, match="is empty"):
        load_settings(disclaimer_file=file).disclaimer_text()
