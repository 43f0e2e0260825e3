"""Our search as a LangChain retriever, for other people's chains.

Importing LangChain's retrievers takes a second, so the chain of ragbot does not use this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever

from ragbot.types import Passage


class PassageRetriever(BaseRetriever):
    """Gives passages as LangChain documents: the text, and in `metadata` all that cites it.

    `metadata` holds document_id, kind, title, section, start, end, score, rank and scope; offsets
    point into the document's text.
    """

    find: Callable[[str], Sequence[Passage]]

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain's signature
    ) -> list[LangChainDocument]:
        return [to_langchain(passage) for passage in self.find(query)]


def to_langchain(passage: Passage) -> LangChainDocument:
    """`passage` as a LangChain document."""
    chunk = passage.chunk
    return LangChainDocument(
        id=chunk.id,
        page_content=chunk.text,
        metadata={
            "document_id": chunk.document_id,
            "kind": chunk.kind,
            "title": chunk.title,
            "section": " > ".join(chunk.heading_path),
            "start": chunk.start,
            "end": chunk.end,
            "score": passage.score,
            "rank": passage.rank,
            "scope": passage.scope,
        },
    )
