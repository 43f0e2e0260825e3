"""Answers and conversations as text to take along: plain and Markdown, with their references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ragbot.types import Answer, Citation, Document, Turn
from ragbot.ui.markup import doi_url, pubmed_url

MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+!|$~^-])")
VERDICT_WORDS = {
    "supported": "",
    "contradicted": " (contradicted by its passage)",
    "unsupported": " (not supported by its passage)",
    "unverified": " (not checked)",
}


def markdown_text(content: str) -> str:
    """`content` written so that Markdown shows it as it is, on one line."""
    return MARKDOWN_SIGNS.sub(r"\\\1", " ".join(content.split()))


def cited_once(citations: Iterable[Citation]) -> list[Citation]:
    """One citation for each marker, in the order of the markers' first use."""
    first: dict[str, Citation] = {}
    for citation in citations:
        first.setdefault(citation.marker, citation)
    return list(first.values())


def reference_line(citation: Citation) -> str:
    """A reference as plain text, with the address of the publication where it is known."""
    where = citation.url or ""
    if citation.pmid:
        where = pubmed_url(citation.pmid)
    if citation.doi:
        where = doi_url(citation.doi)
    title = citation.title.rstrip(".")
    return f"[{citation.marker}] {title}." + (f" {where}" if where else "")


def answer_lines(answer: Answer) -> list[str]:
    """The sentences of an answer as plain text, with their markers and failed verdicts."""
    if answer.abstained:
        return [answer.reason or answer.text]
    return [
        f"{claim.text} {''.join(f'[{marker}]' for marker in claim.citations)}".rstrip()
        + VERDICT_WORDS[claim.verdict]
        for claim in answer.claims
    ]


def answer_as_text(answer: Answer) -> str:
    """Question, answer, references and disclaimer as plain text."""
    parts = [answer.question, "\n".join(answer_lines(answer))]
    if answer.citations:
        parts.append("\n".join(map(reference_line, cited_once(answer.citations))))
    return "\n\n".join([*parts, answer.disclaimer])


def conversation_as_markdown(article: Document, turns: Sequence[Turn], disclaimer: str) -> str:
    """A conversation with its quoted passages, references and, once, the disclaimer."""
    parts = [f"# {markdown_text(article.title)}"]
    if article.article:
        status = article.article.status.replace("_", " ")
        parts.append(f"Review status: {status}. Last updated {article.article.updated}.")
    for turn in turns:
        parts.append(f"## {markdown_text(turn.answer.question)}")
        parts.append(f"Asked {turn.asked}.")
        parts += _answer_parts(turn.answer)
    references = cited_once(c for turn in turns for c in turn.answer.citations)
    if references:
        parts.append("## References")
        parts += [markdown_text(reference_line(citation)) for citation in references]
    return "\n\n".join([*parts, "---", markdown_text(disclaimer)]) + "\n"


def _answer_parts(answer: Answer) -> list[str]:
    parts = []
    if answer.standalone_question != answer.question:
        parts.append(f"Understood as: {markdown_text(answer.standalone_question)}")
    parts += [markdown_text(line) for line in answer_lines(answer)]
    parts += [
        f"> {markdown_text(f'[{citation.marker}]')} {markdown_text(citation.quote)}"
        for citation in answer.citations
    ]
    return parts
