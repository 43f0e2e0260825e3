"""The shipped articles and sources as the audit reads them, by the real embedding model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ragbot.audit.reading import IndexLibrary
from ragbot.library.reader import read_document

ROOT = Path(__file__).parents[2]


class Remembering:
    """A library that embeds each text once; its sources are those of the shipped index."""

    def __init__(self, library):
        self._library = library
        self._known = {}

    def source(self, source_id):
        return self._library.source(source_id)

    def embed(self, texts):
        fresh = [text for text in texts if text not in self._known]
        if fresh:
            self._known.update(zip(fresh, self._library.embed(fresh), strict=True))
        return np.stack([self._known[text] for text in texts])


@pytest.fixture(scope="session")
def library(library_index):
    return Remembering(IndexLibrary(library_index))


@pytest.fixture(scope="session")
def articles():
    paths = sorted((ROOT / "corpus" / "articles").glob("*.md"))
    return [read_document(path, "article") for path in paths]
