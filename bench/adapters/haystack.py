"""Haystack: pipelines over the in-memory store, kept on disk; its sentence-transformers add-on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersTextEmbedder,
)

from bench.protocol import Doc, History, Task, distinct

CPU = ComponentDevice.from_str("cpu")
ANSWER = (
    "Given the following context and the conversation, answer the question.\n"
    "Context:\n{% for document in documents %}{{ document.content }}\n{% endfor %}\n"
    "Question: {{ question }}\nAnswer:"
)
REWRITE = (
    "Rewrite the question for search while keeping its meaning and key terms intact. Use the "
    "conversation to make it a standalone question.\n"
    "{% for turn in history %}{{ turn.role }}: {{ turn.content }}\n{% endfor %}"
    "Question: {{ question }}\nRewritten question:"
)


class Haystack:
    """As in Haystack's guides: an indexing pipeline behind a cache check, and a RAG pipeline."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._file = task.state / "store.json"
        self._store = InMemoryDocumentStore()
        if self._file.exists():
            self._store = InMemoryDocumentStore.load_from_disk(str(self._file))
        self._embedder = SentenceTransformersTextEmbedder(
            model=str(task.embedding), device=CPU, progress_bar=False
        )
        self._indexing: Pipeline | None = None
        self._pipelines: tuple[Pipeline, Pipeline] | None = None

    def index(self, docs: Sequence[Doc]) -> int:
        """Documents whose digest is in the store are not embedded; those gone are deleted."""
        from haystack.components.caching import CacheChecker

        digests = {_digest(doc): doc for doc in docs}
        held = (
            self._store.get_metadata_field_unique_values("digest")[0] if self._file.exists() else []
        )
        gone = [digest for digest in held if digest not in digests]
        if gone:
            self._store.delete_by_filter({"field": "meta.digest", "operator": "in", "value": gone})
        checker = CacheChecker(document_store=self._store, cache_field="meta.digest")
        misses = checker.run(items=list(digests))["misses"]
        fresh = [
            Document(
                content=digests[digest].text,
                meta={"source": digests[digest].id, "digest": digest},
            )
            for digest in misses
        ]
        if fresh:
            self._indexing = self._indexing or self._indexer()
            first = next(iter(self._indexing.graph.nodes))
            self._indexing.run({first: {"documents": fresh}})
        self._store.save_to_disk(str(self._file))
        return self._store.count_documents()

    def _indexer(self) -> Pipeline:
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.components.writers import DocumentWriter
        from haystack.document_stores.types import DuplicatePolicy
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
        )

        pipeline = Pipeline()
        if self._task.chunk_words:
            splitter = DocumentSplitter(
                split_by="word", split_length=self._task.chunk_words, split_overlap=0
            )
            pipeline.add_component("splitter", splitter)
        pipeline.add_component(
            "embedder",
            SentenceTransformersDocumentEmbedder(
                model=str(self._task.embedding), device=CPU, progress_bar=False
            ),
        )
        writer = DocumentWriter(document_store=self._store, policy=DuplicatePolicy.OVERWRITE)
        pipeline.add_component("writer", writer)
        if self._task.chunk_words:
            pipeline.connect("splitter", "embedder")
        pipeline.connect("embedder", "writer")
        return pipeline

    def ask(self, question: str, history: History) -> str:
        """One model call, or two where there is a history."""
        if self._pipelines is None:
            self._pipelines = (self._rewriter(), self._answerer())
        rewriter, answerer = self._pipelines
        asked = question
        if history:
            told = {"question": question, "history": list(history)}
            asked = rewriter.run({"prompt": told})["model"]["replies"][0].text
        done = answerer.run({"embedder": {"text": asked}, "prompt": {"question": question}})
        return str(done["model"]["replies"][0].text)

    def _rewriter(self) -> Pipeline:
        pipeline = Pipeline()
        self._add_model(pipeline, REWRITE, ["question", "history"])
        return pipeline

    def _answerer(self) -> Pipeline:
        pipeline = Pipeline()
        pipeline.add_component("embedder", self._embedder)
        retriever = InMemoryEmbeddingRetriever(self._store, top_k=self._task.k)
        pipeline.add_component("retriever", retriever)
        self._add_model(pipeline, ANSWER, ["question", "documents"])
        pipeline.connect("embedder.embedding", "retriever.query_embedding")
        pipeline.connect("retriever", "prompt.documents")
        return pipeline

    def _add_model(self, pipeline: Pipeline, template: str, needed: list[str]) -> None:
        from haystack.components.builders import ChatPromptBuilder
        from haystack.components.generators.chat import OpenAIChatGenerator
        from haystack.dataclasses import ChatMessage
        from haystack.utils import Secret

        prompt: Any = ChatPromptBuilder(
            template=[ChatMessage.from_user(template)], required_variables=needed
        )
        model = OpenAIChatGenerator(
            model=self._task.chat_model,
            api_base_url=self._task.base_url,
            api_key=Secret.from_token("bench"),
        )
        pipeline.add_component("prompt", prompt)
        pipeline.add_component("model", model)
        pipeline.connect("prompt.prompt", "model.messages")

    def retrieve(self, query: str, history: History, k: int) -> list[str]:
        """Without a chat model the last turn is searched as it is."""
        del history
        embedding = self._embedder.run(text=query)["embedding"]
        found = self._store.embedding_retrieval(query_embedding=embedding, top_k=k)
        return distinct([document.meta["source"] for document in found], k)


def _digest(doc: Doc) -> str:
    return hashlib.sha256(f"{doc.id}\n{doc.text}".encode()).hexdigest()


def make(task: Task) -> Haystack:
    """The system."""
    return Haystack(task)
