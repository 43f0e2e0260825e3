"""The verbs of `ragbot` for a terminal."""

from ragbot.cli.main import main

__all__ = ["main"]
