"""Sentences of a passage, how much of a claim's wording each carries, and what a model reads.

A small model reads a short text best, so that a long passage is narrowed to the window of
sentences that share most with the claim. Training and question time use the same window.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import sentencex
import Stemmer


def _listed(text: str) -> list[str]:
    return text.split()


WINDOW_WORDS = 120
LONG_SENTENCE = 90
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_STOP = frozenset(
    _listed(
        "a an and are as at be been but by can could did do does for from had has have if in into "
        "is it its may might more most no not of on or such than that the their them then there "
        "these they this those to was we were what when which who will with within without would"
    )
)
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2})(?!\d|[.,]\d)")
_FRAME = re.compile(
    r"^(?:in (?:the|these|this) (?:analysis|article|data|paper|report|study|trial)|"
    r"according to (?:the|this) (?:article|authors|paper|report|source|study)), +",
    re.IGNORECASE,
)
_MARKS = ".,;:()[]\"'“”‘’"
_stemmer = Stemmer.Stemmer("english")


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence: `evidence[start:end] == text`, without white space around it."""

    start: int
    end: int
    text: str


def split_sentences(text: str) -> list[Span]:
    """The sentences of `text` in order; those beyond 90 words are cut at commas and semicolons."""
    spans: list[Span] = []
    at = 0
    for line in text.splitlines(keepends=True):
        offset = at
        for piece in sentencex.segment("en", line):
            offset = _take(spans, text, offset, offset + len(piece))
        at += len(line)
    return spans


def _take(spans: list[Span], text: str, start: int, end: int) -> int:
    piece = text[start:end]
    if len(piece.split()) > LONG_SENTENCE:
        cuts = [start + found.end() for found in re.finditer(r"[;,] ", piece)]
        return _take_parts(spans, text, start, end, cuts)
    body = piece.strip()
    if body:
        begin = start + piece.index(body)
        spans.append(Span(begin, begin + len(body), body))
    return end


def _take_parts(spans: list[Span], text: str, start: int, end: int, cuts: Sequence[int]) -> int:
    limit = LONG_SENTENCE * 4
    begin = start
    for cut in [*cuts, end]:
        if cut - begin >= limit or cut == end:
            part = text[begin:cut]
            body = part.strip()
            if body:
                first = begin + part.index(body)
                spans.append(Span(first, first + len(body), body))
            begin = cut
    return end


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word))


def plain_decimals(text: str) -> str:
    """`text` with decimal points for decimal commas ("13,1%"): few texts of training have one."""
    return _DECIMAL_COMMA.sub(r"\1.\2", text)


def without_frame(claim: str) -> str:
    """`claim` without words before it that only point at the passage ("In this study, ")."""
    found = _FRAME.match(claim)
    return claim[found.end() :] if found else claim


def content_words(text: str) -> frozenset[str]:
    """Stems of the words and figures of `text` that carry meaning, in lower case."""
    return frozenset(_content_sequence(text))


def _content_sequence(text: str) -> list[str]:
    words = (found.group().lower() for found in _WORD.finditer(plain_decimals(text)))
    return [_stem(word) for word in words if word not in _STOP]


def details(claim: str) -> int:
    """How many names and figures `claim` holds: words with a capital but the first, or a digit.

    Each is one more thing that a passage must state before it supports the claim; one said twice
    counts once.
    """
    words = [word.strip(_MARKS) for word in claim.split()]
    return len(
        {
            word
            for at, word in enumerate(words)
            if any(sign.isdigit() for sign in word) or (at > 0 and word[:1].isupper())
        }
    )


def phrase_overlap(claim: str, text: str) -> float:
    """The share of the claim's neighbouring content words that are neighbours in `text`, 0 to 1."""
    said, offered = _content_sequence(claim), _content_sequence(text)
    phrases = list(pairwise(said))
    kept = set(pairwise(offered))
    return sum(phrase in kept for phrase in phrases) / max(1, len(phrases))


def overlaps(claim: str, sentences: Sequence[Span]) -> list[float]:
    """How much of the claim each sentence carries, 0 to 1, rare words and figures counting more."""
    wanted = content_words(claim)
    bags = [content_words(sentence.text) for sentence in sentences]
    frequency = Counter(word for bag in bags for word in bag)
    weight = {
        word: math.log(2 + len(bags) / (1 + frequency[word])) + (0.5 if word[0].isdigit() else 0)
        for word in wanted
    }
    # summed in a fixed order, so that the same claim always gives the same last digit
    ordered = sorted(wanted)
    total = sum(weight[word] for word in ordered) or 1.0
    return [sum(weight[word] for word in ordered if word in bag) / total for bag in bags]


def choose_window(
    sentences: Sequence[Span], scores: Sequence[float], words: int = WINDOW_WORDS
) -> list[int]:
    """Indices, in order of the text, of the sentences a model reads: the best up to `words` words.

    The first sentence names the subject and the one before the best holds what "it" means, so
    both get a small bonus; the best sentence is always there, however long.
    """
    if not sentences:
        return []
    best = max(range(len(sentences)), key=lambda i: scores[i])
    bonus = {0: 0.08, best - 1: 0.08, best + 1: 0.03, len(sentences) - 1: 0.05}
    ranked = sorted(range(len(sentences)), key=lambda i: -(scores[i] + bonus.get(i, 0.0)))
    chosen, used = {best}, len(sentences[best].text.split())
    for index in ranked:
        size = len(sentences[index].text.split())
        if index not in chosen and used + size <= words:
            chosen.add(index)
            used += size
    return sorted(chosen)


def window_text(claim: str, evidence: str, words: int = WINDOW_WORDS) -> str:
    """The text that a model reads for `claim`: the chosen sentences, joined by spaces."""
    sentences = split_sentences(evidence)
    chosen = choose_window(sentences, overlaps(claim, sentences), words)
    return " ".join(sentences[index].text for index in chosen)
