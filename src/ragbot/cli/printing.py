"""An answer as text for a terminal."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TextIO

from ragbot.answering.compose import claim_line, population_words
from ragbot.types import Answer, Citation, Contrast

WIDTH = 96
VERDICTS = {
    "supported": "✓ supported",
    "contradicted": "✗ contradicted",
    "unsupported": "? unsupported",
    "unverified": "~ not verified",
}


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _reference(citation: Citation) -> str:
    where = (citation.doi and f"doi:{citation.doi}") or (citation.pmid and f"PMID {citation.pmid}")
    parts = (citation.title, citation.section, where or citation.url, citation.population)
    return f"[{citation.marker}] " + " · ".join(part for part in parts if part)


def _side_by_side(contrast: Contrast) -> str:
    """Both layers in two columns, each with whom it speaks of."""
    column = (WIDTH - 7) // 2
    cells = [
        [
            f"{who} [{side.marker}]",
            *textwrap.wrap(population_words(side.population), column),
            *textwrap.wrap(f"“{side.text}”", column, break_on_hyphens=False),
        ]
        for who, side in (("The article states", contrast.article), ("Source", contrast.source))
    ]
    rows = zip_longest(*cells, fillvalue="")
    return "".join(f"    {left:<{column}} | {right}".rstrip() + "\n" for left, right in rows)


def print_answer(answer: Answer, out: TextIO) -> None:
    """Write the answer, its passages, how to go on, and the disclaimer."""
    if answer.standalone_question != answer.question:
        out.write(_wrapped(f"Understood as: {answer.standalone_question}") + "\n\n")
    if answer.abstained:
        out.write(_wrapped(answer.text) + "\n\n")
    for claim in answer.claims:
        out.write(_wrapped(claim_line(claim)) + "\n")
        if claim.plain:
            out.write(_wrapped(f"In plain words (not verified): {claim.plain}", "    ") + "\n")
        out.write(f"    {VERDICTS[claim.verdict]}{' · ' + claim.note if claim.note else ''}\n\n")
        if claim.contrast:
            out.write(_side_by_side(claim.contrast) + "\n")
    if not answer.abstained:
        for note in answer.notes:
            out.write(_wrapped(note) + "\n\n")
    for citation in answer.citations:
        out.write(_wrapped(_reference(citation)) + "\n")
        out.write(_wrapped(f"“{citation.quote}”", "    ") + "\n")
    total = answer.timings_ms.get("total", 0.0)
    out.write(
        f"\n{answer.model}, {total:.0f} ms. Go on with --conversation {answer.conversation_id}\n\n"
        f"{_wrapped(answer.disclaimer)}\n"
    )
