"""PaperQA: a `Docs` that is pickled, asked by `aquery`; its evidence is summed up by the model."""

from __future__ import annotations

import asyncio
import hashlib
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paperqa import Docs, Settings
from paperqa.settings import AnswerSettings, ParsingSettings
from paperqa.types import Doc as PaperDoc
from paperqa.types import Text

from bench.protocol import Doc, History, Task, distinct


class PaperQA:
    """As PaperQA documents it for local models and files; a conversation is nothing it takes."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._file = task.state / "docs.pickle"
        self._texts = task.state / "texts"
        model = f"openai/{task.chat_model}"
        served = {
            "model_list": [
                {
                    "model_name": model,
                    "litellm_params": {
                        "model": model,
                        "api_base": task.base_url,
                        "api_key": "bench",
                    },
                }
            ]
        }
        self._settings = Settings(
            llm=model,
            llm_config=served,
            summary_llm=model,
            summary_llm_config=served,
            embedding=f"st-{task.embedding}",
            answer=AnswerSettings(evidence_k=task.k),
            parsing=ParsingSettings(
                use_doc_details=False,
                reader_config={"chunk_chars": task.chunk_characters or 5000, "overlap": 0},
            ),
        )
        self._embedding = self._settings.get_embedding_model()
        self._docs = Docs()
        if self._file.exists():
            self._docs = pickle.loads(self._file.read_bytes())  # noqa: S301  (its own file)
        self._loop = asyncio.new_event_loop()

    def index(self, docs: Sequence[Doc]) -> int:
        """Documents whose content is held are not read again; those gone are deleted."""
        wanted = {f"{doc.id}-{_digest(doc)}": doc for doc in docs}
        for key in [key for key in self._docs.docs if key not in wanted]:
            self._docs.delete(dockey=key)
        self._loop.run_until_complete(
            self._add({k: d for k, d in wanted.items() if k not in self._docs.docs})
        )
        self._file.write_bytes(pickle.dumps(self._docs))
        return len(self._docs.texts)

    async def _add(self, docs: dict[str, Doc]) -> None:
        self._texts.mkdir(parents=True, exist_ok=True)
        whole: list[tuple[Text, PaperDoc]] = []
        for at, (key, doc) in enumerate(docs.items()):
            if not self._task.chunk_words:
                held = PaperDoc(docname=doc.id, dockey=key, citation=doc.title or doc.id)
                whole.append((Text(text=doc.text, name=doc.id, doc=held), held))
                continue
            path = self._texts / f"{at}.txt"
            path.write_text(doc.text, encoding="utf-8")
            await self._docs.aadd(
                path,
                citation=doc.title or doc.id,
                docname=doc.id,
                dockey=key,
                settings=self._settings,
                embedding_model=self._embedding,
            )
        await self._add_whole(whole)

    async def _add_whole(self, pieces: list[tuple[Text, PaperDoc]]) -> None:
        """Texts that are not to be cut are embedded in batches and not one by one."""
        vectors = await self._embedding.embed_documents([text.text for text, _ in pieces])
        for (text, held), vector in zip(pieces, vectors, strict=True):
            text.embedding = vector
            await self._docs.aadd_texts([text], held, settings=self._settings)

    def ask(self, question: str, history: History) -> str:
        """A model call for each passage and one for the answer; the history is not used."""
        del history
        session: Any = self._loop.run_until_complete(
            self._docs.aquery(question, settings=self._settings, embedding_model=self._embedding)
        )
        return str(session.answer)

    def retrieve(self, query: str, history: History, k: int) -> list[str]:
        """The last turn is searched as it is."""
        del history
        found = self._loop.run_until_complete(
            self._docs.retrieve_texts(
                query, k, settings=self._settings, embedding_model=self._embedding
            )
        )
        return distinct([_id(text.doc.dockey) for text in found], k)


def _digest(doc: Doc) -> str:
    return hashlib.sha256(doc.text.encode()).hexdigest()


def _id(key: object) -> str:
    return str(key).rsplit("-", 1)[0]


def make(task: Task) -> PaperQA:
    """The system."""
    Path(task.state).mkdir(parents=True, exist_ok=True)
    return PaperQA(task)
