"""Follow-ups written out by the chat model: checked, and else left as the built-in way has them."""

from __future__ import annotations

import re
import secrets
import time

from ragbot.answering.draft import AskedTurn
from ragbot.answering.generative.chat import Chat
from ragbot.answering.generative.drugs import drugs_missing
from ragbot.answering.generative.failures import ChatError
from ragbot.answering.generative.prompts import standalone_messages
from ragbot.answering.grounding.sentences import content_words
from ragbot.answering.numbers import missing_quantities
from ragbot.index.analysis import analyze
from ragbot.types import Message, StandaloneQuestion

SHARE_OF_DEADLINE = 0.25
MOST_SECONDS = 15.0
MOST_CHARACTERS = 4000
ROOM = 240
"""How many characters a rewrite may be longer than twice the question."""
FEW_NEW = 2  # words that a rewrite may bring in, however short it is
MODEL_SHARE = 0.6  # of the fused queries; the built-in ones keep the rest
_POINTING = frozenset(
    analyze(
        "about again also and another any else further he her him his it its last latter former "
        "more much one ones other others same she so such tell that their them there these they "
        "this those too what you mean earlier previous above elaborate explain please continue "
        "show say give"
    )
)
_NEGATION = re.compile(r"\b(?:not|no|never|without|neither|nor|none|cannot|\w+n['’]t)\b", re.I)
_QUOTES = "\"'“”‘’` "
_MARKER = re.compile(r"\[\w+\]")


class ModelRewriter:
    """Writes follow-ups out with a chat model, within a part of the answer's deadline."""

    def __init__(self, chat: Chat, deadline: float) -> None:
        """`deadline` is that of the whole answer, in seconds."""
        self._chat = chat
        self._seconds = min(deadline * SHARE_OF_DEADLINE, MOST_SECONDS)

    def rewrite(self, asked: AskedTurn, builtin: StandaloneQuestion) -> StandaloneQuestion:
        """The model's rewrite with its queries; `builtin` if it fails or is refused."""
        try:
            written = self._written(asked)
        except ChatError:
            return builtin
        known = " ".join((asked.article.title, *(m.content for m in asked.history)))
        if refusal(written, asked.question, known):
            return builtin
        text = one_question(written)
        if text == asked.question:
            return builtin
        return merged(text, asked.question, builtin)

    def _written(self, asked: AskedTurn) -> str:
        """What the model writes; "" if it did not come to its end. Raises ChatError."""
        messages = standalone_messages(
            asked.question, _own_words(asked.history), asked.article.title, secrets.token_hex(4)
        )
        until = time.monotonic() + self._seconds
        text, is_done = "", False
        for piece in self._chat.stream(messages, until):
            text += piece.text
            is_done = is_done or piece.is_done
            if len(text) > MOST_CHARACTERS:
                raise ChatError("garbled")
        return text if is_done else ""


def _own_words(history: tuple[Message, ...]) -> tuple[Message, ...]:
    """The conversation without markers: those of earlier answers mean nothing to the model."""
    return tuple(
        message
        if message.role == "user"
        else Message(message.role, _MARKER.sub("", message.content))
        for message in history
    )


def one_question(written: str) -> str:
    """The rewrite without quotation marks around it; "" if it has not exactly one line."""
    lines = [line.strip(_QUOTES) for line in written.strip().splitlines() if line.strip()]
    return " ".join(lines[0].split()) if len(lines) == 1 else ""


def refusal(written: str, question: str, known: str) -> str:
    """Why a rewrite of `question` is not taken; empty if it is.

    It must keep the question's own terms, and bring in nothing that is not in `known`, the
    conversation and the article's title.
    """
    text = one_question(written)
    if not text:
        return "it is not one line"
    if len(text) > 2 * len(question) + ROOM:
        return "it is too long"
    if dropped := terms(question) - terms(text):
        return f"it drops {', '.join(sorted(dropped))}"
    if bool(_NEGATION.search(question)) != bool(_NEGATION.search(text)):
        return "it turns a negation"
    before = (f"{known} {question}",)
    if missing_quantities(text, before) or drugs_missing(text, before):
        return "it brings in a figure or a drug"
    new = content_words(text) - content_words(before[0])
    allowed = max(FEW_NEW, len(content_words(text)) / 2)
    return "it brings in too much" if len(new) > allowed else ""


def terms(question: str) -> frozenset[str]:
    """The index tokens of `question` that carry meaning: not what only points back."""
    return frozenset(analyze(question)) - _POINTING


def merged(text: str, asked: str, builtin: StandaloneQuestion) -> StandaloneQuestion:
    """The model's `text` as the question shown, its query fused with the built-in ones."""
    queries = {text: MODEL_SHARE}
    for query, weight in builtin.queries:
        queries[query] = queries.get(query, 0.0) + round((1 - MODEL_SHARE) * weight, 4)
    return StandaloneQuestion(text, tuple(queries.items()), carried(text, asked), "model")


def carried(text: str, asked: str) -> tuple[str, ...]:
    """The runs of words of `text` that `asked` does not have, as what was taken over."""
    own = {word.lower() for word in re.findall(r"[\w-]+", asked)}
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[\w-]+", text):
        if word.lower() in own:
            runs.append([])
        else:
            runs[-1].append(word)
    return tuple(" ".join(run) for run in runs if content_words(" ".join(run)))
