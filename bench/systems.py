"""The systems that are measured, and what is said of each beside its figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spec:
    """A system: its adapter, its environment, and the form in which the chat model answers it.

    `retrieval` names the adapter for collections of passages. `state_of` names the system whose
    index it shares, and with `chat_model` "" it asks no chat model.
    """

    name: str
    label: str
    environment: str
    adapter: str
    chat_model: str
    way: str
    package: str
    retrieval: str = ""
    state_of: str = ""

    @property
    def is_ragbot(self) -> bool:
        """Whether it is ragbot in one of its forms."""
        return self.environment == "ragbot"


SYSTEMS = (
    Spec(
        "ragbot",
        "ragbot",
        "ragbot",
        "ragbot",
        "bench-claims",
        "`Ragbot.ask` on one article; every claim the model writes is checked before it is given",
        "ragbot",
        retrieval="ragbot_passages",
    ),
    Spec(
        "ragbot-extractive",
        "ragbot, no chat model",
        "ragbot",
        "ragbot",
        "",
        "`Ragbot.ask` with the extractive answerer, its default",
        "ragbot",
        state_of="ragbot",
    ),
    Spec(
        "langchain",
        "LangChain",
        "langchain",
        "langchain",
        "bench-plain",
        "Chroma retriever, prompt and model (LCEL); a prompt rewrites follow-ups; `index` with a "
        "record manager",
        "langchain-core",
        retrieval="langchain",
    ),
    Spec(
        "llamaindex",
        "LlamaIndex",
        "llamaindex",
        "llamaindex",
        "bench-plain",
        "`VectorStoreIndex`, persisted; `condense_plus_context` chat engine; `refresh_ref_docs`",
        "llama-index-core",
        retrieval="llamaindex",
    ),
    Spec(
        "haystack",
        "Haystack",
        "haystack",
        "haystack",
        "bench-plain",
        "`InMemoryDocumentStore` kept on disk, embedding retriever, prompt and generator "
        "pipelines; `CacheChecker` before indexing",
        "haystack-ai",
        retrieval="haystack",
    ),
    Spec(
        "paperqa",
        "PaperQA",
        "paperqa",
        "paperqa",
        "bench-paper",
        "`Docs`, pickled; `aquery` sums up each passage by the model; takes no conversation",
        "paper-qa",
        retrieval="paperqa",
    ),
)


def chosen(names: str) -> tuple[Spec, ...]:
    """The systems named, comma-separated; all if empty. Raises ValueError for an unknown name."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = {spec.name: spec for spec in SYSTEMS}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"unknown system {unknown[0]!r}; known are {', '.join(known)}")
    return tuple(spec for spec in SYSTEMS if not wanted or spec.name in wanted)
