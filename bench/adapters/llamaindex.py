"""LlamaIndex: VectorStoreIndex with its default store, CondensePlusContext for conversations."""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core import (
    Document,
    StorageContext,
    VectorStoreIndex,
    load_index_from_storage,
)
from llama_index.core.llms import ChatMessage
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

from bench.protocol import Doc, History, Task, distinct

LONGEST_CHUNK = 8192


class LlamaIndex:
    """As in LlamaIndex's guides: an index that is persisted, refreshed, and made a chat engine."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._folder = str(task.state / "storage")
        self._embedding = HuggingFaceEmbedding(model_name=str(task.embedding), device="cpu")
        size = task.chunk_tokens or LONGEST_CHUNK
        self._splitter = SentenceSplitter(chunk_size=size, chunk_overlap=0)
        self._index: VectorStoreIndex | None = None
        self._engine = None

    def _open(self) -> VectorStoreIndex:
        if self._index is None:
            storage = StorageContext.from_defaults(persist_dir=self._folder)
            self._index = load_index_from_storage(
                storage, embed_model=self._embedding, transformations=[self._splitter]
            )
        return self._index

    def index(self, docs: Sequence[Doc]) -> int:
        """`from_documents` at first, then `refresh_ref_docs`, and documents gone are deleted."""
        wanted = [Document(text=doc.text, id_=doc.id) for doc in docs]
        if self._index is None and not (self._task.state / "storage").exists():
            self._index = VectorStoreIndex.from_documents(
                wanted, embed_model=self._embedding, transformations=[self._splitter]
            )
        else:
            index = self._open()
            gone = set(index.ref_doc_info) - {doc.id for doc in docs}
            for name in gone:
                index.delete_ref_doc(name, delete_from_docstore=True)
            index.refresh_ref_docs(wanted)
        self._engine = None
        index = self._open()
        index.storage_context.persist(persist_dir=self._folder)
        return len(index.docstore.docs)

    def ask(self, question: str, history: History) -> str:
        """One model call, or two where there is a history."""
        if self._engine is None:
            from llama_index.llms.openai_like import OpenAILike

            model = OpenAILike(
                model=self._task.chat_model,
                api_base=self._task.base_url,
                api_key="bench",
                is_chat_model=True,
                context_window=32_000,
            )
            self._engine = self._open().as_chat_engine(
                chat_mode="condense_plus_context", llm=model, similarity_top_k=self._task.k
            )
        turns = [ChatMessage(role=turn["role"], content=turn["content"]) for turn in history]
        return str(self._engine.chat(question, chat_history=turns))

    def retrieve(self, query: str, history: History, k: int) -> list[str]:
        """Without a chat model the last turn is searched as it is."""
        del history
        found = self._open().as_retriever(similarity_top_k=k).retrieve(query)
        return distinct([node.node.ref_doc_id or "" for node in found], k)


def make(task: Task) -> LlamaIndex:
    """The system."""
    return LlamaIndex(task)
