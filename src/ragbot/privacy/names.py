"""Names of people, where the words around them say that they are names.

There is no model that knows names. A name is found by what leads to it ("my patient ...", "Mrs",
"her son"), by what follows ("..., a 54-year-old"), and by common given names. Authors of papers,
eponyms and drugs are told apart by their surroundings and by a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import resources

from ragbot.privacy.finding import Finding
from ragbot.privacy.recogniser import Recogniser, recogniser

_WORD = r"[A-ZÀ-ÖØ-ÞĀ-Ž][^\W\d_]*[’'-]?[^\W\d_]+"
_PART = rf"(?:{_WORD}|[A-ZÀ-Ž]\.?(?= [A-ZÀ-Ž]))"
_LINKS = r"(?:de|da|do|dos|del|della|di|van|von|der|den|la|le|bin|ibn|al|el|ter|zu)"
_NAME = rf"(?P<v>{_PART}(?: (?:{_LINKS} ){{0,2}}{_PART}){{0,3}}|{_WORD}, {_WORD})"
_TWO = rf"(?P<v>{_PART}(?: (?:{_LINKS} ){{0,2}}{_PART}){{1,3}}|{_WORD}, {_WORD})"
_PERSON = (
    r"(?:patient|man|woman|boy|girl|child|baby|infant|lady|gentleman|person|someone|recipient|"
    r"donor)"
)
_KIN = (
    r"(?:mother|father|mum|mom|dad|son|daughter|wife|husband|brother|sister|aunt|uncle|niece|"
    r"nephew|kid|child|cousin|partner|grand(?:mother|father|son|daughter|child))"
)
_OLD = (
    r"(?:(?:,| is| was|,? who is|,? \(?an?| is an?| was an?)+ ?\(?\d{1,3}[- ]?"
    r"(?:y(?:ea)?rs?|months?|weeks?)?[- ]?(?:old|y/?o|yo)\b)"
)
_IDENTIFIED = (
    r"\s*[,(]?\s*(?:DOB|D\.O\.B|MRN|NHS (?:no|number|\d)|date of birth|born on|"
    r"hospital (?:no|number))\b"
)

_CITED_BEFORE = re.compile(
    r"\b(?:by|study|paper|trial|authors?|dr\.?|prof(?:essor)?\.?|et|and colleagues|investigators?|"
    r"thank|acknowledge|grateful to|in|from|of)[\s(]*$",
    re.IGNORECASE,
)
_CITED_AFTER = re.compile(
    r"^(?:['’]s)?,?\s*(?:et al|and (?:colleagues|co-?workers|others|team)|group|study|paper|trial|"
    r"data|analysis|series|report|criteria|score|classification|regimen|syndrome|disease|lymphoma|"
    r"leuka?emia|sign|curve|test|staging|index|\(?(?:19|20)\d\d\b|found|reported|showed|published|"
    r"[A-Z]{1,3}(?:,|\.|$))",
)
_THANKED = re.compile(r"\b(?:thank|grateful|acknowledg\w+|correspond\w+|authors?)\b[^.]*$", re.I)

_NAMED = r"(?: called| named|:)"
_CUES: tuple[Recogniser, ...] = (
    recogniser(
        "patient_name",
        0.9,
        rf"\b(?i:patient(?:['’]s)?|pt|client)(?i: name)?(?: is| was)?{_NAMED} ?{_NAME}",
        cased=True,
    ),
    recogniser(
        "patient_name",
        0.9,
        r"\b(?i:(?:patient|full|sur|last|first|family|maiden)[ -]?name)(?: is|:|=|['’]s|\?)+ ?"
        + _NAME,
        cased=True,
    ),
    recogniser("patient_name", 0.8, rf"\b(?:patient|pt|recipient|donor),? {_TWO}", cased=True),
    recogniser(
        "patient_name",
        0.8,
        rf"\b(?i:{_PERSON}) (?:called|named|by the name of),? {_NAME}",
        cased=True,
    ),
    recogniser(
        "patient_name",
        0.8,
        rf"\b(?i:my|our|his|her|the patient['’]s|their) (?:\w+ )?{_KIN},? "
        rf"(?:called |named )?{_NAME}",
        cased=True,
    ),
    recogniser("patient_name", 0.85, rf"\b{_TWO}{_OLD}", cased=True),
    recogniser("patient_name", 0.9, rf"\b{_TWO}{_IDENTIFIED}", cased=True),
    recogniser("patient_name", 0.8, rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Master)\.? {_NAME}", cased=True),
    recogniser(
        "person",
        0.8,
        rf"\b(?i:my|his|her|the|their|\w+['’]s) name(?: is|:|['’]s| was) {_NAME}",
        cased=True,
    ),
    recogniser("person", 0.7, rf"(?:^|\n|[.:;] )(?:Name|NAME): ?{_NAME}", cased=True),
    recogniser(
        "person",
        0.6,
        r"\b(?:I['’]m|I am|[Tt]his is|[Oo]n behalf of|[Ss]igned(?: by)?:?|[Rr]egards,?|"
        rf"[Ss]incerely,?) {_TWO}",
        cased=True,
    ),
    recogniser("person", 0.6, rf"\b{_TWO} (?:lives? (?:at|in|on)|lost (?:his|her))\b", cased=True),
    recogniser("person", 0.6, rf"\bDr\.? {_NAME}", cased=True),
)
_LOWER_NAME = recogniser("person", 0.6, r"\bmy name is (?P<v>[^\W\d_]{2,}(?: [^\W\d_]{2,})?)")
_FIRST = re.compile(rf"\b{_WORD}\b")
_SURNAME = re.compile(rf" (?:(?P<initial>[A-Z]\.? )|{_LINKS} ){{0,2}}(?P<last>{_WORD})")
_NEAR = 40


@cache
def given_names() -> frozenset[str]:
    """Common given names in lower case."""
    return _listed("given_names.txt")


@cache
def not_names() -> frozenset[str]:
    """Words in lower case that begin no name where they are written with a capital."""
    return _listed("not_names.txt")


def _listed(file: str) -> frozenset[str]:
    text = (resources.files("ragbot.privacy") / "data" / file).read_text("utf-8")
    return frozenset(text.split())


def find_names(text: str) -> Iterator[Finding]:
    """Names in `text` by their surroundings, then by given names; the latter are "person"."""
    for cue in _CUES:
        for found in cue.find(text):
            span = _trimmed(text, found.start, found.end)
            if span is not None and not _is_author(text, *span):
                yield replace(found, start=span[0], end=span[1])
    yield from _LOWER_NAME.find(text)
    yield from _by_given_name(text)


def _by_given_name(text: str) -> Iterator[Finding]:
    for found in _FIRST.finditer(text):
        rest = _SURNAME.match(text, found.end())
        if rest is None or rest["last"].lower() in not_names() or rest["last"].isupper():
            continue
        before = text[max(0, found.start() - _NEAR) : found.start()]
        if _CITED_BEFORE.search(before) or _is_author(text, found.start(), rest.end()):
            continue
        if found.group().lower() in given_names():
            yield Finding("person", found.start(), rest.end(), 0.6)
        elif rest["initial"] and found.group().lower() not in not_names():
            yield Finding("person", found.start(), rest.end(), 0.5)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without words at its ends that belong to no name; None if nothing is left."""
    words = [
        (start + found.start(), start + found.end())
        for found in re.finditer(r"\S+", text[start:end])
    ]
    is_name = [text[a:b].strip(",.").lower() not in not_names() for a, b in words]
    named = [span for span, name in zip(words, is_name, strict=True) if name]
    if not named or not all(is_name[words.index(named[0]) : words.index(named[-1]) + 1]):
        return None
    return named[0][0], named[-1][1]


def _is_author(text: str, start: int, end: int) -> bool:
    """Whether a name is one of a publication's, or an eponym's."""
    return bool(
        _CITED_AFTER.search(text[end : end + 30])
        or _THANKED.search(text[max(0, start - 200) : start])
    )
