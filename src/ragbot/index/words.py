"""The words of a library as written, commonest first: what a misspelt question is read by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ragbot.index.vocabulary import CONCEPTS

WORDS_FILE = "words.txt"
WORD = re.compile(r"[^\W\d_]{4,}")
MOST_WORDS = 50_000


def library_words(texts: Iterable[str]) -> list[str]:
    """Words of four letters or more, in lower case, commonest first; the vocabulary's come last."""
    counted = Counter(word for text in texts for word in WORD.findall(text.lower()))
    known = [word for word, _ in counted.most_common(MOST_WORDS)]
    forms = (
        word for written in CONCEPTS.values() for form in written for word in WORD.findall(form)
    )
    return list(dict.fromkeys((*known, *(word.lower() for word in forms))))


def save_words(folder: Path, words: Iterable[str]) -> None:
    """Write the words into a generation's folder."""
    (folder / WORDS_FILE).write_text("\n".join(words), encoding="utf-8")


def load_words(folder: Path) -> tuple[str, ...]:
    """The words of a generation; none if the file does not read, and no question is corrected."""
    try:
        return tuple((folder / WORDS_FILE).read_text(encoding="utf-8").split("\n"))
    except (OSError, UnicodeDecodeError):
        return ()
