"""From a follow-up to a question that stands alone, without a chat model.

Per turn it is decided what is carried over: nothing, a phrase of the conversation or of the
article's title, or the whole previous question with its subject exchanged. A readable question is
written with it, and the follow-up and its carried forms become weighted queries: how much each
counts is told by what they retrieve.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ragbot.retrieval.carry import Candidate, Follow, Utterance, gather, logistic, rank, read, stems
from ragbot.retrieval.measures import names_subject
from ragbot.retrieval.phrases import is_framed, is_name, phrases, subject
from ragbot.retrieval.probe import Evidence, Probe, gate_features, standardised
from ragbot.retrieval.reference import Pointed, points_back
from ragbot.retrieval.rewrite import (
    append,
    asks_about,
    capitalised,
    exchange,
    has_pronoun,
    lead_removed,
    plural,
    replace_pronoun,
)
from ragbot.retrieval.weights import Weights, load_weights
from ragbot.types import Message, StandaloneQuestion

__all__ = ["Context", "Evidence", "Probe", "condense"]

_SPACE = re.compile(r"\s+")
_POINTED_AT = re.compile(r"\b(?:this|that|these|those|such)\s+[a-z]{3,}\s*(?:[?.,;]|$)", re.I)
_UNKNOWN_RARITY = 0.6  # of a word, where no index tells


@dataclass(frozen=True, slots=True)
class Context:
    """The article that is being read: empty where there is none."""

    title: str = ""
    headings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reading:
    """How a follow-up is understood.

    `text` is the question written out, `carried` what was taken over, `wide` the follow-up with
    every phrase that it may take for granted, for the search only. `certain` readings rest on the
    form of the words and need no probing.
    """

    text: str
    carried: tuple[str, ...] = ()
    method: str = "none"
    wide: str = ""
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversation before a follow-up: what was said, and the user's turns written out.

    `title` is the title of the article that is being read, which is said before all.
    """

    utterances: tuple[Utterance, ...]
    asked: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    title: str = ""

    @property
    def turns(self) -> int:
        """How many turns the user has had."""
        return len(self.asked)


def condense(
    question: str,
    history: Sequence[Message],
    context: Context,
    probe: Probe | None = None,
) -> StandaloneQuestion:
    """The `question` made to stand alone, with what was carried over and the queries to fuse.

    Without a `probe` every word counts as equally rare, and the weights rest on the words alone.
    """
    weights = load_weights()
    asked = _SPACE.sub(" ", question).strip()
    thread = thread_of(history, context, probe, weights)
    reading = understand(asked, thread, probe, weights)
    queries = _queries(asked, reading, thread, probe, weights)
    return StandaloneQuestion(reading.text, queries, reading.carried, reading.method)


def thread_of(
    history: Sequence[Message], context: Context, probe: Probe | None, weights: Weights
) -> Thread:
    """The conversation so far, each of the user's turns understood in the light of those before."""
    said = (Utterance("title", context.title, -1),) if context.title else ()
    thread = Thread(said, title=context.title)
    for message in history:
        text = _SPACE.sub(" ", message.content).strip()
        if message.role == "assistant":
            answer = Utterance("answer", text, max(thread.turns - 1, 0))
            thread = replace(thread, utterances=(*thread.utterances, answer))
            continue
        reading = understand(text, thread, probe, weights)
        thread = Thread(
            (*thread.utterances, Utterance("user", text, thread.turns)),
            (*thread.asked, text),
            (*thread.resolved, reading.text),
            context.title,
        )
    return thread


def understand(asked: str, thread: Thread, probe: Probe | None, weights: Weights) -> Reading:
    """What the follow-up takes for granted, written out."""
    body = lead_removed(asked)
    ranked, follow = _ranked(body, thread, probe, weights)
    pointed = points_back(body, _subjects(thread), thread.resolved)
    if pointed is not None:
        return _pointed(pointed, thread, follow)
    about = asks_about(body)
    if about is not None and thread.resolved and phrases(about):
        return _exchanged(asked, about, thread)
    if not ranked:
        return Reading(asked)
    return _carried(asked, ranked, follow, thread, weights)


def _pointed(pointed: Pointed, thread: Thread, follow: Follow) -> Reading:
    """A reference back written out: within the question, before it, or as all there is."""
    if (not pointed.rest or asks_about(pointed.rest)) and thread.resolved:
        text = exchange(thread.resolved[-1], pointed.phrase, instead_of=pointed.instead_of)
    elif pointed.inside:
        text = pointed.rest
    else:
        text = _written_out(pointed.rest, pointed.phrase, follow).text
    return Reading(capitalised(text), (pointed.phrase,), "back reference", certain=True)


def _exchanged(asked: str, about: str, thread: Thread) -> Reading:
    previous = thread.resolved[-1]
    text = capitalised(exchange(previous, about))
    clear = asked.rstrip(" ?.!").lower() != about.lower()  # not a bare fragment
    return Reading(text, (previous,), "what about", certain=clear)


def _carried(
    asked: str,
    ranked: Sequence[tuple[Candidate, float]],
    follow: Follow,
    thread: Thread,
    weights: Weights,
) -> Reading:
    """The likeliest phrase written in, if the follow-up needs one; the likely ones for search."""
    body = follow.text
    topic = subject(thread.title) if thread.title else None
    ranked = _topic_first(ranked, follow)
    likely = [c for c, p in ranked if p >= weights.wide][: weights.most]
    wide = " ".join([asked.rstrip(" ?.!"), *(candidate.text for candidate in likely)])
    best, probability = ranked[0]
    person = follow.cues["person"] and is_name(best.text)
    leans = has_pronoun(body, person=person) or follow.content == 0
    unsaid = _unsaid(best, probability, follow, weights) and thread.turns > 0
    if leans or unsaid:
        phrase = topic.text if topic is not None and best.stems <= stems(topic.text) else best.text
        several = plural(thread.resolved[-1]) if thread.resolved and follow.cues["they"] else None
        return replace(_written_out(body, several or phrase, follow), wide=wide if likely else "")
    if body == asked or thread.turns == 0:
        topic = None  # only what goes on from the turn before ("And ...") stays with the article
    if topic is not None and topic.text.lower() not in body.lower():
        return Reading(append(body, topic.text), (topic.text,), "article", wide=wide)
    carried = tuple(candidate.text for candidate in likely)
    return Reading(asked, carried, "search" if carried else "none", wide=wide if likely else "")


def _unsaid(best: Candidate, probability: float, follow: Follow, weights: Weights) -> bool:
    """Whether a question that points at nothing still leaves `best` unsaid."""
    apart = not best.stems & follow.stems and not follow.cues["person"]
    names_own = names_subject(follow.text) and not _POINTED_AT.search(follow.text)
    own = is_framed(follow.text) or names_own
    return probability >= weights.written and apart and not own


def _topic_first(
    ranked: Sequence[tuple[Candidate, float]], follow: Follow
) -> Sequence[tuple[Candidate, float]]:
    """The topic that was opened last goes first where the follow-up names nothing of its own.

    "What is X?" after talk of Y opens a new topic: "How common is it?" then asks of X, and what
    was asked about before is left behind.
    """
    leans = follow.content == 0 and not follow.cues["person"]
    opened = [pair for pair in ranked if pair[0].defined and not pair[0].reset]
    if not leans or not opened or opened[0][0].newer > 0:
        return ranked
    kept = [pair for pair in ranked if pair is not opened[0] and not pair[0].reset]
    return [opened[0], *kept]


def _written_out(body: str, phrase: str, follow: Follow) -> Reading:
    person = follow.cues["person"] and is_name(phrase)
    if has_pronoun(body, person=person):
        return Reading(replace_pronoun(body, phrase, person=person), (phrase,), "pronoun")
    return Reading(append(body, phrase), (phrase,), "ellipsis")


def _ranked(
    body: str, thread: Thread, probe: Probe | None, weights: Weights
) -> tuple[list[tuple[Candidate, float]], Follow]:
    rarity = probe.rarity if probe is not None else lambda _: _UNKNOWN_RARITY
    follow = read(body, rarity)
    candidates = gather(thread.utterances)
    return rank(follow, candidates, thread.turns, rarity, weights.carry), follow


def _subjects(thread: Thread) -> list[str]:
    """Subjects in the order they came up; the article's counts while the user has named one."""
    found: list[str] = []
    texts = thread.resolved if len(thread.resolved) > 1 else (thread.title, *thread.resolved)
    for text in texts:
        topic = subject(text)
        if topic is not None and topic.text.lower() not in (known.lower() for known in found):
            found.append(topic.text)
    return found


def _queries(
    asked: str, reading: Reading, thread: Thread, probe: Probe | None, weights: Weights
) -> tuple[tuple[str, float], ...]:
    """The follow-up and its carried forms, each with its share."""
    carried = reading.text if reading.text != asked else reading.wide
    if not carried or carried == asked:
        return ((asked, 1.0),)
    if reading.certain:
        return ((carried, weights.certain), (asked, round(1 - weights.certain, 4)))
    previous = thread.asked[-1] if thread.asked else carried
    share = weights.share_unprobed
    if probe is not None:
        last, with_carried, before = probe([asked, reading.wide or carried, previous])
        values = {**gate_features(last, with_carried, before), **own_features(asked, probe)}
        share = logistic(weights.gate, standardised(values, weights.gate_scales))
    return _mix(asked, reading, thread, share, weights)


def own_features(asked: str, probe: Probe) -> dict[str, float]:
    """What the gate learns from the words: whether they name what is asked of, or point at it."""
    body = lead_removed(asked)
    follow = read(body, probe.rarity)
    pointing = has_pronoun(body) or follow.content == 0
    return {
        "points": float(pointing),
        "names": 0.0 if pointing else follow.rarest,
        "names_framed": follow.rarest if is_framed(body) and not pointing else 0.0,
    }


def _mix(
    asked: str, reading: Reading, thread: Thread, share: float, weights: Weights
) -> tuple[tuple[str, float], ...]:
    carried = reading.text if reading.text != asked else reading.wide
    previous = thread.asked[-1] if thread.asked else ""
    parts: dict[str, float] = {carried: 0.0}
    opening = thread.asked[0] if thread.asked else previous
    shares = (
        (carried, weights.mix_written),
        (reading.wide or carried, weights.mix_wide),
        (f"{previous} {asked}".strip(), weights.mix_previous),
        (f"{opening} {asked}".strip(), weights.mix_opening),
    )
    for text, part in shares:
        parts[text] = parts.get(text, 0.0) + part * share
    parts[asked] = parts.get(asked, 0.0) + 1.0 - share
    return tuple((text, round(weight, 4)) for text, weight in parts.items() if weight > 0)
