"""From the scores of turns to metrics: values, intervals, and differences between two runs.

A turn's scores are a mapping from metric to value. A metric that a turn does not ask for is absent;
one that could not be judged is None, which is counted as unscored and never averaged in.
Turns of one conversation depend on each other, so it is conversations that are resampled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ragbot.evaluation.statistics import (
    Floats,
    Value,
    holm,
    interval,
    permutation_p,
    resamples,
    weights,
)

Scores = Mapping[str, float | None]
Turns = Mapping[str, Scores]
"""The scores of each turn by its id, "SAMPLE/NUMBER"."""

TEST = "paired permutation test over conversations, two-sided"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure with its number of scored turns and its 95% bootstrap interval."""

    value: float
    n: int
    low: float
    high: float
    unscored: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in two runs of the same turns.

    `low` and `high` are the 95% paired bootstrap interval of `now - before`, `p` is that of the
    paired permutation test, `p_holm` the same adjusted for the number of metrics; `changed` counts
    the conversations in which the metric is not what it was.
    """

    metric: str
    before: float
    now: float
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    n: int
    changed: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a metric sums over each conversation, shape (conversations, parts), and its value."""

    sums: Floats
    value: Value
    n: int
    unscored: int = 0


def sample_of(turn_id: str) -> str:
    """The sample that a turn belongs to."""
    return turn_id.rpartition("/")[0]


def _mean(sums: Floats) -> Floats:
    return _ratio(sums[..., 0], sums[..., 1])


def _ratio(part: Floats, whole: Floats) -> Floats:
    shares: Floats = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


ABSTENTION: Mapping[str, Value] = {
    "abstention_precision": lambda sums: _ratio(sums[..., 0], sums[..., 1]),
    "abstention_recall": lambda sums: _ratio(sums[..., 0], sums[..., 2]),
    "abstention_f1": lambda sums: _ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2]),
}
"""Values of the parts (rightly silent, silent, should be silent)."""


def tallies(turns: Turns) -> dict[str, Tally]:
    """Every metric of `turns`; the conversations are in order of their first turn."""
    samples = {name: at for at, name in enumerate(dict.fromkeys(map(sample_of, turns)))}
    names = sorted({name for scores in turns.values() for name in scores})
    made = {name: _mean_tally(name, turns, samples) for name in names}
    figures = "must_have_figures"
    later = {name: scores for name, scores in turns.items() if not name.endswith("/1")}
    if figures in names and later:
        first = {name: scores for name, scores in turns.items() if name not in later}
        made["figures_first_turns"] = _mean_tally(figures, first, samples)
        made["figures_followups"] = _mean_tally(figures, later, samples)
    return made | _abstention(turns, samples)


def _mean_tally(metric: str, turns: Turns, samples: Mapping[str, int]) -> Tally:
    sums = np.zeros((len(samples), 2))
    unscored = 0
    for name, scores in turns.items():
        if metric not in scores:
            continue
        value = scores[metric]
        if value is None:
            unscored += 1
        else:
            sums[samples[sample_of(name)]] += (value, 1.0)
    return Tally(sums, _mean, int(sums[:, 1].sum()), unscored)


def _abstention(turns: Turns, samples: Mapping[str, int]) -> dict[str, Tally]:
    """Precision counts the turns that were silent, recall those that should be, F1 either."""
    sums = np.zeros((len(samples), 3))
    either = unscored = 0
    for name, scores in turns.items():
        answered, abstained = scores.get("answered"), scores.get("abstained")
        if answered is None and abstained is None:
            unscored += 1
            continue
        silent = abstained if abstained is not None else 1.0 - (answered or 0.0)
        needed = float(abstained is not None)
        either += bool(silent or needed)
        sums[samples[sample_of(name)]] += (silent * needed, silent, needed)
    counts = (int(sums[:, 1].sum()), int(sums[:, 2].sum()), either)
    return {
        name: Tally(sums, value, n, unscored)
        for (name, value), n in zip(ABSTENTION.items(), counts, strict=True)
    }


def summarise(turns: Turns) -> dict[str, Metric]:
    """Every metric of `turns` with its interval."""
    if not turns:
        return {}
    made = tallies(turns)
    drawn = weights(len(next(iter(made.values())).sums))
    return {name: _summed(tally, drawn) for name, tally in made.items()}


def _summed(tally: Tally, drawn: Floats) -> Metric:
    if not tally.n:
        return Metric(0.0, 0, 0.0, 0.0, tally.unscored)
    low, high = interval(tally.value(drawn @ tally.sums))
    value = float(tally.value(tally.sums.sum(axis=0)))
    return Metric(value, tally.n, low, high, tally.unscored)


def differences(before: Turns, now: Turns) -> tuple[Difference, ...]:
    """Every metric that both runs scored, over the turns that both have."""
    shared = [name for name in before if name in now]
    if not shared:
        return ()
    old = tallies({name: before[name] for name in shared})
    new = tallies({name: now[name] for name in shared})
    names = [name for name in old if old[name].n and name in new and new[name].n]
    drawn = weights(len(next(iter(old.values())).sums))
    made = [(name, old[name], new[name]) for name in names]
    chances = [permutation_p(a.sums, b.sums, a.value) for _, a, b in made]
    adjusted = holm(chances)
    return tuple(
        _difference(one, drawn, p, p_holm)
        for one, p, p_holm in zip(made, chances, adjusted, strict=True)
    )


def _difference(
    one: tuple[str, Tally, Tally], drawn: Floats, p: float, p_holm: float
) -> Difference:
    name, old, new = one
    before, now = (float(tally.value(tally.sums.sum(axis=0))) for tally in (old, new))
    low, high = interval(new.value(drawn @ new.sums) - old.value(drawn @ old.sums))
    changed = int((old.sums != new.sums).any(axis=1).sum())
    return Difference(name, before, now, now - before, low, high, p, p_holm, new.n, changed)


def latency(milliseconds: Sequence[float]) -> dict[str, Metric]:
    """Median and 95th percentile of how long a turn took, in milliseconds."""
    taken = np.asarray(milliseconds, dtype=np.float64)
    if not taken.size:
        return {}
    drawn = taken[np.array(resamples(len(taken), 500))]
    made: dict[str, Metric] = {}
    for name, percentile in (("latency_p50_ms", 50), ("latency_p95_ms", 95)):
        low, high = interval(np.percentile(drawn, percentile, axis=1))
        value = float(np.percentile(taken, percentile))
        made[name] = Metric(round(value, 2), len(taken), round(low, 2), round(high, 2))
    return made


def fallen(scores: Scores, before: Scores) -> Iterable[str]:
    """The metrics of a turn that are below what they were, or no longer scored."""
    for name, old in before.items():
        if old is None:
            continue
        new = scores.get(name)
        if (name in scores and new is None) or (new is not None and new < old):
            yield name
