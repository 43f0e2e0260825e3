"""Puts the checked claims together into an answer, or says plainly that there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ragbot.answering.caution import (
    ONE_PATIENT,
    asks_for_one_patient,
    figures_note,
    unknown_figures,
)
from ragbot.answering.draft import Draft, RetrievedTurn
from ragbot.settings import Settings
from ragbot.types import Answer, Citation, Claim, Contrast, Population, Side

STEPS = ("condense", "retrieve", "answer", "verify")
NO_EVIDENCE = "no passage answers the question"


def claim_line(claim: Claim) -> str:
    """A claim as text, with its markers before the full stop: "Median OS was 7.7 months [4]."."""
    markers = "".join(f" [{marker}]" for marker in claim.citations)
    stop = claim.text[-1:] if claim.text[-1:] in ".!?" else ""
    return f"{claim.text.removesuffix(stop)}{markers}{stop}"


def contrast_lines(contrast: Contrast) -> list[str]:
    """Both layers as text, each with its marker and whom it speaks of."""
    sides = (("The article states", contrast.article), ("The cited source says", contrast.source))
    return [f"{who} [{side.marker}]{_of_whom(side)}: “{side.text}”" for who, side in sides]


def _of_whom(side: Side) -> str:
    whom = population_words(side.population)
    return f" ({whom})" if whom else ""


def population_words(population: Population) -> str:
    """A population in one line: "adults; relapsed or refractory; B-ALL"."""
    parts = (population.people, population.line, population.disease)
    return "; ".join(part for part in parts if part)


def _lines(claim: Claim) -> list[str]:
    plain = [f"In plain words: {claim.plain}"] if claim.plain else []
    return [claim_line(claim), *plain, *(contrast_lines(claim.contrast) if claim.contrast else ())]


def _cautions(turn: RetrievedTurn) -> list[str]:
    """Notes of code's own on the question that was answered."""
    asked = turn.asked.question
    texts = [passage.chunk.text for passage in (*turn.passages, *turn.earlier)]
    notes = [figures_note(unknown_figures(asked, texts))]
    if asks_for_one_patient(asked):
        notes.append(ONE_PATIENT)
    return [note for note in notes if note]


def compose(
    draft: Draft, turn: RetrievedTurn, settings: Settings, names: tuple[str, str]
) -> Answer:
    """The whole answer; `names` are those of the answerer and of the verifier.

    An answer without a claim is an abstention: it names what was searched, and has no citations.
    Notes of the answerer end the text.
    """
    claims = tuple(stated.claim for stated in draft.stated)
    citations = _distinct([c for stated in draft.stated for c in stated.citations])
    searched = searched_documents(turn)
    abstained = not claims
    remarks = [remark.note for remark in draft.remarks if remark.note]
    cautions = [] if abstained else _cautions(turn)
    notes = tuple(dict.fromkeys((*turn.asked.notes, *remarks, *cautions)))
    said = [line for claim in claims for line in _lines(claim)]
    body = [abstention(draft, turn)] if abstained else said
    return Answer(
        question=turn.asked.question,
        standalone_question=turn.standalone.text,
        article=turn.asked.article.id,
        conversation_id=turn.asked.conversation_id,
        abstained=abstained,
        reason=_reason(draft, turn) if abstained else "",
        text="\n".join((*body, *notes)),
        disclaimer=settings.disclaimer_text(),
        model=_last(remark.model for remark in draft.remarks) or names[0],
        settings_digest=settings.digest(),
        claims=claims,
        citations=citations,
        timings_ms=_timings(draft),
        carried=turn.standalone.carried,
        verifier=names[1],
        searched=searched,
        incomplete=any(remark.incomplete for remark in draft.remarks),
        notes=notes,
        gaps=tuple(remark.gap for remark in draft.remarks if remark.gap),
        choices=next((remark.choices for remark in draft.remarks if remark.choices), ()),
    )


def searched_documents(turn: RetrievedTurn) -> tuple[str, ...]:
    """Ids of the documents whose passages were considered, best first."""
    return tuple(dict.fromkeys(p.chunk.document_id for p in (*turn.passages, *turn.earlier)))


def _last(texts: Iterable[str]) -> str:
    """The last of `texts` that is not empty."""
    return ([text for text in texts if text] or [""])[-1]


def _reason(draft: Draft, turn: RetrievedTurn) -> str:
    return turn.unavailable or _last(remark.reason for remark in draft.remarks) or NO_EVIDENCE


def abstention(draft: Draft, turn: RetrievedTurn) -> str:
    """What is said where the evidence is missing."""
    article = turn.asked.article
    if turn.unavailable:
        return f"This cannot be answered from the library: {turn.unavailable.rstrip('.')}."
    said = _last(remark.saying for remark in draft.remarks)
    if said:
        return said
    references = article.article.references if article.article else ()
    cited = sum(reference.source_id is not None for reference in references)
    return (
        f"The library does not answer this. Searched were the article “{article.title}”, the "
        f"{cited} sources it cites that are in the library, and then the library's other sources; "
        "no passage in them answers the question."
    )


def _distinct(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple({citation.key: citation for citation in citations}.values())


def _timings(draft: Draft) -> dict[str, float]:
    spent = dict.fromkeys(STEPS, 0.0)
    for step, milliseconds in draft.timings:
        spent[step] = spent.get(step, 0.0) + milliseconds
    return {step: round(ms, 3) for step, ms in (*spent.items(), ("total", sum(spent.values())))}
