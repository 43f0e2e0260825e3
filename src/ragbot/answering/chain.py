"""The chain: condense -> retrieve -> answer -> cite -> verify -> disclaim.

One LangChain `Runnable` from an `AskedTurn` to a `Draft` whose `answer` is the whole answer:
`invoke`, `stream` and their async forms. Streamed pieces add up to what `invoke` gives.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from langchain_core.runnables import Runnable, RunnableLambda

from ragbot.answering.citations import cite
from ragbot.answering.compose import compose
from ragbot.answering.draft import (
    Answerer,
    AskedTurn,
    Draft,
    DraftClaim,
    Remark,
    RetrievedTurn,
    Rewriter,
    Span,
)
from ragbot.answering.earlier import earlier_passages
from ragbot.answering.layers import Layers, contrasted
from ragbot.answering.references import holds_figures, named_documents, unavailable_reference
from ragbot.answering.steps import from_turn, per_piece, streamed
from ragbot.answering.verify import ClaimCheck, check
from ragbot.index.reader import LibraryIndex
from ragbot.retrieval.condense import Context, condense
from ragbot.retrieval.scope import ScopedSearch
from ragbot.retrieval.spelling import Speller
from ragbot.settings import Settings
from ragbot.types import Citation, Document, Stated


@dataclass(frozen=True)
class AnswerChain:
    """The steps of the chain over one opened index, and the parts that can be swapped."""

    settings: Settings
    index: LibraryIndex
    search: ScopedSearch
    answerer: Answerer
    verifier: ClaimCheck
    speller: Speller
    rewriter: Rewriter | None = None

    @cached_property
    def layers(self) -> Layers:
        """Holds claims that rest on the article against its sources, and the other way round."""
        return Layers(self.index)

    def runnable(self) -> Runnable[AskedTurn, Draft]:
        """The chain, readable on one screen."""
        return (
            RunnableLambda(self.condense)
            | RunnableLambda(self.retrieve)
            | from_turn(self.answer)
            | per_piece(self.cite)
            | per_piece(self.verify)
            | streamed(self.disclaim)
        )

    def condense(self, asked: AskedTurn) -> RetrievedTurn:
        """Make the follow-up standalone."""
        began = time.perf_counter()
        read = self.speller.correct(asked.question)
        standalone = condense(read, asked.history, context_of(asked.article), self.search.probe())
        if self.rewriter is not None and asked.history:
            standalone = self.rewriter.rewrite(asked, standalone)
        return RetrievedTurn(
            asked,
            standalone,
            timings=(_took("condense", began),),
            unavailable=unavailable_reference(self._naming(asked, standalone.text), asked.article),
        )

    @staticmethod
    def _naming(asked: AskedTurn, standalone: str) -> str:
        """The text that names a reference: what was typed, if it names one."""
        return asked.question if named_documents(asked.question, asked.markers) else standalone

    def retrieve(self, turn: RetrievedTurn) -> RetrievedTurn:
        """Find the passages in scope, or those of the sources that the question names."""
        began = time.perf_counter()
        asked, queries, k = turn.asked, turn.standalone.queries, self.settings.passages
        named = [
            n for n in named_documents(asked.question, asked.markers) if n in self.index.titles
        ]
        if named and holds_figures(asked.question, [self.index.document(n).text for n in named]):
            found = self.search.of_documents(queries, named, asked.article, k)
        else:
            found = self.search.passages(queries, asked.article, k)
        earlier = earlier_passages(asked.earlier, asked.article, self.index, found)
        timings = (*turn.timings, _took("retrieve", began))
        return replace(turn, passages=tuple(found), earlier=earlier, timings=timings)

    def answer(self, turn: RetrievedTurn) -> Iterator[Draft]:
        """Write the claims; the turn itself goes first, so that a page can show it."""
        yield Draft(turn=turn, timings=turn.timings)
        began = time.perf_counter()
        said: Iterator[DraftClaim | Remark] = iter(())
        if not turn.unavailable:
            said = self.answerer.answer(turn)
        for one in said:
            piece = Draft(claims=(one,)) if isinstance(one, DraftClaim) else Draft(remarks=(one,))
            yield replace(piece, timings=(_took("answer", began),))
            began = time.perf_counter()
        yield Draft(timings=(_took("answer", began),))

    def cite(self, piece: Draft, turn: RetrievedTurn) -> Draft:
        """Give each claim its marker and its exact passage."""
        cited = []
        for claim in piece.claims:
            citations = tuple(self._citation(span, turn) for span in claim.spans)
            cited.append((claim, citations))
        return replace(piece, claims=(), cited=tuple(cited))

    def _citation(self, span: Span, turn: RetrievedTurn) -> Citation:
        passage, start, end = span
        document = self.index.document(passage.chunk.document_id)
        marker = turn.asked.markers.marker(document.id)
        return cite(document, passage.chunk, start, end, marker)

    def verify(self, piece: Draft, turn: RetrievedTurn) -> Draft:
        """Judge each claim by the passages it cites."""
        began = time.perf_counter()
        stated = tuple(self._stated(*cited, turn) for cited in piece.cited)
        timings = (*piece.timings, _took("verify", began)) if stated else piece.timings
        return replace(piece, cited=(), stated=stated, timings=timings)

    def _stated(
        self, claim: DraftClaim, citations: tuple[Citation, ...], turn: RetrievedTurn
    ) -> Stated:
        """The claim with its verdict; beside it the other layer, where the two differ."""
        made = check(claim, citations, self.verifier)
        found = self.layers.contrast(claim, turn.asked.markers)
        if found is None:
            return Stated(made, citations)
        contrast, sides = found
        keys = {citation.key for citation in citations}
        return Stated(
            contrasted(made, contrast), (*citations, *(s for s in sides if s.key not in keys))
        )

    def disclaim(self, pieces: Iterator[Draft]) -> Iterator[Draft]:
        """Pass the pieces on, then the whole answer with the disclaimer."""
        whole = Draft()
        for piece in pieces:
            whole += piece
            yield piece
        if whole.turn is not None:
            names = (self.answerer.name, self.verifier.name)
            yield Draft(answer=compose(whole, whole.turn, self.settings, names))


def context_of(article: Document) -> Context:
    """What condensing may take from the article: its title and headings."""
    headings = tuple(
        article.text[block.start : block.end] for block in article.blocks if block.kind == "heading"
    )
    return Context(article.title, headings)


def _took(step: str, began: float) -> tuple[str, float]:
    return step, (time.perf_counter() - began) * 1000
