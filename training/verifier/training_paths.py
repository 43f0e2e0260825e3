"""Where training reads and writes, and which backbone it starts from."""

from __future__ import annotations

from pathlib import Path

from ragbot.index.export import model_location
from ragbot.settings import SHIPPED_MODEL

LABELS = ("supported", "contradicted", "unsupported")


def backbone_folder() -> Path:
    """Folder of the backbone's weights: the shipped sentence encoder."""
    return Path(model_location(SHIPPED_MODEL))
