"""Where a reader is: the article, the conversation and the open citation, kept in the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ragbot.ui.markup import query

CITED_AT = re.compile(r"(\d{1,4})@(\d{1,9})")


def cite_at(number: int, offset: int) -> str:
    """The name of reference `number` as it is cited at `offset` of the article's text."""
    return f"{number}@{offset}"


def cited_at(cite: str) -> tuple[int, int] | None:
    """Number and offset of a citation in the article's text, or None where `cite` is none."""
    found = CITED_AT.fullmatch(cite)
    return (int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Place:
    """What the address says.

    `cite` is a citation's key, a reference's number, or a number at its place in the article.
    """

    article: str | None = None
    conversation: str | None = None
    cite: str | None = None
    source: str | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Place:
        """The place that an address's parameters name; unknown parameters are left aside."""
        return cls(
            article=parameters.get("article") or None,
            conversation=parameters.get("conversation") or None,
            cite=parameters.get("cite") or None,
            source=parameters.get("source") or None,
        )

    def href(self, **changes: str | None) -> str:
        """The address of this place with `changes`."""
        return query(**replace(self, **changes).parameters())

    def parameters(self) -> dict[str, str | None]:
        """The parameters of the address, by name."""
        return {
            "article": self.article,
            "conversation": self.conversation,
            "cite": self.cite,
            "source": self.source,
        }
