"""The readers' files, for the tests beside them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "readers"))
PAGES = Path(__file__).parent / "readers" / "pages"

from making import bibtex, jats, nbib, pdf, pubmed, ris, word  # noqa: E402
from papers import PAPERS  # noqa: E402

__all__ = ["PAGES", "PAPERS", "bibtex", "jats", "nbib", "pdf", "pubmed", "ris", "word"]
