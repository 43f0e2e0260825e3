"""What must hold of every answer, whatever the model does."""

from __future__ import annotations

import re

from ragbot import Ragbot
from ragbot.answering.numbers import missing_quantities
from ragbot.types import Answer

MARKER = re.compile(r"\[([^\[\]]*)\]")


def assert_sound(bot: Ragbot, answer: Answer) -> None:
    """Citations open their span, markers are code's, figures are quoted, one disclaimer."""
    assert answer.disclaimer == bot.settings.disclaimer_text()
    first = answer.disclaimer.split(".")[0]
    assert first not in answer.text
    assert answer.abstained is (not answer.claims)
    keys = {citation.key: citation for citation in answer.citations}
    for citation in answer.citations:
        text = bot.document(citation.document_id).text
        assert citation.quote
        assert citation.quote == text[citation.start : citation.end]
    shown = {citation.marker for citation in answer.citations}
    assert set(MARKER.findall(answer.text)) <= shown
    for claim in answer.claims:
        assert claim.evidence
        assert set(claim.evidence) <= set(keys), "a fabricated key"
        assert set(claim.citations) == {keys[key].marker for key in claim.evidence}
        assert not MARKER.search(claim.text)
        quotes = [keys[key].quote for key in claim.evidence]
        if claim.verdict == "supported":
            assert not missing_quantities(claim.text, quotes)
    if answer.abstained:
        assert not answer.citations


def assert_plain(text: str) -> None:
    """Words for a reader: no traceback, no markup of a server's page, no key."""
    for sign in ("Traceback", "<html", "sk-", "HTTPStatus", "openai.", "0x"):
        assert sign not in text
