"""What the tests share: isolated settings, indexes built with the real model, a tiny corpus.

`exported_model`   folder of the exported embedding model; kept in the git-ignored `.cache`, because
                   the export takes 20 seconds (`.cache` may be deleted at any time)
`settings_for`     a function: settings with an index, a corpus and a database of the test's own
`shipped`          settings of the repository's corpus, indexed once a session: only read from it
`library_index`    that index, opened
`small_corpus`     two articles and three sources that the test may change, in its own folder
`small`            settings of that corpus, not indexed yet
`ragbot`           a function: runs the real command in a process of its own

No test sees the `RAGBOT_*` settings or the data folder of whoever runs it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from ragbot.index.export import ensure_export
from ragbot.index.generations import MODELS
from ragbot.index.reader import LibraryIndex
from ragbot.index.sync import sync
from ragbot.settings import SHIPPED_MODEL, Settings
from small_library import (
    SmallCorpus,
    command_line,
    environment_of,
    own_settings,
    write_small_corpus,
)

ROOT = Path(__file__).parents[1]
MODEL_CACHE = ROOT / ".cache" / "models"
INDEX_CACHE = ROOT / ".cache" / "shipped-index"

SettingsFor = Callable[..., Settings]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_configure(config: pytest.Config) -> None:
    """Give the whole run an environment of its own, before anything reads it."""
    for name in Settings.model_fields:
        os.environ.pop(f"RAGBOT_{name.upper()}", None)
    home = tempfile.mkdtemp(prefix="ragbot-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ.update(XDG_DATA_HOME=home, HF_HUB_OFFLINE="1", ANONYMIZED_TELEMETRY="False")
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(ROOT / ".cache" / "hypothesis")


@pytest.fixture(scope="session")
def exported_model() -> Path:
    """Folder of exported models, as an index's `models/`."""
    MODEL_CACHE.parent.mkdir(exist_ok=True)
    with FileLock(MODEL_CACHE.parent / "models.lock"):
        ensure_export(SHIPPED_MODEL, MODEL_CACHE)
    return MODEL_CACHE


@pytest.fixture
def settings_for(exported_model: Path) -> SettingsFor:
    """`settings_for(folder, **overrides)`: settings that lie in `folder`."""
    return lambda folder, **overrides: own_settings(folder, exported_model, **overrides)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory, exported_model: Path) -> Settings:
    """Settings of the shipped corpus with its index built; to be read from only.

    The built index is kept beside the model, under the digest of all that it is made from.
    """
    kept = INDEX_CACHE / digest_of_index()
    with FileLock(INDEX_CACHE.with_suffix(".lock")):
        if not kept.is_dir():
            shutil.rmtree(INDEX_CACHE, ignore_errors=True)
            building = tmp_path_factory.mktemp("building")
            settings = own_settings(building, exported_model, corpus=ROOT / "corpus")
            assert sync(settings).failed == ()
            INDEX_CACHE.mkdir()
            shutil.move(settings.index, kept)
    folder = tmp_path_factory.mktemp("shipped")
    settings = own_settings(folder, exported_model, corpus=ROOT / "corpus")
    shutil.copytree(kept, settings.index, symlinks=True, dirs_exist_ok=True, ignore=_models)
    return settings


def _models(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == MODELS]


def digest_of_index() -> str:
    """Digest of the corpus, the code that indexes it, and the versions of what that code uses."""
    source = ROOT / "src" / "ragbot"
    files = [ROOT / "constraints.txt", source / "types.py", source / "settings.py"]
    for folder in (ROOT / "corpus", source / "library", source / "index"):
        files += [path for path in sorted(folder.rglob("*")) if path.suffix != ".pyc"]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="session")
def library_index(shipped: Settings) -> Iterator[LibraryIndex]:
    """The opened index of the shipped corpus."""
    index = LibraryIndex(shipped)
    yield index
    index.catalog.close()


@pytest.fixture
def small_corpus(tmp_path: Path) -> SmallCorpus:
    """Two articles and three sources in `tmp_path / "corpus"`."""
    return write_small_corpus(tmp_path / "corpus")


@pytest.fixture
def small(small_corpus: SmallCorpus, tmp_path: Path, settings_for: SettingsFor) -> Settings:
    """Settings of the small corpus; a test that needs the index calls `sync(small)`."""
    return settings_for(tmp_path)


@pytest.fixture
def ragbot() -> Command:
    """`ragbot(settings, "ask", ..., NAME=value)`: the command in its own process, ended."""

    def run(settings: Settings, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command_line(arguments),
            env=environment_of(settings, **more),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
