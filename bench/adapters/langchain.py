"""Plain LangChain: a Chroma retriever, a prompt and a model; the indexing API for updates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_openai import ChatOpenAI

from bench.protocol import Doc, History, Task, distinct

REWRITE = (
    "Given a chat history and the latest user question which might reference context in the chat "
    "history, formulate a standalone question which can be understood without the chat history. "
    "Do NOT answer the question, just reformulate it if needed and otherwise return it as is."
)
ANSWER = (
    "You are an assistant for question-answering tasks. Use the following pieces of retrieved "
    "context to answer the question. If you don't know the answer, say that you don't know.\n\n"
    "{context}"
)


class LangChain:
    """As in LangChain's own guides to retrieval: rewrite a follow-up, retrieve, stuff, answer."""

    def __init__(self, task: Task) -> None:
        self._task = task
        embeddings = HuggingFaceEmbeddings(
            model_name=str(task.embedding), model_kwargs={"device": "cpu"}
        )
        self._store = Chroma(
            collection_name="bench",
            embedding_function=embeddings,
            persist_directory=str(task.state / "chroma"),
        )
        self._chains: tuple[Any, Any] | None = None

    def index(self, docs: Sequence[Doc]) -> int:
        """`index` with a record manager: what has not changed is not embedded again."""
        from langchain_classic.indexes import SQLRecordManager
        from langchain_core.indexing import index
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        records = SQLRecordManager("bench", db_url=f"sqlite:///{self._task.state / 'records.sql'}")
        records.create_schema()
        whole = [
            Document(page_content=doc.text, metadata={"source": doc.id, "title": doc.title})
            for doc in docs
        ]
        pieces = whole
        if self._task.chunk_words:
            splitter = RecursiveCharacterTextSplitter(
                chunk_size=self._task.chunk_characters, chunk_overlap=0
            )
            pieces = splitter.split_documents(whole)
        index(
            pieces,
            records,
            self._store,
            cleanup="full",
            source_id_key="source",
            key_encoder="sha256",
        )
        return len(records.list_keys())

    def ask(self, question: str, history: History) -> str:
        """One model call, or two where there is a history."""
        if self._chains is None:
            self._chains = self._build()
        rewrite, answer = self._chains
        turns = [(turn["role"], turn["content"]) for turn in history]
        asked = rewrite.invoke({"question": question, "history": turns}) if turns else question
        found = self._store.as_retriever(search_kwargs={"k": self._task.k}).invoke(asked)
        context = "\n\n".join(document.page_content for document in found)
        said: str = answer.invoke({"question": question, "history": turns, "context": context})
        return said

    def _build(self) -> tuple[Any, Any]:
        model = ChatOpenAI(
            model=self._task.chat_model, base_url=self._task.base_url, api_key="bench"
        )
        history, last = MessagesPlaceholder("history"), ("human", "{question}")
        rewriting = ChatPromptTemplate.from_messages([("system", REWRITE), history, last])
        answering = ChatPromptTemplate.from_messages([("system", ANSWER), history, last])
        parser = StrOutputParser()
        return rewriting | model | parser, answering | model | parser

    def retrieve(self, query: str, history: History, k: int) -> list[str]:
        """Without a chat model the last turn is searched as it is."""
        del history
        found = self._store.similarity_search(query, k=k)
        return distinct([document.metadata["source"] for document in found], k)


def make(task: Task) -> LangChain:
    """The system."""
    return LangChain(task)
