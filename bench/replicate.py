"""Text at scale: a library of any size, made of real text that is repeated with changes.

The first copy of every text is as it was; in later copies some of the words are replaced by others
of the same library, so that no two chunks are alike and words keep their frequencies. It is text to
search among, and nothing that it says is meant.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragbot.library.corpus import Failure, list_corpus, read_files

REPLACED = 0.15
PARAGRAPH = 5
SOURCES_AN_ARTICLE = 10
CITED = 10
_MARKS = re.compile(r"[\[\]<>`*_#|~^\\$]")
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its title, and a question that it answers."""

    title: str
    sentences: tuple[str, ...]
    question: str


@dataclass(frozen=True, slots=True)
class Made:
    """A made library: how many files it has, and (article, question) pairs to search it by."""

    documents: int
    asked: tuple[tuple[str, str], ...]


def read_texts(library: Path | None, corpus: Path) -> list[Text]:
    """The texts of a file of answers (`focus`, `question`, `answer`), or else of a corpus."""
    found = _answers(library) if library is not None else _corpus(corpus)
    return [text for text in found if text.sentences and text.title]


def _answers(path: Path) -> Iterator[Text]:
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield _text(str(row["focus"]), str(row["answer"]), str(row["question"]))


def _corpus(folder: Path) -> Iterator[Text]:
    for entry in read_files(list_corpus(folder)):
        if not isinstance(entry, Failure):
            body = " ".join(
                entry.text[b.start : b.end] for b in entry.blocks if b.kind != "heading"
            )
            yield _text(entry.title, body, f"What was found on {entry.title}?")


def _text(title: str, body: str, question: str) -> Text:
    clean = " ".join(_MARKS.sub(" ", body).split())
    sentences = tuple(piece for piece in _SENTENCES.split(clean) if piece)
    return Text(" ".join(_MARKS.sub(" ", title).split()), sentences, " ".join(question.split()))


def write_library(texts: Sequence[Text], words: int, folder: Path, seed: int = 11) -> Made:
    """Write a corpus of at least `words` words into `folder`: sources, and articles citing them."""
    chance = random.Random(seed)
    vocabulary = [word for text in texts for line in text.sentences for word in line.split()]
    asked: list[tuple[str, str]] = []
    written: list[tuple[str, Text]] = []
    count = documents = 0
    while count < words:
        base = texts[documents % len(texts)]
        text = base if documents < len(texts) else _changed(base, vocabulary, chance)
        name = f"s{documents:07d}"
        _write(folder / "sources" / f"{name}.md", {"title": text.title}, _body(text.sentences))
        written.append((name, text))
        documents += 1
        count += sum(len(line.split()) for line in text.sentences)
        if len(written) == SOURCES_AN_ARTICLE:
            asked.append(_article(len(asked), written, folder, chance))
            written = []
    if not asked:
        asked.append(_article(0, written, folder, chance))
    return Made(documents + len(asked), tuple(asked))


def _changed(text: Text, vocabulary: Sequence[str], chance: random.Random) -> Text:
    def line(sentence: str) -> str:
        return " ".join(
            chance.choice(vocabulary) if chance.random() < REPLACED else word
            for word in sentence.split()
        )

    changed = tuple(line(sentence) for sentence in text.sentences)
    return Text(text.title, changed, line(text.question))


def _article(
    number: int, sources: Sequence[tuple[str, Text]], folder: Path, chance: random.Random
) -> tuple[str, str]:
    """An article whose sentences are the first ones of sources it cites; a question on it."""
    slug = f"a{number:06d}"
    cited = chance.sample(list(sources), min(CITED, len(sources)))
    lines = []
    for at, (_, text) in enumerate(cited, 1):
        sentence = text.sentences[0]
        end = "." if sentence.endswith(".") else ""
        lines.append(f"{sentence.removesuffix('.')} [{at}]{end}")
    head = {
        "title": f"What is known of {cited[0][1].title}?",
        "status": "approved",
        "updated": "2026-01-05",
        "references": {at: name for at, (name, _) in enumerate(cited, 1)},
    }
    _write(folder / "articles" / f"{slug}.md", head, _body(lines))
    return slug, chance.choice(cited)[1].question


def _body(lines: Sequence[str]) -> str:
    paragraphs = [" ".join(lines[at : at + PARAGRAPH]) for at in range(0, len(lines), PARAGRAPH)]
    return "## Text\n\n" + "\n\n".join(paragraphs)


def _write(path: Path, head: Mapping[str, object], body: str) -> None:
    """A file of the corpus; JSON is YAML too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    front = "\n".join(f"{name}: {json.dumps(value)}" for name, value in head.items())
    front = re.sub(r'"(\d+)": ', r"\1: ", front)
    path.write_text(f"---\n{front}\n---\n\n{body}\n", encoding="utf-8")
