"""Questions and answers as HTML: each claim with its chips and its verdict in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape

from ragbot.answering.citations import ARTICLE_MARKER
from ragbot.types import Answer, Citation, Claim, StandaloneQuestion, Stated
from ragbot.ui.article_html import disclaimer
from ragbot.ui.contrast_html import contrast_html
from ragbot.ui.export import answer_as_text
from ragbot.ui.markup import element, text
from ragbot.ui.place import Place, cite_at
from ragbot.ui.references_html import chip, citation_chip

VERDICTS = {
    "supported": ("✓", "supported", "Supported by the passage it cites"),
    "contradicted": ("✕", "contradicted", "Contradicted by the passage it cites"),
    "unsupported": ("!", "not supported", "Not supported by the passage it cites"),
    "unverified": ("?", "not verified", "Not shown to be supported by the passage it cites"),
}
ROLES = {
    "correction": "What the question takes for granted",
    "bottom_line": "Bottom line",
    "detail": "In detail",
    "conflict": "Where the evidence disagrees",
    "beyond": "Beyond the article: library sources that it does not cite",
}
Titles = Callable[[str], str]
"""Gives the title of a document by its id."""

PLAIN_ROLES = ("bottom_line", "detail")
NAME_BREAK = re.compile(r"[_-]+")
NOTED_NUMBER = re.compile(r"\[(\d{1,3})\]")


def question_html(question: str, number: int) -> str:
    """A question as asked."""
    label = text("h2", f"Question {number}", class_="rb-hidden")
    return element("div", label + text("p", question), class_="rb-question")


def understood_html(question: str, understood: str) -> str:
    """The question as it was understood; nothing where it was taken as asked."""
    if not understood or understood.strip() == question.strip():
        return ""
    said = text("span", "Understood as ", class_="rb-muted") + text("q", understood)
    return element("p", said, class_="rb-understood")


def verdict_html(claim: Claim) -> str:
    """The verdict on a claim: sign, word and hover text, not colour alone."""
    sign, word, meaning = VERDICTS[claim.verdict]
    shown = element("span", sign, aria_hidden="true") + " " + text("span", word)
    return element("span", shown, class_=f"rb-verdict rb-verdict-{claim.verdict}", data_tip=meaning)


def claim_html(claim: Claim, citations: Sequence[Citation], place: Place) -> str:
    """One sentence of an answer with its chips, its verdict, its note and what differs from it."""
    own_keys = set(claim.evidence or (c.key for c in citations))
    chips = "".join(citation_chip(c, place) for c in citations if c.key in own_keys)
    inner = text("span", claim.text, class_="rb-said", data_rb_say=True)
    inner += " " + element("span", chips, class_="rb-chips") + " " + verdict_html(claim)
    if claim.plain:
        plain = text("span", "In plain words: ", class_="rb-muted") + text("span", claim.plain)
        inner += element("span", plain, class_="rb-plain")
    if claim.note:
        own = next((c.start for c in citations if c.marker == ARTICLE_MARKER), None)
        inner += note_html(claim.note, place, own)
    if claim.contrast is not None:
        inner += contrast_html(claim.contrast, {c.key: c for c in citations}, place)
    return element("li", inner, class_=f"rb-claim rb-claim-{claim.verdict}", dir="auto")


def note_html(note: str, place: Place, said_at: int | None = None) -> str:
    """What to know about a claim; reference numbers in it open their sources.

    `said_at` is where the article says what the claim repeats: its numbers then open the passage.
    """
    drawn = []
    for at, part in enumerate(NOTED_NUMBER.split(sentence(note))):
        if at % 2:
            cite = part if said_at is None else cite_at(int(part), said_at)
            drawn.append(chip(part, place.href(cite=cite), f"Reference {part}", cite=cite))
        else:
            drawn.append(escape(part))
    return element("span", "".join(drawn), class_="rb-note")


def sentence(words: str) -> str:
    """`words` with a capital first letter."""
    return words[:1].upper() + words[1:]


def claims_html(stated: Sequence[Stated], place: Place) -> str:
    """The claims by their roles, each role under its heading; a plain answer has none."""
    parts = []
    present = list(dict.fromkeys(item.claim.role for item in stated))
    for role in sorted(present, key=role_order):
        if len(present) > 1 or role not in PLAIN_ROLES:
            name = ROLES.get(role, sentence(NAME_BREAK.sub(" ", role)))
            parts.append(text("h3", name, class_="rb-role"))
        rows = [claim_html(i.claim, i.citations, place) for i in stated if i.claim.role == role]
        parts.append(element("ul", "".join(rows), class_="rb-claims"))
    return "".join(parts)


def role_order(role: str) -> int:
    """Where the claims of a role stand in an answer."""
    return list(ROLES).index(role) if role in ROLES else len(ROLES)


def stated_of(answer: Answer) -> list[Stated]:
    """The claims of a whole answer, each with the citations it carries."""
    by_key = {citation.key: citation for citation in answer.citations}
    return [Stated(claim, cited_by(claim, by_key, answer.citations)) for claim in answer.claims]


def cited_by(
    claim: Claim, by_key: Mapping[str, Citation], citations: Sequence[Citation]
) -> tuple[Citation, ...]:
    """A claim's citations: by their keys, or, where it names none, by their markers."""
    if claim.evidence:
        sides = (claim.contrast.article, claim.contrast.source) if claim.contrast else ()
        keys = dict.fromkeys((*claim.evidence, *(side.key for side in sides)))
        return tuple(by_key[key] for key in keys if key in by_key)
    return tuple(c for c in citations if c.marker in claim.citations)


def answer_html(answer: Answer, place: Place, titles: Titles) -> str:
    """A whole answer: claims or a plain abstention, disclaimer, and how it was made."""
    parts = [understood_html(answer.question, answer.standalone_question)]
    if answer.abstained:
        parts.append(abstention_html(answer, titles))
    else:
        parts.append(claims_html(stated_of(answer), place))
        parts += [text("p", note, class_="rb-note", role="note") for note in answer.notes]
    parts.append(disclaimer(answer.disclaimer))
    parts.append(tools_html(answer))
    parts.append(method_html(answer))
    return element("div", "".join(parts), class_="rb-answer")


def abstention_html(answer: Answer, titles: Titles) -> str:
    """An abstention: why, and the names of what was searched; no sources are shown."""
    said = answer.text or sentence(answer.reason)
    name = "Which do you mean?" if answer.choices else "No answer"
    inner = text("p", name, class_="rb-role") + text("p", said, data_rb_say=True)
    asks = [element("button", escape(c), data_rb="ask", data_question=c) for c in answer.choices]
    inner += element("div", "".join(asks), class_="rb-tools") if asks else ""
    if answer.searched:
        names = [text("li", titles(searched)) for searched in answer.searched]
        summary = element("summary", f"What was read without finding an answer ({len(names)})")
        inner += element("details", summary + element("ul", "".join(names)), class_="rb-fold")
    return element("div", inner, class_="rb-abstained")


def tools_html(answer: Answer) -> str:
    """Buttons that the browser serves by itself or by asking again."""
    copied = element(
        "button", "Copy with references", data_rb="copy", data_copy=answer_as_text(answer)
    )
    edit = element("button", "Edit question", data_rb="edit", data_question=answer.question)
    again = element("button", "Ask again", data_rb="ask", data_question=answer.question)
    return element("div", copied + edit + again, class_="rb-tools")


def method_html(answer: Answer) -> str:
    """How the answer was made and how long each step took, behind one click."""
    rows = [("Model", answer.model), ("Checked by", answer.verifier)]
    if answer.carried:
        rows.append(("Carried over", ", ".join(answer.carried)))
    rows += [(sentence(name), f"{ms:.0f} ms") for name, ms in answer.timings_ms.items()]
    rows.append(("Settings", answer.settings_digest))
    drawn = "".join(element("div", text("dt", n) + text("dd", v)) for n, v in rows if v)
    inner = element("summary", "How this answer was made")
    inner += element("dl", drawn, class_="rb-facts")
    return element("details", inner, class_="rb-fold")


def live_html(
    asked: str,
    understood: StandaloneQuestion | None,
    stated: Sequence[Stated],
    place: Place,
    *,
    working: bool = True,
) -> str:
    """An answer that is still being made, or that was stopped before its end."""
    inner = understood_html(asked, understood.text) if understood else ""
    inner += claims_html(stated, place)
    if working:
        state = "Checking the next statement …" if stated else "Searching the article and sources …"
        inner += text("p", state, class_="rb-muted rb-working")
        return element("div", inner, class_="rb-answer rb-streaming")
    inner += text("p", "Stopped: this answer is not whole, and is not kept.", class_="rb-flag")
    return element("div", inner, class_="rb-answer")
