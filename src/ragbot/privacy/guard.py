"""What becomes of personal data: it is refused, masked, or allowed, as the settings say.

`RAGBOT_PERSONAL_DATA` is for questions, `RAGBOT_DOCUMENT_PERSONAL_DATA` for documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ragbot.errors import DocumentError, PersonalDataError
from ragbot.privacy.finding import PATIENT_KINDS, Finding, blacken, mask, told
from ragbot.privacy.scanner import scan
from ragbot.privacy.thorough import scan_thoroughly
from ragbot.types import Block, Document

Handling = Literal["refuse", "mask", "allow"]


def guarded_question(question: str, handling: Handling, what: str = "question") -> tuple[str, str]:
    """`question` as it may be kept and sent, and a note for the reader ("" if nothing was done).

    `what` is what a message calls it.

    Raises PersonalDataError where personal data is refused; neither it nor the note repeats it.
    """
    found = () if handling == "allow" else scan(question)
    if not found:
        return question, ""
    if handling == "refuse":
        raise PersonalDataError(
            f"The {what} holds personal data ({told(found)}); it was not kept and not sent.",
            remedy="Write it without, or have it masked by RAGBOT_PERSONAL_DATA=mask.",
        )
    return mask(question, found), f"Personal data was masked in the {what}: {told(found)}."


def patient_data(text: str) -> tuple[Finding, ...]:
    """What identifies a patient in a document; the authors' names and addresses are none of it."""
    return tuple(one for one in scan_thoroughly(text) if one.kind in PATIENT_KINDS)


def guarded_document(document: Document, handling: Handling) -> tuple[Document, str]:
    """`document` as it may be indexed, and what was blackened in it ("" for nothing).

    Blackened text has its length, so that every offset stays. Raises DocumentError where
    personal data is refused.
    """
    found = () if handling == "allow" else patient_data(document.text)
    if not found:
        return document, ""
    if handling == "refuse":
        raise DocumentError(
            f"{document.kind.capitalize()} {document.path or document.id} holds data of a patient "
            f"({told(found)}; the first in line {_line(document.text, found)} of its text), and a "
            "document's text is not altered unasked.",
            remedy="Take that out of the file, or set RAGBOT_DOCUMENT_PERSONAL_DATA to mask, which "
            "blackens it, or to allow.",
        )
    masked = replace(
        document,
        text=blacken(document.text, found),
        title=_blackened(document.title),
        blocks=tuple(_block(block) for block in document.blocks),
    )
    return masked, told(found)


def _line(text: str, found: Sequence[Finding]) -> int:
    return text.count("\n", 0, found[0].start) + 1


def _blackened(text: str) -> str:
    return blacken(text, [one for one in scan(text) if one.kind in PATIENT_KINDS])


def _block(block: Block) -> Block:
    return replace(block, heading_path=tuple(map(_blackened, block.heading_path)))
