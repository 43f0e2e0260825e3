"""The scripted model of `eval/`, and settings that ask it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from eval_runs import EVAL, KEY
from pydantic import SecretStr

from ragbot.settings import Settings


@pytest.fixture(scope="session")
def scripted() -> ModuleType:
    """`eval/scripted_model.py` as a module."""
    spec = importlib.util.spec_from_file_location("scripted_model", EVAL / "scripted_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def live(
    scripted: ModuleType, shipped: Settings, tmp_path: Path
) -> Iterator[Callable[..., Settings]]:
    """`live(**changes)`: settings of the shipped library that ask the scripted model."""
    server = scripted.serve()
    given = {
        "database_url": f"sqlite:///{tmp_path / 'conversations.sqlite'}",
        "chat_model": "scripted",
        "chat_base_url": f"http://127.0.0.1:{server.server_address[1]}/v1",
        "chat_api_key": SecretStr(KEY),
    }
    yield lambda **changes: shipped.model_copy(update=given | changes)
    server.shutdown()
    server.server_close()
