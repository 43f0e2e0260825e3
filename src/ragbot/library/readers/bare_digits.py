"""Tells bare citation digits at the end of a statement from clinical numbers.

A group of digits ("1", "2, 3") is a citation where it stands raised or linked, or where a
statement ends with it and what stands before it cannot govern a number: a word, a unit, a percent
sign or another number ("2 g/g 1"). "on day 8", "grade 3", "aged over 60" and "18 of 43" are
clinical. What can be read either way stays text, and is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ragbot.library.markdown import is_interval, parse_numbers
from ragbot.library.readers.cutting import BRACKETED, SIGNED, cut_places
from ragbot.library.readers.model import CLOSE, OPEN, Part
from ragbot.types import Marker

GROUP = r"\d{1,3}(?:\s?[,;]\s?\d{1,3}(?![\d%.]\d)|\s?[\u2013-]\s?\d{1,3})*"
BARE = re.compile(rf"(?<![\d,^/×*<>=≤≥±~\u2013-])(?<!\d\.)({GROUP})(?![\w%°^/×]|[.,]\d)")
BEHIND_FIGURE = re.compile(rf"(\^-?\d+|(?<![\d.,])\d{{1,3}})\.({GROUP})(?=\s*$|\s+[A-Z])")
ENDS = re.compile(r"\s*[.!?:;,]*[\"'\u201d\u2019)]*\s*")
STOPS = re.compile(r"\s?[.!?](?:\s|$)")
CLAUSE = re.compile(r"\s?[,;:](?:\s|$)|\s+[\u2013\u2014]\s")
CAPITAL = re.compile(r"\s+[\"(\u201c]?[A-Z]")
AFTER_STOP = re.compile(
    r"(?:[^\d\s]|\d\s?%|\d\))[.!?][\"'\u201d\u2019)]?$|\d[.!?]\s$|[a-z)%][.!?]\s*$"
)

GOVERNS = re.compile(
    r"(?:^|[\s(])(?:of|to|than|by|at|over|under|above|below|within|after|before|until|till|about|"
    r"approximately|around|nearly|almost|roughly|least|most|only|versus|vs\.?|every|per|from|"
    r"between|is|was|were|are|be|been|equals?|equalling|reach(?:ed|es)|in|for|on|with|minus|plus|all|"
    r"times|x|p|n|hr|or|rr|and|aged|graded|rated|exceed(?:s|ed|ing)?|scored|totall?ing|no\.?|nr\.?|"
    r"median|mean|numbered|into|through|up|beyond|near|against|as|a|an|the|this|that|these|another|"
    r"first|last|next|further|il|bcl-?|cd|vitamin [a-k]|sars-cov-?|covid-?|interleukin|pd-?|"
    r"factor|omega|hla|nyha|ecog|asa|apache|ps)$",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"(?:^|(?P<before>\S+)\s)(?P<label>grades?|stages?|phases?|days?|weeks?|months?|years?|cycles?|"
    r"courses?|exons?|codons?|chromosomes?|visits?|steps?|tables?|fig(?:ure)?s?\.?|types?|parts?|"
    r"blocks?|doses?|levels?|lines?|arms?|groups?|cohorts?|class|classes|category|categories|"
    r"versions?|chapters?|sections?|boxes|box|hours?|minutes?|arms?|regimens?|protocols?|trials?|"
    r"scores?|schedules?|tiers?|ranks?|zones?|quartiles?|tertiles?)$",
    re.IGNORECASE,
)
# Words that a number may follow, and that may end a statement: not decided.
EITHER = re.compile(r"(?:^|\s)(?:ages?|scores?|number|index|value)$", re.IGNORECASE)
# Before a label, these make it a thing of its own: "twice a day 2", "in this group 3".
DETERMINED = re.compile(
    r"the|a|an|this|that|these|those|each|every|any|per|which|same|other|another|one|two|three|"
    r"four|five|six|seven|eight|nine|ten|twelve|first|second|third|last|next|previous|following|"
    r"several|many|few|some|all|both|no|more|most|[\d.,\u2013-]+",
    re.IGNORECASE,
)
# The same for labels that are as often words as they are numbered: "the control arm 3".
WORDLIKE = re.compile(r"doses?|levels?|lines?|arms?|groups?|cohorts?|trials?|regimens?", re.I)
DESCRIBED = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]+)*", re.IGNORECASE)
NUMBERED = re.compile(r"phases?|grades?|stages?|types?", re.IGNORECASE)
SINGLED_OUT = re.compile(r"the|this|that|each|every|any|which|same|no|all|both", re.IGNORECASE)
PREPOSITION = re.compile(
    r"of|to|than|by|at|over|under|above|below|within|after|before|until|till|from|between|in|on|for|"
    r"with|through|into|during|since|beyond|and|or|around|about|versus|vs\.?|is|was|only|despite",
    re.IGNORECASE,
)
CITED_BEHIND = re.compile(
    rf"\s?[.!?]\s*(?:{OPEN}|\[?\d{{1,3}}(?:\s?[,;\u2013-]\s?\d{{1,3}})*\]?(?:\s+[A-Z(]|\s*$))"
)
PLAIN_NUMBER = re.compile(r"(?:^|[\s(<>=≤≥~/\u2013-])[\d][\d.,\u2013/-]*[)]?$")
OPERATOR = re.compile(r"[<>=≤≥±~×*/(\[\u2013+:$€£#^-]$|(?:^|\s)x$")
WORD_ALONE = re.compile(r"(?:^|[\s(/-])[^\W\d_]{4,}$|[)%\u201d\"\]]$")
HIGHEST_UNLISTED = 300
DENSE = 0.5
SHOWN = 40
READ_BEFORE = 200


@dataclass(frozen=True, slots=True)
class _Candidate:
    part: int
    start: int  # of the space before the digits
    end: int
    numbers: tuple[int, ...]
    verdict: str  # "sure", "likely", "doubt"
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """Parts with their markers, the numbers cited, and what was left as text."""

    parts: tuple[Part, ...]
    cited: tuple[int, ...]
    left: tuple[str, ...]


def resolve(parts: Sequence[Part], listed: int = 0) -> Resolved:
    """Take the citations of `parts` out of their text; `listed` is the reference list's length.

    `listed` 0 says that there is no list.
    """
    found = [c for at, part in enumerate(parts) for c in _candidates(at, part)]
    highest = listed or _densest(found)
    glued = sum(c.glued and c.verdict != "doubt" for c in found) >= 2
    taken, left = [], []
    for candidate in found:
        if _holds(candidate, highest, glued=glued):
            taken.append(candidate)
        elif _is_doubtful(candidate, highest, glued=glued):
            left.append(_shown(parts[candidate.part].text, candidate))
    cited = sorted({n for c in taken for n in c.numbers})
    made = tuple(
        _with_markers(part, [c for c in taken if c.part == at]) for at, part in enumerate(parts)
    )
    return Resolved(made, tuple(cited), tuple(left))


def _holds(candidate: _Candidate, highest: int, *, glued: bool) -> bool:
    if candidate.verdict == "doubt" or max(candidate.numbers) > highest:
        return False
    return candidate.verdict == "sure" or glued or not candidate.glued


def _is_doubtful(candidate: _Candidate, highest: int, *, glued: bool) -> bool:
    """Whether a person should look at what was left as text."""
    if candidate.glued and not glued:
        return False
    return candidate.verdict != "doubt" or max(candidate.numbers) <= max(highest, 9)


def _densest(found: Sequence[_Candidate]) -> int:
    """The highest number up to which at least half of all numbers are cited somewhere."""
    seen = {n for c in found if c.verdict != "doubt" for n in c.numbers if n <= HIGHEST_UNLISTED}
    highest = 0
    for count, number in enumerate(sorted(seen), 1):
        if count >= DENSE * number:
            highest = number
    return highest


def _candidates(at: int, part: Part) -> Iterator[_Candidate]:
    """What may be a citation in a part; in a table, only what stands raised or linked."""
    text = part.text
    covered = []
    for pattern in (SIGNED, BRACKETED):
        for found in pattern.finditer(text):
            covered.append((found.start(), found.end()))
            inside = _joined(found[0])
            numbers = parse_numbers(inside)
            before = text[max(0, found.start() - SHOWN) : found.start()]
            is_bracket = found[0].lstrip().startswith("[")
            if numbers and 0 not in numbers and not (is_bracket and is_interval(before, inside)):
                yield _Candidate(at, found.start(), found.end(), numbers, "sure")
    if part.kind == "table":
        return
    yield from _behind_figures(at, text)
    for found in BARE.finditer(text):
        if any(start < found.end() and found.start() < end for start, end in covered):
            continue
        before = text[max(0, found.start(1) - READ_BEFORE) : found.start(1)]
        said = _verdict(before, found[1], text[found.end() : found.end() + READ_BEFORE])
        numbers = parse_numbers(found[1])
        if said and numbers and 0 not in numbers and not _is_padded(found[1]):
            start = found.start(1) - (len(before) - len(before.rstrip()))
            glued = start == found.start(1) and before[-1] not in '%)]\u201d"'
            yield _Candidate(at, start, found.end(), numbers, said, glued)


def _behind_figures(at: int, text: str) -> Iterator[_Candidate]:
    """Digits right behind a figure and a stop: "below 10^-5.2,4"; after "week 10.1" in doubt."""
    for found in BEHIND_FIGURE.finditer(text):
        numbers = parse_numbers(found[2])
        if numbers and 0 not in numbers and not _is_padded(found[2]) and _is_sequence(found[2]):
            sure = found[1].startswith("^") or len(numbers) > 1
            start = found.end(1) + 1
            yield _Candidate(at, start, found.end(), numbers, "likely" if sure else "doubt", True)


def _joined(signed: str) -> str:
    """The numbers of neighbouring signs: "⟨1⟩⟨2⟩" and "⟨1⟩, ⟨2⟩" are "1, 2"."""
    bare = re.sub(f"{CLOSE}(\\s*){OPEN}", f"{CLOSE},{OPEN}", signed)
    return bare.replace(OPEN, "").replace(CLOSE, "").strip(" []()")


def _is_padded(group: str) -> bool:
    return any(part.startswith("0") for part in re.findall(r"\d+", group))


def _verdict(before: str, group: str, after: str) -> str | None:
    """How sure it is that `group` is a citation; None where it is no candidate at all."""
    stripped = before.rstrip()
    if not stripped:
        return None
    is_end = ENDS.fullmatch(after) is not None
    if AFTER_STOP.search(before) and (is_end or CAPITAL.match(after)):
        return "likely" if is_end or _is_sequence(group) or not _counts(after) else "doubt"
    if not (is_end or STOPS.match(after) or CLAUSE.match(after)):
        return None
    if after.lstrip().startswith(")") and "(" in stripped[stripped.rfind(")") + 1 :]:
        return None  # within brackets: "(grade 3)"
    if OPERATOR.search(stripped) or not _is_sequence(group) or CITED_BEHIND.match(after):
        return None
    return _by_word_before(before, stripped, group)


def _by_word_before(before: str, stripped: str, group: str) -> str | None:
    if PLAIN_NUMBER.search(stripped):
        if stripped == before:
            return None
        first = re.match(r"\d+", group)
        thousands = re.search(r"(?:^|\D)\d{1,3}$", stripped) and first and len(first[0]) == 3
        return "doubt" if thousands else "likely"
    if stripped == before:  # glued: "survival1,2"
        return "likely" if WORD_ALONE.search(stripped) else None
    label = LABEL.search(stripped)
    if label is not None:
        return _by_label(label["label"], (label["before"] or "").lstrip("(").rstrip(",)"))
    if EITHER.search(stripped):
        return "doubt"
    return None if GOVERNS.search(stripped) else "likely"


def _by_label(label: str, before: str) -> str | None:
    """Whether a number behind "day", "grade" or "arm" is the label's own."""
    if not before or PREPOSITION.fullmatch(before):
        return None
    if NUMBERED.fullmatch(label):
        return "likely" if SINGLED_OUT.fullmatch(before) else "doubt"
    if DETERMINED.fullmatch(before):
        return "likely"
    is_described = WORDLIKE.fullmatch(label) and DESCRIBED.fullmatch(before)
    return "likely" if is_described else "doubt"


def _is_sequence(group: str) -> bool:
    numbers = [int(digits) for digits in re.findall(r"\d+", group)]
    return all(a < b for a, b in pairwise(numbers))


def _counts(after: str) -> bool:
    """Whether what follows may be counted by the digits: "2 B-ALL patients"."""
    return (
        re.match(r"\s+\S+(?:\s\S+){0,2}\s(?:patients|children|adults|cases|of)\b", after)
        is not None
    )


def _shown(text: str, candidate: _Candidate) -> str:
    plain = text[max(0, candidate.start - SHOWN) : candidate.end]
    return plain.replace(OPEN, "").replace(CLOSE, "").strip()


def _with_markers(part: Part, taken: Sequence[_Candidate]) -> Part:
    """`part` with the digits of `taken` as markers; its places move along."""
    pieces: list[str] = []
    markers: list[Marker] = []
    spans: list[tuple[int, int]] = []
    length = at = 0
    for candidate in sorted(taken, key=lambda c: c.start):
        piece = _unsigned(part.text[at : candidate.start])
        pieces.append(piece)
        length += len(piece)
        markers.append(Marker(length, candidate.numbers))
        spans.append((candidate.start, candidate.end))
        at = candidate.end
        if part.text[at : at + 1].isalnum():
            pieces.append(" ")
            length += 1
    rest = _unsigned(part.text[at:])
    text = "".join((*pieces, rest))
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    return replace(
        part,
        text=text,
        markers=tuple(Marker(min(max(m.offset - lead, 0), len(text)), m.numbers) for m in markers),
        places=cut_places(part.places, spans),
        cells=tuple(_unsigned(SIGNED.sub("", BRACKETED.sub("", cell))) for cell in part.cells),
    )


def _unsigned(text: str) -> str:
    """Raised digits that are no citation stay as a power, so that no number changes."""
    return re.sub(f"(?<=\\d){OPEN}", "^", text).replace(OPEN, "").replace(CLOSE, "")
