"""A recogniser: a pattern with what it flags, how sure it is, and a check of what it found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ragbot.privacy.finding import Finding, Kind

VALUE = "v"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Flags group `v` of `pattern` (without one: all of it) as `kind`, where `check` holds."""

    kind: Kind
    score: float
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None

    def find(self, text: str) -> Iterator[Finding]:
        """What it finds in `text`."""
        group: str | int = VALUE if VALUE in self.pattern.groupindex else 0
        for found in self.pattern.finditer(text):
            if self.check is None or self.check(found[group]):
                yield Finding(self.kind, *found.span(group), self.score)


def recogniser(
    kind: Kind,
    score: float,
    pattern: str,
    check: Callable[[str], bool] | None = None,
    *,
    cased: bool = False,
) -> Recogniser:
    """A recogniser of `pattern`, in which case counts if `cased`."""
    return Recogniser(kind, score, re.compile(pattern, 0 if cased else re.IGNORECASE), check)
