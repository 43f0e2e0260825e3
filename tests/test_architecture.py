"""The direction of imports, the public names, and what a question must not import."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import ragbot
from small_library import environment_of

SOURCE = Path(ragbot.__file__).parent
# Data flows down this list, and a room imports only from itself and the rooms above.
ROOMS = [
    "types",
    "errors",
    "settings",
    "privacy",
    "library",
    "index",
    "retrieval",
    "answering",
    "audit",
    "conversations",
    "bot",
    "evaluation",
    "ui",
    "cli",
]
HEAVY = (
    "torch",
    "sentence_transformers",
    "transformers",
    "chromadb",
    "scipy",
    "pandas",
    "streamlit",
)


def imports_of(path: Path) -> set[str]:
    """Rooms of ragbot that the module in `path` imports, also within functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("ragbot.")}
    return found


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


MODULES = sorted(p for p in SOURCE.rglob("*.py") if room_of(p) != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_only_point_up(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} has no place in the house"
    below = {name for name in imports_of(path) if ROOMS.index(name) > ROOMS.index(room)}
    assert not below, f"{path.name} in {room} imports from below: {sorted(below)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_file_stays_readable(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 450 or path.name in {"vocabulary.py", "wordlists.py"}


def test_public_names_are_pinned():
    assert ragbot.__all__ == ["Ragbot", "RagbotError", "Settings", "load_settings"]
    for name in ragbot.__all__:
        assert getattr(ragbot, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        ragbot.Nothing  # noqa: B018


def test_every_error_has_an_exit_code_of_the_contract():
    errors = importlib.import_module("ragbot.errors")
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.RagbotError)
    ]
    assert len(kinds) > 10
    assert {kind.exit_code for kind in kinds} <= {1, 2, 3}


def test_a_question_imports_nothing_heavy(shipped):
    """A whole question in a fresh process: no torch, no Chroma, no scipy."""
    program = (
        "import sys\n"
        "from ragbot import Ragbot\n"
        "answer = Ragbot().ask('How many had a TP53 mutation?', 'tp53-b-all')\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(answer.abstained, heavy)\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=environment_of(shipped),
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "False []"
