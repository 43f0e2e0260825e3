"""Answers and conversations as text to take along: plain and Markdown, with their references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ragbot.types import Answer, Citation, Document, Turn
from ragbot.ui.markup import STATUS_NAMES, doi_url, pubmed_url, safe_url

MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<|$~^]|&(?=#?\w+;)|:(?=\w+:))")
LINE_STARTS = re.compile(r"^(\d*)([-+#>=.)])")
VERDICT_WORDS = {
    "supported": "",
    "contradicted": " (contradicted by its passage)",
    "unsupported": " (not supported by its passage)",
    "unverified": " (not verified)",
}


def markdown_text(content: str) -> str:
    """`content` written so that Markdown shows it as it is, on one line."""
    escaped = MARKDOWN_SIGNS.sub(r"\\\1", " ".join(content.split()))
    return LINE_STARTS.sub(r"\1\\\2", escaped)


def cited_once(citations: Iterable[Citation]) -> list[Citation]:
    """One citation for each marker, in the order of the markers' first use."""
    first: dict[str, Citation] = {}
    for citation in citations:
        first.setdefault(citation.marker, citation)
    return list(first.values())


def publication_url(citation: Citation) -> str:
    """The address of the publication, by its DOI if it has one; "" where none is known."""
    if citation.doi:
        return doi_url(citation.doi)
    if citation.pmid:
        return pubmed_url(citation.pmid)
    return safe_url(citation.url) or ""


def reference_line(citation: Citation) -> str:
    """A reference as plain text, with the address of the publication where it is known."""
    title = citation.title.rstrip(".")
    return f"[{citation.marker}] {title}. {publication_url(citation)}".rstrip()


def reference_markdown(citation: Citation) -> str:
    """A reference as Markdown, with a link to the publication where it is known."""
    said = markdown_text(f"[{citation.marker}] {citation.title.rstrip('.')}.")
    where = publication_url(citation)
    return f"{said} <{where}>" if where else said


def answer_lines(answer: Answer) -> list[str]:
    """The sentences of an answer with their markers and failed verdicts, then its notes."""
    if answer.abstained:
        return [answer.text or answer.reason]
    claims = [
        f"{claim.text} {''.join(f'[{marker}]' for marker in claim.citations)}".rstrip()
        + VERDICT_WORDS[claim.verdict]
        for claim in answer.claims
    ]
    return [*claims, *answer.notes]


def answer_as_text(answer: Answer) -> str:
    """Question, answer, references and disclaimer as plain text."""
    parts = [answer.question, "\n".join(answer_lines(answer))]
    if answer.citations:
        parts.append("\n".join(map(reference_line, cited_once(answer.citations))))
    return "\n\n".join([*parts, answer.disclaimer])


@dataclass(frozen=True, slots=True)
class Record:
    """A conversation to take along: its article's title and state, and its turns."""

    title: str
    review: str
    turns: Sequence[Turn]

    @classmethod
    def of(cls, article: Document, turns: Sequence[Turn]) -> Record:
        """The record of a conversation on `article`."""
        details = article.article
        review = ""
        if details is not None:
            status = STATUS_NAMES[details.status].lower()
            review = f"Review status: {status}. Last updated {details.updated}."
        return cls(article.title, review, turns)

    @property
    def references(self) -> list[Citation]:
        """One citation for each marker that the answers carry."""
        return cited_once(c for turn in self.turns for c in turn.answer.citations)


def as_markdown(records: Iterable[Record], disclaimer: str) -> str:
    """Conversations with their quoted passages and references; the disclaimer once, at the end."""
    parts = [part for record in records for part in _record_parts(record)]
    return "\n\n".join([*parts, "---", markdown_text(disclaimer)]) + "\n"


def lines(record: Record, disclaimer: str) -> Iterator[tuple[str, str]]:
    """The paragraphs of a record, each with the name of its style; the disclaimer ends them."""
    yield "Title", record.title
    yield "", record.review
    for turn in record.turns:
        answer = turn.answer
        yield "Heading1", answer.question
        if answer.standalone_question != answer.question:
            yield "", f"Understood as: {answer.standalone_question}"
        yield from (("", line) for line in answer_lines(answer))
        yield from (("Quote", f"[{c.marker}] {c.quote}") for c in answer.citations)
    if record.references:
        yield "Heading1", "References"
        yield from (("", reference_line(citation)) for citation in record.references)
    yield "", disclaimer


def _record_parts(record: Record) -> Iterator[str]:
    yield f"# {markdown_text(record.title)}"
    if record.review:
        yield markdown_text(record.review)
    for turn in record.turns:
        yield f"## {markdown_text(turn.answer.question)}"
        yield f"Asked {turn.asked[:16].replace('T', ' ')} UTC."
        yield from _answer_parts(turn.answer)
    if record.references:
        yield "## References"
        yield from (reference_markdown(citation) for citation in record.references)


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
