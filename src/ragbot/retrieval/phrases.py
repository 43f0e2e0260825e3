"""What a question is about: its content phrases and its subject, found without a parser.

A phrase is a run of words that are neither function words, nor words of asking, nor words for an
aspect that any subject has ("treatment", "symptoms"). The subject is what the question's frame
points at ("What are the treatments for ..."), or else its last phrases.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

from ragbot.index.vocabulary import STOP_WORDS
from ragbot.retrieval.wordlists import ASKING, ASPECTS, POPULATIONS

_WORD = re.compile(r"\([^()\s]+\)|[^\W_](?:[^\s,;:!?()\"“”]*[^\W_+%])?[+%]?")
_LINKS = {
    *("with", "of", "in", "after", "before", "without", "and", "or", "to", "on", "at", "from"),
    *("by", "versus", "vs", "for", "a", "an", "the", "into", "during"),
}
_BESIDE = re.compile(r"\s*,?\s+(?:or|and|versus|vs\.?|than)\s+(?:the\s+)?", re.I)
_NUMBER = re.compile(r"^(?:\d[\d.,]*|[ivx]{1,4}|[a-z])$", re.I)
_NAMING = {"down", "above", "below", "under", "over", "between", "once", "same", "own", "most"}
"""Stop words that in capitals begin a name ("Down syndrome")."""
_GRADE = {"type", "stage", "grade", "class", "phase", "group", "level", "version", "syndrome"}

# The frames of questions, with the subject last. (?!...) keeps a bare aspect from being a subject.
_DEFINITION = re.compile(
    r"^(?:what|who|which)(?:'s|’s|\s+(?:is|are|was|were))(?:\s+\(are\))?\s+(?:(?:a|an|the)\s+)?"
    r"(?P<subject>[^?]+?)[\s?.!]*$",
    re.I,
)
_TELL = re.compile(
    r"^(?:(?:can|could)\s+you\s+)?(?:please\s+)?(?:tell\s+me|talk|explain|describe|define)"
    r"(?:\s+(?:more|a\s+bit|something))?(?:\s+(?:about|on))?\s+(?:(?:a|an|the)\s+)?"
    r"(?P<subject>[^?]+?)[\s?.!]*$",
    re.I,
)
_ASPECT_OF = re.compile(
    r"\b(?P<aspect>[a-z]+)\s+(?:of|for|in|to|with|about|on|from)\s+(?:(?:a|an|the)\s+)?"
    r"(?=(?P<subject>[^?]+?)[\s?.!]*$)",
    re.I,
)
_VERB_OF = re.compile(
    r"^(?:what|how|who|can|is|are|does)\b[^?]*?\b(?:causes?|prevent|treat|diagnose|cure|manage|"
    r"(?:affected|caused)\s+by|(?:at\s+risk|done|tests?|research)\s+(?:of|for))\s+"
    r"(?:(?:a|an|the)\s+)?(?P<subject>[^?]+?)[\s?.!]*$",
    re.I,
)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|may|might|must)\b", re.I
)
_VERBS = {
    *("is", "are", "was", "were", "do", "does", "did", "can", "could", "should", "would", "will"),
    *("has", "have", "had", "may", "might", "must", "if", "when", "who", "which", "that", "used"),
    *("called", "known", "made", "done", "like"),
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A content phrase: `text == question[start:end]`."""

    text: str
    start: int
    end: int


def _is_content(word: str, *, first: bool) -> bool:
    lower = word.lower().removesuffix("'s").removesuffix("’s")
    capital = word[:1].isupper() and not first
    if lower in STOP_WORDS and not (capital and lower in _NAMING):
        return word.isupper() and len(word) > 1 and lower in ("all", "or", "it")
    if word.startswith("("):
        return False
    return capital or (lower not in ASPECTS and lower not in ASKING)


def _extends(previous: str, word: str, next_word: str) -> bool:
    """Whether a word that is no content by itself goes on with the name before it ("type 1")."""
    if word.lower() in _GRADE and _NUMBER.match(next_word):
        return True
    return previous.lower() in _GRADE and bool(_NUMBER.match(word))


def phrases(question: str) -> list[Phrase]:
    """Content phrases of `question`, in its order; words that touch make one phrase."""
    return list(_phrases(question))


@lru_cache(maxsize=2048)
def _phrases(question: str) -> tuple[Phrase, ...]:
    found: list[Phrase] = []
    words = list(_WORD.finditer(question))
    for at, match in enumerate(words):
        before = words[at - 1].group() if at else ""
        after = words[at + 1].group() if at + 1 < len(words) else ""
        touching = bool(found) and question[found[-1].end : match.start()].strip() == ""
        content = _is_content(match.group(), first=at == 0)
        if touching and (content or _extends(before, match.group(), after)):
            start = found.pop().start
        elif content and not _NUMBER.match(match.group()):
            start = match.start()
        else:
            continue
        found.append(Phrase(question[start : match.end()], start, match.end()))
    return tuple(found)


def subject(question: str) -> Phrase | None:
    """The phrase that `question` is about, or None if it names none."""
    found = phrases(question)
    if not found:
        return None
    return _framed(question, found) or _unframed(question, found)


def _defined(question: str, found: list[Phrase]) -> Phrase | None:
    """The subject of a question for what it is."""
    for frame in (_DEFINITION, _TELL):
        match = frame.match(question)
        if match:
            start, end = match.span("subject")
            if start == found[0].start and not _has_verb(question[start:end]):
                return Phrase(question[start:end], start, end)
    return None


def _framed(question: str, found: list[Phrase]) -> Phrase | None:
    """The subject that the question's frame points at: "What is ...", "... the causes of ..."."""
    defined = _defined(question, found)
    if defined is not None:
        return defined
    for match in _ASPECT_OF.finditer(question):
        start, end = match.span("subject")
        aspect = match.group("aspect").lower()
        if aspect in ASPECTS and start == found[0].start and not _has_verb(question[start:end]):
            return Phrase(question[start:end], start, end)
    return _object(question, found)


def _object(question: str, found: list[Phrase]) -> Phrase | None:
    """What a question's verb is done to: "What causes ...", "Who is affected by ..."."""
    match = _VERB_OF.match(question)
    if match is None:
        return None
    start, end = match.span("subject")
    is_whole = start == found[0].start and not _has_verb(question[start:end])
    return Phrase(question[start:end], start, end) if is_whole else None


def _has_verb(text: str) -> bool:
    words = {word.lower() for word in re.findall(r"[A-Za-z']+", text)}
    return not words.isdisjoint(_VERBS)


def _unframed(question: str, found: list[Phrase]) -> Phrase:
    """The first phrase after a verb ("Does TP53 ..."), else the longest one nearest to the end."""
    at = 0
    if not _YES_NO.match(question):
        at = max(range(len(found)), key=lambda i: (len(found[i].text.split()), i))
    start = end = at
    while start > 0 and _linked(question[found[start - 1].end : found[start].start]):
        start -= 1
    while end + 1 < len(found) and _linked(question[found[end].end : found[end + 1].start]):
        end += 1
    first, last = found[start], found[end]
    return Phrase(question[first.start : last.end], first.start, last.end)


def _linked(between: str) -> bool:
    words = between.lower().replace(",", " ").split()
    return len(words) <= 3 and all(word in _LINKS for word in words)


def is_definition(question: str) -> bool:
    """Whether `question` asks what its subject is: "What is ...?", "Tell me about ..."."""
    found = phrases(question)
    topic = _defined(question, found) if found else None
    return topic is not None


def is_framed(question: str) -> bool:
    """Whether the frame of `question` marks its subject off from the rest."""
    found = phrases(question)
    return bool(found) and _framed(question, found) is not None


def is_population(text: str) -> bool:
    """Whether `text` names people by age or sex only ("children", "older adults")."""
    words = [word for word in re.findall(r"[a-z]+", text.lower()) if word not in STOP_WORDS]
    return bool(words) and all(word in POPULATIONS or word in ASPECTS for word in words)


def is_name(text: str) -> bool:
    """Whether `text` could name a person: two words or more, all of letters, all in capitals."""
    words = text.split()
    return len(words) > 1 and all(re.fullmatch(r"[A-Z][a-z’'.]+|[A-Z]\.?", word) for word in words)


def alternatives(text: str) -> list[tuple[Phrase, Phrase]]:
    """Pairs of phrases that `text` sets beside each other: "X or Y", "X versus Y"."""
    found = phrases(text)
    return [
        (first, second)
        for first, second in itertools.pairwise(found)
        if _BESIDE.fullmatch(text[first.end : second.start])
    ]
