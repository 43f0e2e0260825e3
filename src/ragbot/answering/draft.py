"""What flows between the steps of the chain: a turn, and pieces of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ragbot.answering.citations import Markers
from ragbot.types import (
    Answer,
    Audience,
    Citation,
    Document,
    Message,
    Passage,
    StandaloneQuestion,
    Stated,
)

Timings = tuple[tuple[str, float], ...]
Span = tuple[Passage, int, int]
"""Evidence: `document_text[start:end]` of the passage's document, within the passage."""


@dataclass(frozen=True, slots=True)
class AskedTurn:
    """A follow-up as it comes in: the question, its article, and the conversation so far.

    `notes` are for the reader of the answer, such as what was masked in the question; `earlier`
    is the evidence that the answer before this question cited.
    """

    question: str
    article: Document
    conversation_id: str
    markers: Markers
    history: tuple[Message, ...] = ()
    audience: Audience = "clinician"
    notes: tuple[str, ...] = ()
    earlier: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class RetrievedTurn:
    """The turn with its standalone question and the passages found for it.

    `earlier` are passages that the answer before cited and that were not found anew.
    `unavailable` says why what is asked about cannot be read at all, where that is known.
    """

    asked: AskedTurn
    standalone: StandaloneQuestion
    passages: tuple[Passage, ...] = ()
    timings: Timings = ()
    unavailable: str = ""
    earlier: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftClaim:
    """A sentence of an answer before it is cited: it rests on `document_text[start:end]`.

    `role` is bottom_line, detail, correction (of what a question takes for granted), conflict or
    beyond (a source that the article does not cite);
    `more` is evidence beyond the first. `failed` are the checks that the claim did not pass: such
    a claim is never shown as supported. `plain` is the claim in plain words.
    """

    text: str
    passage: Passage
    start: int
    end: int
    role: str = "detail"
    note: str = ""
    more: tuple[Span, ...] = ()
    failed: tuple[str, ...] = ()
    plain: str = ""

    @property
    def spans(self) -> tuple[Span, ...]:
        """All of its evidence."""
        return ((self.passage, self.start, self.end), *self.more)


@dataclass(frozen=True, slots=True)
class Remark:
    """What an answerer says of its answer beside the claims.

    `note` is a sentence for the reader. `incomplete`: more claims were to come. `model` names who
    wrote the claims, where that was not the answerer itself. `reason` and `saying` tell why there
    is no claim, shortly and in a sentence. `gap` is a part of the question without an answer,
    `choices` what an unclear question may mean.
    """

    note: str = ""
    incomplete: bool = False
    model: str = ""
    reason: str = ""
    saying: str = ""
    gap: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A piece of an answer; pieces add up, so that a chain can stream them or take them whole."""

    turn: RetrievedTurn | None = None
    claims: tuple[DraftClaim, ...] = ()
    remarks: tuple[Remark, ...] = ()
    cited: tuple[tuple[DraftClaim, tuple[Citation, ...]], ...] = ()
    stated: tuple[Stated, ...] = ()
    timings: Timings = ()
    answer: Answer | None = None

    def __add__(self, other: Draft) -> Draft:
        """Gives this piece followed by `other`."""
        return Draft(
            turn=self.turn or other.turn,
            claims=self.claims + other.claims,
            remarks=self.remarks + other.remarks,
            cited=self.cited + other.cited,
            stated=self.stated + other.stated,
            timings=self.timings + other.timings,
            answer=self.answer or other.answer,
        )


class Answerer(Protocol):
    """Writes the claims of an answer; gives none where the passages do not answer."""

    @property
    def name(self) -> str:
        """What is stamped on the answer as its model."""

    def answer(self, turn: RetrievedTurn) -> Iterator[DraftClaim | Remark]:
        """The claims, in reading order, on passages of the turn; remarks anywhere among them."""


class Rewriter(Protocol):
    """Writes a follow-up out in full, in place of what the built-in way made of it."""

    def rewrite(self, asked: AskedTurn, builtin: StandaloneQuestion) -> StandaloneQuestion:
        """The standalone question; `builtin` where there is nothing better. Never raises."""
