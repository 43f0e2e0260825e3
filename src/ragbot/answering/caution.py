"""What code adds where a question asks more than evidence can say, or takes for granted what it
does not: an order for one patient, a figure that no passage has. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.answering.numbers import missing_quantities

ONE_PATIENT = (
    "This is what the evidence says of groups of patients. It is no order for one patient: that "
    "is for those who know and treat the patient."
)
_ONE_PATIENT = re.compile(
    r"\b(?:my|our|this|his|her|your) (?:own )?(?:patient|child|son|daughter|baby|mother|father|"
    r"brother|sister|wife|husband|partner|case|doctor)\b"
    r"|\b(?:should|shall|must|may|can|could|do|would) (?:i|we|he|she|you)\b"
    r"(?! (?:expect|explain|tell|say|find|know|look|read|cite|define|show|describe|summari[sz]e))"
    r"|\b(?:i|we) (?:have|am treating|are treating|see) (?:a|an|this) (?:patient|child|man|woman)\b"
    r"|\ba \d{1,3}[- ](?:year|month|week)[- ]old\b|\bfor me\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^(?:please )?(?:(?:always|never|do not|don't) )?(?:give|start|stop|continue|prescribe|use|"
    r"avoid|take|increase|reduce|switch|order|offer|consider|refer|treat|choose|add|discontinue|"
    r"transplant|administer)\b"
    r"(?! (?:of|in|on|was|were|is|are|had|has|and|or|after|before|with|did|may|can|\w+ed)\b)"
    r"|\b(?:should|must|ought to|needs? to|has to|have to|is to be|are to be)\b"
    r"|\b(?:we|i) (?:recommend|advise|suggest)\b|\b(?:is|are) (?:recommended|advised|indicated)\b"
    r"|\byou(?:r)?\b",
    re.IGNORECASE,
)


def asks_for_one_patient(question: str) -> bool:
    """Whether `question` asks what to do with a person, rather than what is known."""
    return _ONE_PATIENT.search(question) is not None


def orders_in(text: str, quotes: Sequence[str]) -> list[str]:
    """Words of `text` that order or advise, where no quote does so in the same words."""
    said = " ".join(quotes).casefold()
    found = (match.group().casefold() for match in _ORDER.finditer(text))
    return [words for words in found if not re.search(rf"\b{re.escape(words)}\b", said)]


def unknown_figures(question: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Figures of `question` that stand nowhere in `texts`, as written: a premise may be wrong.

    Bare numbers, which may count anything, and names such as CD19 are left out.
    """
    return tuple(
        entry.quantity.text
        for entry in missing_quantities(question, texts)
        if entry.reason == "value"
        and (entry.quantity.unit or entry.quantity.kind in {"p", "range", "ratio"})
        and entry.quantity.kind not in {"name", "date"}
    )


def figures_note(figures: Sequence[str]) -> str:
    """The note on `unknown_figures`; empty if there are none."""
    if not figures:
        return ""
    listed = " and ".join(f"“{figure}”" for figure in figures)
    stand = "stands" if len(figures) == 1 else "stand"
    return f"{listed} of the question {stand} in none of the passages that were found."
