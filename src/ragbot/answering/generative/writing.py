"""One answer while it is written: claims are read, checked, and repaired once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ragbot.answering.draft import DraftClaim, Remark, RetrievedTurn
from ragbot.answering.generative.asides import choices, gap_of, gap_remark
from ragbot.answering.generative.chat import Chat, Piece
from ragbot.answering.generative.checks import Checked, ClaimChecks
from ragbot.answering.generative.claims import STATED, ClaimReader, RawClaim
from ragbot.answering.generative.failures import ChatError
from ragbot.answering.generative.prompts import (
    ANSWER_SCHEMA,
    ChatMessage,
    answer_messages,
    repair_messages,
)

ASKED_FOR = 6
MOST_CLAIMS = 12
MOST_CHARACTERS = 40_000
CUT = "its answer broke off"
_ENDINGS = {
    "length": "its answer was too long for it",
    "content_filter": "its provider held back the rest",
}


@dataclass
class Writing:
    """The state of one answer; `until` is a time of `time.monotonic()`.

    `stopped` says why it is not whole (empty: it is), `failed` holds what did not pass its checks,
    `model` is the server's own name for the model that writes.
    """

    chat: Chat
    checks: ClaimChecks
    turn: RetrievedTurn
    until: float
    stated: int = 0
    stopped: str = CUT
    said_cannot: bool = False
    model: str = ""
    choices: tuple[str, ...] = ()
    gaps: list[Remark] = field(default_factory=list)
    failed: list[tuple[RawClaim, Checked]] = field(default_factory=list)
    _texts: set[str] = field(default_factory=set)

    @property
    def found_nothing(self) -> bool:
        """Whether the model says that the passages hold no answer, or names only gaps."""
        return self.said_cannot or bool(self.gaps)

    def first(self) -> Iterator[DraftClaim]:
        """The claims that pass, each as soon as it is written. Raises ChatError."""
        for raw in self._read(self._messages()):
            if raw.kind in STATED:
                yield from self._checked(raw, self.failed)
            else:
                self._aside(raw)

    def repaired(self) -> Iterator[DraftClaim]:
        """What passes after the model was told, once, what failed. Never raises ChatError."""
        if not self.failed:
            return
        asked = repair_messages(self._messages(), self._written(), self._reasons())
        failing: list[tuple[RawClaim, Checked]] = []
        kept = self.stopped
        try:
            for raw in self._read(asked, most=len(self.failed)):
                if raw.kind in STATED:
                    yield from self._checked(raw, failing)
        except ChatError:
            failing = self.failed
        self.failed, self.stopped = failing, kept

    def doubtful(self) -> list[DraftClaim]:
        """Claims that failed a check and have something to cite, as such."""
        return [
            replace(made.claim, failed=made.problems, note=_doubts(made), role="detail")
            for _, made in self.failed
            if made.claim is not None
        ]

    def _messages(self) -> list[ChatMessage]:
        asked = self.turn.asked
        return answer_messages(
            (asked.question, self.turn.standalone.text),
            asked.article.title,
            self.checks.passages,
            asked.audience,
            ASKED_FOR,
        )

    def _read(self, messages: Sequence[ChatMessage], most: int = MOST_CLAIMS) -> Iterator[RawClaim]:
        """The claims as they are written; `stopped` tells whether that was all."""
        reader, size = ClaimReader(), 0
        self.stopped = CUT
        for piece in self.chat.stream(messages, self.until, ANSWER_SCHEMA):
            size += len(piece.text)
            self.model = self.model or piece.model
            if piece.finish:
                self.stopped = _why_stopped(piece)
            yield from reader.feed(piece.text)
            if size > MOST_CHARACTERS or reader.seen > most:
                self.stopped = "it wrote more than it was asked for"
                return
        if reader.is_open and not self.stopped:
            self.stopped = CUT

    def _checked(
        self, raw: RawClaim, failing: list[tuple[RawClaim, Checked]]
    ) -> Iterator[DraftClaim]:
        for made in self.checks.check(raw):
            said = made.text.casefold()
            if said in self._texts:
                continue
            if made.claim is None or made.problems:
                failing.append((raw, made))
                continue
            self._texts.add(said)
            self.stated += 1
            leads = self.stated == 1 and made.claim.role == "detail"
            yield replace(made.claim, role="bottom_line") if leads else made.claim

    def _aside(self, raw: RawClaim) -> None:
        asked = f"{self.turn.asked.question} {self.turn.standalone.text}"
        if raw.kind == "gap" and (gap := gap_of(raw.text, asked)):
            self.gaps.append(gap_remark(gap))
        elif raw.kind == "ask":
            texts = [passage.chunk.text for _, passage in self.checks.passages]
            known = " ".join([asked, self.turn.asked.article.title, *texts])
            self.choices = choices(raw.options, known)
        elif raw.kind == "cannot_answer":
            self.said_cannot = True

    def _written(self) -> str:
        """The failed claims as the model wrote them."""
        raws = dict.fromkeys(raw for raw, _ in self.failed)
        claims = [
            {
                "kind": raw.kind,
                "text": raw.text,
                "evidence": [{"key": " ".join(e.keys), "quote": e.quote} for e in raw.evidence],
            }
            for raw in raws
        ]
        return json.dumps({"claims": claims}, ensure_ascii=False)

    def _reasons(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(made.text, made.problems) for _, made in self.failed]


def _why_stopped(last: Piece) -> str:
    return "" if last.is_done else _ENDINGS.get(last.finish.lower(), CUT)


def _doubts(made: Checked) -> str:
    return f"Not verified: {'; '.join(made.problems)}."
