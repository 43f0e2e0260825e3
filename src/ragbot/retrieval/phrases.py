"""What a question is about: its content phrases and its subject, found without a parser.

A phrase is a run of words that are neither function words, nor verbs of asking, nor words for an
aspect that any subject has ("treatment", "symptoms"). Phrases joined by "with", "of" and the like
make one subject: "B-ALL with a TP53 mutation".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ragbot.index.vocabulary import STOP_WORDS

_WORD = re.compile(r"\([^()\s]+\)|[^\W_](?:[^\s,;:!?()\"“”]*[^\W_+%])?[+%]?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LINK = _words("with of in after before without and or to on at from by versus vs for")
_ARTICLE = _words("a an the")

ASPECTS = _words(
    """
    advantage advantages advice age aim amount answer approach aspect aspects benefit benefits best
    better bigger biggest case cases cause caused causes chance chances change changes clinical
    common complication complications consequences cost costs cure cured date definition detail
    details developed diagnose diagnosed diagnosis dosage dose doses early effect effective effects
    evidence example examples fact factor factors feature features frequency frequent function
    goal good greatest guideline guidelines happen happened happens help history idea impact
    important incidence info information inherited kind kinds last late latest life likely limit
    long look main major many meaning mean means measure method methods name names necessary need
    needed number often old option options outcome outcomes outlook part parts passed people
    percentage person place point population popular possible prevalence prevent prevented
    prevention     price problem problems process prognosis purpose rate rates reason reasons recommended related
    requirement requirements research result results risk risks role safe side sign significance
    significant signs size stage stages standard start started step steps study studies survival
    symptom symptoms temperature tests test thing things time times treat treatable treated treating
    treatment treatments trial trials true type types use used uses usual way ways work works year
    years genetic affected mutation-related
    """
)
"""Words for what can be asked of any subject: they alone do not say what a question is about."""

ASKING = _words(
    """
    ask become call called come compare consider describe discuss explain feel find gave get gets
    getting give given go goes going got happening has have includes involved keep know known learn
    like list made make makes mention occur occurred occurs provide read recommend run said say see
    seem show speak speaking suggest take taken takes talk talking think tried try understand want
    wanted went wonder wondering worry being been also another different difference differences
    similar much more most many few one ones yes no not ok okay thanks thank sure really still
    interesting wow great oh hi hello want let's lot actually just only even
    """
)

POPULATIONS = _words(
    """
    adult adults adolescent adolescents aya baby babies boys child childhood children elderly female
    females geriatric girls infant infants kids male males men neonates newborns older paediatric
    pediatric pregnancy pregnant seniors teenagers toddlers women younger young
    """
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A content phrase: `text == question[start:end]`."""

    text: str
    start: int
    end: int


def _is_content(word: str) -> bool:
    lower = word.lower()
    if lower in STOP_WORDS:
        return word.isupper() and len(word) > 1 and lower in ("all", "or")
    return not (lower.startswith("(") or lower in ASPECTS or lower in ASKING)


def phrases(question: str) -> list[Phrase]:
    """Content phrases of `question`, in its order; words that touch make one phrase."""
    found: list[Phrase] = []
    for match in _WORD.finditer(question):
        if not _is_content(match.group()):
            continue
        if found and question[found[-1].end : match.start()].strip() == "":
            start = found.pop().start
        else:
            start = match.start()
        found.append(Phrase(question[start : match.end()], start, match.end()))
    return found


def subject(question: str) -> Phrase | None:
    """The phrase that `question` is about, or None if it names none.

    The last phrase of the question, with the phrases before it that only linking words part from
    it: what is asked about usually stands last ("What are the treatments for ...").
    """
    found = phrases(question)
    if not found:
        return None
    start = len(found) - 1
    while start > 0 and _linked(question[found[start - 1].end : found[start].start]):
        start -= 1
    first, last = found[start], found[-1]
    return Phrase(question[first.start : last.end], first.start, last.end)


def _linked(between: str) -> bool:
    words = between.lower().split()
    return 1 <= len(words) <= 3 and all(word in _LINK or word in _ARTICLE for word in words)


def is_population(text: str) -> bool:
    """Whether `text` names people by age or sex only ("children", "older adults")."""
    words = [word for word in re.findall(r"[a-z]+", text.lower()) if word not in STOP_WORDS]
    return bool(words) and all(word in POPULATIONS or word in ASPECTS for word in words)
