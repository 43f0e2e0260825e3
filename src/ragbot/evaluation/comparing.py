"""Two runs side by side: metrics with a paired test, and the turns whose outcome changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ragbot.evaluation.measures import TEST, Difference, Scores, differences, fallen
from ragbot.evaluation.runs import RunReport


class Kept(Protocol):
    """A turn as a run or a baseline keeps it."""

    @property
    def text(self) -> str:
        """The answer."""

    @property
    def scores(self) -> Scores:
        """Its scores."""


@dataclass(frozen=True, slots=True)
class Change:
    """A turn that scores otherwise than before, with both answers."""

    id: str
    question: str
    worse: tuple[str, ...]
    better: tuple[str, ...]
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Stamped:
    """Which run it was."""

    revision: str
    mode: str
    model: str
    verifier: str
    settings_digest: str
    finished: str
    turns: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the turns that both have.

    `reworded` are turns whose answer reads otherwise while every score is the same; `only_before`
    and `only_now` are turns of one run alone, which are not compared.
    """

    before: Stamped
    now: Stamped
    test: str
    shared: int
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    reworded: tuple[str, ...]
    only_before: tuple[str, ...]
    only_now: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)


def compare(before: RunReport, now: RunReport) -> Comparison:
    """The difference of two runs."""
    old, new = before.scores(), now.scores()
    kept = {turn.id: turn for turn in before.turns}
    changes = changed_turns(kept, now)
    named = {change.id for change in changes}
    return Comparison(
        before=_stamped(before),
        now=_stamped(now),
        test=TEST,
        shared=sum(name in old for name in new),
        differences=differences(old, new),
        changes=changes,
        reworded=tuple(
            turn.id
            for turn in now.turns
            if turn.id in kept and turn.id not in named and turn.text != kept[turn.id].text
        ),
        only_before=tuple(name for name in old if name not in new),
        only_now=tuple(name for name in new if name not in old),
    )


def changed_turns(kept: Mapping[str, Kept], now: RunReport) -> tuple[Change, ...]:
    """The turns of `now` that score otherwise than in `kept`, the worse ones first."""
    changes = []
    for turn in now.turns:
        old = kept.get(turn.id)
        if old is None:
            continue
        worse = tuple(fallen(turn.scores, old.scores))
        better = tuple(fallen(old.scores, turn.scores))
        if worse or better:
            changes.append(Change(turn.id, turn.question, worse, better, old.text, turn.text))
    return tuple(sorted(changes, key=lambda change: not change.worse))


def _stamped(report: RunReport) -> Stamped:
    return Stamped(
        revision=report.revision,
        mode=report.mode,
        model=report.model,
        verifier=report.verifier,
        settings_digest=report.settings_digest,
        finished=report.finished,
        turns=len(report.turns),
    )
