"""What is measured on: the shipped library and its conversations, and collections in BEIR form."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from bench.protocol import Doc
from ragbot.evaluation.retrieval_data import Query, read_collection
from ragbot.library.corpus import Failure, list_corpus, read_files

SUITES = ("followups.yaml", "singles.yaml")
ADDED = "\n\nA later report in 214 patients did not change these figures.\n"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions on one article, asked one after the other."""

    name: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """A collection for retrieval: documents, judged queries, and their relevant documents.

    `whole` is how many documents it had before others than the relevant ones were left out.
    """

    name: str
    docs: tuple[Doc, ...]
    queries: tuple[Query, ...]
    qrels: Mapping[str, Mapping[str, int]]
    whole: int

    @property
    def has_history(self) -> bool:
        """Whether some queries are follow-ups."""
        return any(query.history for query in self.queries)


def library_docs(corpus: Path) -> list[Doc]:
    """The documents of a ragbot corpus: plain text for the peers, the file for ragbot.

    Raises ValueError if a file does not read.
    """
    docs: list[Doc] = []
    failed: list[Failure] = []
    for entry in read_files(list_corpus(corpus)):
        if isinstance(entry, Failure):
            failed.append(entry)
            continue
        path = corpus / f"{entry.kind}s" / f"{entry.id}.md"
        source = path.read_text(encoding="utf-8")
        text = f"{entry.title}\n{entry.text}"
        docs.append(Doc(entry.id, entry.title, text, entry.kind, source))
    if failed:
        raise ValueError(f"{len(failed)} files of {corpus} do not read: {failed[0]}")
    return docs


def with_one_changed(docs: Sequence[Doc]) -> list[Doc]:
    """The same documents, a sentence added at the end of the longest source."""
    longest = max((doc for doc in docs if doc.kind == "source"), key=lambda doc: len(doc.text))
    changed = replace(longest, text=longest.text + ADDED, source=longest.source + ADDED)
    return [changed if doc.id == longest.id else doc for doc in docs]


def conversations(suites: Path, article: str) -> list[Conversation]:
    """The conversations on `article` in the regression suites, follow-ups first."""
    found = []
    for name in SUITES:
        loaded = yaml.safe_load((suites / name).read_text(encoding="utf-8"))
        found += [
            Conversation(sample["id"], tuple(turn["question"] for turn in sample["turns"]))
            for sample in loaded["samples"]
            if sample["article"] == article
        ]
    return found


def pool(folder: Path, most: int | None, queries: int | None, seed: int = 7) -> Pool:
    """The collection in `folder`; documents are passages and are not cut.

    With `most`, all documents that are relevant to a query are kept and others drawn at random,
    up to that many; with `queries`, so many queries are drawn.
    """
    whole = read_collection(folder)
    chosen = random.Random(seed)
    asked = list(whole.queries)
    if queries is not None and queries < len(asked):
        asked = sorted(chosen.sample(asked, queries), key=lambda query: query.id)
    kept = {doc for query in asked for doc in whole.qrels[query.id]}
    others = [name for name in whole.ids if name not in kept]
    if most is not None:
        others = chosen.sample(others, max(0, min(len(others), most - len(kept))))
    names = kept.union(others)
    docs = tuple(
        Doc(name, "", text)
        for name, text in zip(whole.ids, whole.texts, strict=True)
        if name in names
    )
    qrels = {query.id: whole.qrels[query.id] for query in asked}
    return Pool(folder.name, docs, tuple(asked), qrels, len(whole.ids))


def write_docs(docs: Sequence[Doc], path: Path) -> Path:
    """The documents as a file of JSON lines, for the workers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(doc.to_dict()) + "\n" for doc in docs)
    return path
