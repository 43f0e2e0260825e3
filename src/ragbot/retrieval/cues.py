"""How a follow-up leans on what was said: pronouns, fragments, "what about", "the other one"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ragbot.index.vocabulary import STOP_WORDS
from ragbot.retrieval.wordlists import ASPECTS

Cues = Mapping[str, bool]

VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|had|may|might|must|be|"
    r"what|which|who|whom|whose|how|why|when|where|tell|explain|describe|give|list|show)\b|'s\b",
    re.I,
)
_THIS = (
    r"\b(?:this|that|these|those)\b(?=\s*(?:[?.,!]|$|is\b|are\b|was\b|were\b|mean|happen|affect))"
)
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "it": re.compile(r"\b(?:it|its)\b", re.I),
    "they": re.compile(r"\b(?:they|their|them|theirs)\b", re.I),
    "person": re.compile(r"\b(?:he|she|his|her|him|hers)\b", re.I),
    "bare_this": re.compile(_THIS, re.I),
    "this_noun": re.compile(r"\b(?:this|these|those|such)\s+[a-z]{3,}", re.I),
    "definite": re.compile(r"\bthe\s+[a-z]{3,}", re.I),
    "about": re.compile(r"^\W*(?:and\s+|so\s+)?(?:what|how)\s+about\b", re.I),
    "lead": re.compile(r"^\W*(?:and|but|so|also|then|or|ok|oh)\b", re.I),
    "other": re.compile(r"\b(?:other|another|else|besides|instead|same|different)\b", re.I),
    "there": re.compile(r"\b(?:there|then|here)\b", re.I),
    "one": re.compile(r"\b(?:ones?|first|second|former|latter)\b", re.I),
    "mine": re.compile(r"\b(?:i|my|me|we|our)\b", re.I),
}


def read_cues(text: str) -> dict[str, bool]:
    """Which cues `text` shows, by name."""
    cues = {name: bool(pattern.search(text)) for name, pattern in _PATTERNS.items()}
    size = len(text.split())
    bare = [word for word in re.findall(r"[a-z']+", text.lower()) if word not in STOP_WORDS]
    cues["fragment"] = not VERB.search(text)
    cues["short"] = size <= 5
    cues["long"] = size >= 12
    cues["aspect"] = any(word in ASPECTS for word in bare)
    return cues
