"""ragbot answers follow-up questions on an article; every sentence opens its passage.

>>> from ragbot import Ragbot
>>> bot = Ragbot()
>>> answer = bot.ask("Does age matter?", article="tp53-b-all")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragbot.bot import Ragbot
    from ragbot.errors import RagbotError
    from ragbot.settings import Settings, load_settings

__all__ = ["Ragbot", "RagbotError", "Settings", "load_settings"]

_HOMES = {
    "Ragbot": "ragbot.bot",
    "RagbotError": "ragbot.errors",
    "Settings": "ragbot.settings",
    "load_settings": "ragbot.settings",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, and only that: `import ragbot` stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ragbot' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
