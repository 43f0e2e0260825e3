"""`Ragbot`, the public face: ask on an article, search, look into documents."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ragbot.answering.citations import Markers
from ragbot.answering.draft import AskedTurn, Draft
from ragbot.errors import QuestionError, RagbotError
from ragbot.index.reader import LibraryIndex
from ragbot.privacy.guard import guarded_question
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.retrieval.scope import ScopedSearch
from ragbot.settings import Settings, load_settings
from ragbot.types import Answer, Audience, Citation, Document, Event, Evidence, Passage, Rating

if TYPE_CHECKING:
    from ragbot.answering.chain import AnswerChain
    from ragbot.answering.evidence import EvidenceFinder
    from ragbot.audit.reading import IndexLibrary
    from ragbot.audit.report import AuditReport
    from ragbot.conversations.store import ConversationStore
    from ragbot.retrieval.retriever import PassageRetriever


class _Opened:
    """One generation of the index with what is built over it.

    What only a question needs is imported with the first one, so that a page is there sooner.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.index = LibraryIndex(settings)
        rerank = None
        if settings.reranker:
            from ragbot.answering.reranking import reranking

            rerank = reranking(settings, self.index)
        self._hybrid = HybridSearch(
            self.index.vectors, self.index.lexical, self.index.embed, rerank=rerank
        )
        self.search = ScopedSearch(self.index, self._hybrid)

    @cached_property
    def chain(self) -> AnswerChain:
        from ragbot.answering.chain import AnswerChain
        from ragbot.answering.commonness import common_words
        from ragbot.answering.extractive import ExtractiveAnswerer
        from ragbot.answering.wiring import answering_parts
        from ragbot.retrieval.spelling import Speller

        parts = answering_parts(self._settings, ExtractiveAnswerer(self.index, self._hybrid))
        return AnswerChain(
            settings=self._settings,
            index=self.index,
            search=self.search,
            answerer=parts.answerer,
            verifier=parts.verifier,
            rewriter=parts.rewriter,
            speller=Speller(self.index.words, common_words()),
        )

    @cached_property
    def extractive(self) -> AnswerChain:
        """The chain without a chat model."""
        from ragbot.answering.extractive import ExtractiveAnswerer
        from ragbot.answering.verify import VerbatimCheck

        answerer = ExtractiveAnswerer(self.index, self._hybrid)
        return replace(self.chain, answerer=answerer, verifier=VerbatimCheck(), rewriter=None)

    @cached_property
    def evidence(self) -> EvidenceFinder:
        from ragbot.answering.evidence import EvidenceFinder
        from ragbot.answering.wiring import grounded_check

        return EvidenceFinder(self.index, grounded_check(self._settings))

    @cached_property
    def rests(self) -> dict[tuple[str, str], tuple[str, int, int] | None]:
        """Where the answer to a suggested question rests, by article and question."""
        return {}

    @cached_property
    def audited(self) -> IndexLibrary:
        """The sources as an audit reads them."""
        from ragbot.audit.reading import IndexLibrary

        return IndexLibrary(self.index)

    @cached_property
    def audits(self) -> dict[str, AuditReport]:
        """The audits made of this generation, by article."""
        return {}


class Ragbot:
    """Answers follow-up questions on the articles of a library; safe to use from many threads."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Nothing is opened yet; `settings` default to those of the environment."""
        self.settings = settings or load_settings()
        self._opened: _Opened | None = None
        self._lock = threading.Lock()

    @cached_property
    def conversations(self) -> ConversationStore:
        """What was asked and answered."""
        from ragbot.conversations.store import ConversationStore

        return ConversationStore(self.settings.conversations_url())

    def _open(self) -> _Opened:
        """The current generation; opened anew once `ragbot index` has switched to another."""
        with self._lock:
            if self._opened is None or not self._opened.index.is_current:
                self._opened = _Opened(self.settings)
            return self._opened

    @property
    def index(self) -> LibraryIndex:
        """The opened index. Raises IndexUnavailableError's kinds if there is none to open."""
        return self._open().index

    @property
    def chain(self) -> AnswerChain:
        """The chain; `chain.runnable()` is the LangChain `Runnable`."""
        return self._open().chain

    def warm(self) -> None:
        """Load what a question needs, so that the first one does not wait for it."""
        from ragbot.answering.wiring import Warms

        self.chain.runnable()
        self.index.embedder.embed_query("warm")
        answerer = self.chain.answerer
        if isinstance(answerer, Warms):
            answerer.warm()

    def warm_evidence(self) -> None:
        """Load what `evidence` needs, so that the first citation opened does not wait for it."""
        self._open().evidence.warm()

    def articles(self) -> list[Document]:
        """All articles, by title."""
        index = self.index
        return sorted((index.document(slug) for slug in index.articles()), key=lambda d: d.title)

    def sources(self) -> list[Document]:
        """All sources, by title."""
        index = self.index
        found = (
            index.document(name) for name, (kind, _) in index.titles.items() if kind == "source"
        )
        return sorted(found, key=lambda d: d.title)

    def document(self, document_id: str) -> Document:
        """An article or source. Raises UnknownDocumentError."""
        return self.index.document(document_id)

    def search(self, query: str, article: str | None = None, k: int = 10) -> list[Passage]:
        """The `k` best passages, of the whole library or in the scope of `article`."""
        text = checked_question(query, self.settings.question_limit)
        opened = self._open()
        queries: Sequence[tuple[str, float]] = ((text, 1.0),)
        if article is None:
            return opened.search.library(queries, k)
        return opened.search.within(queries, opened.index.article(article), k)

    def evidence(self, article: str, offset: int, number: int) -> Evidence | None:
        """What reference `number` holds for what `article` says at `offset` of its text.

        `offset` is that of a marker, or lies in a sentence that carries one. None where the article
        does not cite that number there, or the library lacks its source. Raises
        UnknownArticleError, or UnavailableError's kinds.
        """
        opened = self._open()
        return opened.evidence.evidence(opened.index.article(article), offset, number)

    def audit(self, slug: str) -> AuditReport:
        """Every citing statement of an article against its sources; kept until the index changes.

        Raises UnknownArticleError, or UnavailableError's kinds.
        """
        from ragbot.audit.auditor import audit_article

        opened = self._open()
        if slug not in opened.audits:
            article = opened.index.article(slug)
            opened.audits[slug] = audit_article(article, opened.audited)
        return opened.audits[slug]

    def retriever(self, article: str | None = None, k: int = 10) -> PassageRetriever:
        """A LangChain retriever over the library, or over the scope of `article`."""
        from ragbot.retrieval.retriever import PassageRetriever

        return PassageRetriever(find=lambda query: self.search(query, article, k))

    def ask(
        self,
        question: str,
        article: str,
        conversation_id: str | None = None,
        audience: Audience = "clinician",
    ) -> Answer:
        """The answer to a follow-up on `article`, kept in the conversation.

        Raises QuestionError, UnknownArticleError, UnknownConversationError, or
        UnavailableError's kinds.
        """
        draft = self.trace(question, article, conversation_id, audience)
        return self._answer(draft)

    def trace(
        self,
        question: str,
        article: str,
        conversation_id: str | None = None,
        audience: Audience = "clinician",
    ) -> Draft:
        """As `ask`, with what led to the answer: standalone question, passages, claims."""
        asked = self._turn(question, article, conversation_id, audience)
        draft = self.chain.runnable().invoke(asked)
        self.conversations.append(self._answer(draft), asked.markers.given)
        return draft

    def stream(
        self,
        question: str,
        article: str,
        conversation_id: str | None = None,
        audience: Audience = "clinician",
    ) -> Iterator[Event]:
        """The answer as it comes: the question as understood, each checked claim, the whole.

        Errors as in `ask`; what is not streamed to its end is not kept.
        """
        asked = self._turn(question, article, conversation_id, audience)
        whole = Draft()
        for piece in self.chain.runnable().stream(asked):
            whole += piece
            if piece.turn is not None:
                yield piece.turn.standalone
            yield from piece.stated
        answer = self._answer(whole)
        self.conversations.append(answer, asked.markers.given)
        yield answer

    def suggestions(
        self,
        article: str,
        conversation_id: str | None = None,
        most: int = 3,
        stand_back: Callable[[], object] = lambda: None,
    ) -> tuple[str, ...]:
        """Follow-ups on what was not shown yet that the extractive chain answers, up to `most`.

        Each is asked in the conversation, and kept nowhere; `stand_back` is called before each, and
        may wait while there is something better to do. Raises as `ask` does.
        """
        from ragbot.answering.suggest import answerable, candidates, rests_on

        opened = self._open()
        document = opened.index.article(article)
        kept = () if conversation_id is None else self.conversations.turns(conversation_id)
        shown = [citation for turn in kept for citation in turn.answer.citations]
        asked = {turn.answer.question for turn in kept}
        chain = opened.extractive.runnable()

        def rests(question: str, talk: str | None) -> tuple[str, int, int] | None:
            stand_back()
            turn = self._turn(question, article, talk, "clinician")
            return rests_on(self._answer(chain.invoke(turn)))

        def alone(question: str) -> tuple[str, int, int] | None:
            known = opened.rests
            if (article, question) not in known:
                known[article, question] = rests(question, None)
            return known[article, question]

        def in_talk(question: str) -> tuple[str, int, int] | None:
            return rests(question, conversation_id) if kept else alone(question)

        questions = [one for one in candidates(document, shown) if one not in asked]
        return answerable(questions, alone, in_talk, shown, most)

    def rate(
        self, turn_id: int, rating: Rating, reasons: Sequence[str] = (), comment: str = ""
    ) -> int:
        """Keep what a reader says of a kept answer; gives the feedback's id.

        Personal data in the comment is masked, or refused, as in a question. Raises FeedbackError,
        PersonalDataError or StorageError.
        """
        if not comment.strip():
            return self.conversations.add_feedback(turn_id, rating, reasons)
        kept, _ = guarded_question(comment, self.settings.personal_data, "comment")
        return self.conversations.add_feedback(turn_id, rating, reasons, kept)

    def _turn(
        self, question: str, article: str, conversation_id: str | None, audience: Audience
    ) -> AskedTurn:
        text = checked_question(question, self.settings.question_limit)
        text, note = guarded_question(text, self.settings.personal_data)
        document = self.index.article(article)
        known = self.conversations.open(article, conversation_id)
        is_new = conversation_id is None
        return AskedTurn(
            question=text,
            article=document,
            conversation_id=known,
            markers=Markers.of(document, {} if is_new else self.conversations.markers(known)),
            history=() if is_new else self.conversations.messages(known),
            audience=audience,
            notes=(note,) if note else (),
            earlier=() if is_new else self._cited_before(known),
        )

    def _cited_before(self, conversation_id: str) -> tuple[Citation, ...]:
        """What the last answer of the conversation that cited anything cited."""
        turns = reversed(self.conversations.turns(conversation_id))
        return next((turn.answer.citations for turn in turns if turn.answer.citations), ())

    @staticmethod
    def _answer(draft: Draft) -> Answer:
        if draft.answer is None:
            raise RagbotError("The chain gave no answer.", remedy="Ask again.")
        return draft.answer


def checked_question(question: str, limit: int) -> str:
    """`question` without control characters and outer space.

    Raises QuestionError if nothing readable is left, or it is longer than `limit` characters.
    """
    if len(question) > limit:
        raise QuestionError(
            f"The question has {len(question)} characters, more than {limit}.",
            remedy="Ask it in fewer words, or raise RAGBOT_QUESTION_LIMIT.",
        )
    kept = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in question)
    text = " ".join(kept.split())
    if not any(c.isalnum() for c in text):
        raise QuestionError(
            f"The question {question[:40]!r} has no word in it.",
            remedy="Write what you want to know about the article.",
        )
    return text
