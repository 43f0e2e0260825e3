"""The generative answerer: a chat model writes, code decides what is shown.

Where the model cannot be used, or nothing it wrote passes its checks, the extractive answerer
answers in its place, and the answer says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from ragbot.answering.draft import Answerer, DraftClaim, Remark, RetrievedTurn
from ragbot.answering.generative.asides import question_back
from ragbot.answering.generative.chat import Chat
from ragbot.answering.generative.checks import ClaimChecks, wrong_in
from ragbot.answering.generative.failures import ChatError
from ragbot.answering.generative.keys import keyed
from ragbot.answering.generative.writing import Writing
from ragbot.answering.verify import ClaimCheck
from ragbot.settings import Settings

CANNOT = "the chat model found no answer in the passages"
ASKS_BACK = "the question can be understood in more than one way"
WARM_PAIR = ("Warm, 5 mg in 3% of 7.", ("Warm checks take 5 mg in 3% of 7 cases.",))
IN_NO_PLACE = "The sources were searched for an answer without a chat model"
IN_ITS_PLACE = "This answer is made of the sources' own sentences, chosen without a chat model"


class GenerativeAnswerer:
    """Writes claims with a chat model; each is given out once it has passed its checks."""

    def __init__(
        self, chat: Chat, verifier: ClaimCheck, fallback: Answerer, settings: Settings
    ) -> None:
        self._chat = chat
        self._verifier = verifier
        self._fallback = fallback
        self._settings = settings
        self._warming = threading.Lock()
        self._is_warm = False

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._chat.name

    def warm(self) -> None:
        """Open the chat model's client ahead of the first question; a failure shows up there."""
        self._warm_checks()
        with suppress(ChatError):
            self._chat.open()

    def _warm_checks(self) -> None:
        """Run the checks once: what they load would be waited for after the last token."""
        with self._warming:
            if not self._is_warm:
                wrong_in(*WARM_PAIR)
                self._verifier.judge(WARM_PAIR[0], WARM_PAIR[1][0])
                self._is_warm = True

    def answer(self, turn: RetrievedTurn) -> Iterator[DraftClaim | Remark]:
        """The claims that pass, in the order in which they are written, then remarks."""
        if not turn.passages and not turn.earlier:
            return
        if not self._is_warm:  # while the model writes
            threading.Thread(target=self._warm_checks, name="ragbot-warm", daemon=True).start()
        writing = self._writing(turn)
        try:
            yield from writing.first()
            if not writing.stopped:
                yield from writing.repaired()
        except ChatError as error:
            writing.stopped = error.why
        yield from self._end(writing)

    def _writing(self, turn: RetrievedTurn) -> Writing:
        """One deadline holds for the whole turn: what went before the answer counts."""
        spent = sum(milliseconds for _, milliseconds in turn.timings) / 1000
        until = time.monotonic() + max(self._settings.chat_deadline - spent, 0.0)
        article, disclaimer = turn.asked.article, self._settings.disclaimer_text()
        checks = ClaimChecks(
            keyed((*turn.passages, *turn.earlier)),
            article,
            self._verifier,
            disclaimer,
            must_be_sure=self._settings.chat_show == "strict",
            earlier=frozenset(passage.row for passage in turn.earlier),
        )
        return Writing(self._chat, checks, turn, until)

    def _end(self, writing: Writing) -> Iterator[DraftClaim | Remark]:
        doubtful = writing.doubtful() if self._settings.chat_show == "all" else []
        yield from doubtful
        if writing.stated or doubtful:
            yield from _remarks(writing, len(writing.failed) - len(doubtful))
            yield Remark(model=self._named(writing))
        elif not writing.stopped and writing.choices:
            saying = question_back(writing.choices)
            yield Remark(reason=ASKS_BACK, saying=saying, choices=writing.choices)
        elif not writing.stopped and writing.found_nothing and not writing.failed:
            yield from writing.gaps
            yield Remark(reason=CANNOT)
        else:
            yield from self._instead(writing)

    def _instead(self, writing: Writing) -> Iterator[DraftClaim | Remark]:
        """What the other answerer says, and that it does."""
        yield Remark(model=self._fallback.name)
        made = IN_NO_PLACE
        for said in self._fallback.answer(writing.turn):
            made = IN_ITS_PLACE if isinstance(said, DraftClaim) else made
            yield said
        yield Remark(note=f"{made}: {_why_instead(writing)}.")

    def _named(self, writing: Writing) -> str:
        """Provider and model, as the server names it; "" where it does not."""
        return f"{self._settings.chat_provider}:{writing.model}" if writing.model else ""


def _remarks(writing: Writing, dropped: int) -> Iterator[Remark]:
    yield from writing.gaps
    if dropped:
        count = "One statement" if dropped == 1 else f"{dropped} statements"
        yield Remark(
            note=f"{count} of the chat model could not be verified and {_are(dropped)} not shown."
        )
    if writing.stopped:
        yield Remark(
            note=f"This answer is incomplete: the chat model stopped early ({writing.stopped}). "
            "What is shown was checked; more was to come.",
            incomplete=True,
        )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _why_instead(writing: Writing) -> str:
    if writing.stopped:
        return f"the model could not be used ({writing.stopped})"
    if writing.failed:
        return "nothing that the model wrote could be verified"
    return "the model's answer could not be read"
