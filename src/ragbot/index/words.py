"""The words of a library as written, commonest first: what a misspelt question is read by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ragbot.index.vocabulary import CONCEPTS

WORDS_FILE = "words.txt"
COUNTS_FILE = "word_counts.txt"
WORD = re.compile(r"[^\W\d_]{4,}")
MOST_WORDS = 50_000


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word of four letters or more stands in `texts`, in lower case."""
    return Counter(word for text in texts for word in WORD.findall(text.lower()))


def library_words(counted: Counter[str]) -> list[str]:
    """The words, commonest first and then by the alphabet; the vocabulary's come last."""
    known = sorted(counted, key=lambda word: (-counted[word], word))[:MOST_WORDS]
    forms = (
        word for written in CONCEPTS.values() for form in written for word in WORD.findall(form)
    )
    return list(dict.fromkeys((*known, *(word.lower() for word in forms))))


def save_words(folder: Path, counted: Counter[str]) -> None:
    """Write the words, and how often each stands, into a generation's folder."""
    (folder / WORDS_FILE).write_text("\n".join(library_words(counted)), encoding="utf-8")
    lines = [f"{word} {counted[word]}" for word in sorted(counted) if counted[word] > 0]
    (folder / COUNTS_FILE).write_text("\n".join(lines), encoding="utf-8")


def load_counts(folder: Path) -> Counter[str] | None:
    """How often each word stands in a generation; None where the file does not read."""
    try:
        lines = (folder / COUNTS_FILE).read_text(encoding="utf-8").splitlines()
        return Counter({word: int(count) for word, count in (line.split(" ") for line in lines)})
    except (OSError, ValueError):
        return None


def load_words(folder: Path) -> tuple[str, ...]:
    """The words of a generation; none if the file does not read, and no question is corrected."""
    try:
        return tuple((folder / WORDS_FILE).read_text(encoding="utf-8").split("\n"))
    except (OSError, UnicodeDecodeError):
        return ()
