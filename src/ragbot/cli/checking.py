"""`ragbot doctor`: what is configured, reachable and healthy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

import typer

from ragbot.cli.console import AsJson, Corpus, Index, print_json, settings_of, verb
from ragbot.errors import RagbotError
from ragbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and what was seen or how to mend it."""

    name: str
    is_well: bool
    detail: str


def _corpus(settings: Settings) -> str:
    from ragbot.library.corpus import list_corpus

    return f"{len(list_corpus(settings.corpus))} files in {settings.corpus}"


def _index(settings: Settings) -> str:
    from ragbot.index.reader import LibraryIndex

    stamp = LibraryIndex(settings).stamp
    return (
        f"{stamp.documents} documents, {stamp.chunks} chunks, built {stamp.built} with "
        f"{stamp.embedding_model}, in {settings.index}"
    )


def _model(settings: Settings) -> str:
    from ragbot.index.reader import LibraryIndex

    length = len(LibraryIndex(settings).embedder.embed_query("blinatumomab"))
    return f"{settings.embedding_model}, vectors of {length}"


def _conversations(settings: Settings) -> str:
    from ragbot.conversations.store import ConversationStore

    return f"{len(ConversationStore(settings.conversations_url()).list())} kept"


def _answers(settings: Settings) -> str:
    if not settings.has_chat:
        return "extractive: no chat model is configured"
    from ragbot.answering.generative.chat import LangChainChat

    name = LangChainChat(settings).name  # raises for settings that name no model; asks nothing
    where = settings.chat_base_url or f"{settings.chat_provider}'s own address"
    return f"{name} at {where}, checked by {settings.verifier}"


def _disclaimer(settings: Settings) -> str:
    return f"{len(settings.disclaimer_text())} characters"


CHECKS: tuple[tuple[str, Callable[[Settings], str]], ...] = (
    ("corpus", _corpus),
    ("index", _index),
    ("embedding model", _model),
    ("conversations", _conversations),
    ("answers", _answers),
    ("disclaimer", _disclaimer),
)


def examine(settings: Settings) -> list[Finding]:
    """Look at each part; an error of one does not keep the others from being looked at."""
    findings = []
    for name, look in CHECKS:
        try:
            findings.append(Finding(name, is_well=True, detail=look(settings)))
        except RagbotError as error:
            findings.append(Finding(name, is_well=False, detail=str(error)))
    return findings


@verb
def doctor(corpus: Corpus = None, index: Index = None, as_json: AsJson = False) -> None:
    """Say what is configured, reachable and healthy; exit 3 if something needed is not."""
    findings = examine(settings_of(corpus, index))
    if as_json:
        print_json({"checks": [asdict(finding) for finding in findings]})
    else:
        for found in findings:
            mark = "ok     " if found.is_well else "MISSING"
            sys.stdout.write(f"{mark}  {found.name}: {found.detail}\n")
    if not all(found.is_well for found in findings):
        raise typer.Exit(3)
