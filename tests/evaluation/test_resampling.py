"""Intervals and paired tests, against values worked by hand and against each other."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ragbot.evaluation.statistics import (
    EXACT_UP_TO,
    holm,
    interval,
    mean_interval,
    permutation_p,
    resamples,
    weights,
)


def mean(sums):
    return sums[..., 0] / sums[..., 1]


def units(values) -> np.ndarray:
    return np.array([(value, 1.0) for value in values])


def test_the_interval_of_a_mean_holds_it_and_is_repeatable():
    values = [0.0, 1.0, 0.5, 1.0, 0.25] * 8
    low, high = mean_interval(values)
    assert low < sum(values) / len(values) < high
    assert mean_interval(values) == (low, high)
    assert mean_interval([1.0] * 5) == (1.0, 1.0)
    assert mean_interval([]) == (0.0, 0.0)


def test_an_interval_leaves_out_what_is_not_defined():
    assert interval([0.5, float("nan"), 0.5]) == (0.5, 0.5)
    assert interval([float("nan")]) == (0.0, 0.0)


def test_weights_count_what_the_resamples_draw():
    drawn = weights(7, 50, seed=3)
    assert drawn.shape == (50, 7)
    assert (drawn.sum(axis=1) == 7).all()
    values = np.arange(7.0)
    by_draw = [values[draw].mean() for draw in resamples(7, 50, seed=3)]
    assert drawn @ values / 7 == pytest.approx(by_draw)


@pytest.mark.parametrize("size", [1, 4, 6])
def test_few_changes_are_tested_exactly(size):
    """All units worse by one: only the order seen and its mirror image are as large."""
    before, now = units([1.0] * size), units([0.0] * size)
    assert permutation_p(before, now, mean) == pytest.approx(2 / 2**size)


def test_the_exact_p_is_that_of_every_order_by_hand():
    old, new = [1.0, 0.0, 1.0, 0.5, 0.2], [0.4, 0.1, 0.3, 0.5, 0.9]
    seen = abs(sum(new) - sum(old))
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    orders = [
        abs(sum(b - a if keep else a - b for keep, (a, b) in zip(signs, changed, strict=True)))
        for signs in product([True, False], repeat=len(changed))
    ]
    by_hand = sum(value >= seen - 1e-12 for value in orders) / len(orders)
    assert permutation_p(units(old), units(new), mean) == pytest.approx(by_hand)


def test_many_changes_are_drawn_and_agree_with_chance():
    rng = np.random.default_rng(5)
    size = EXACT_UP_TO + 30
    noise = permutation_p(units(rng.random(size)), units(rng.random(size)), mean)
    assert noise > 0.05
    worse = permutation_p(units([1.0] * size), units([0.0] * size), mean)
    assert worse == pytest.approx(1 / 10_001)


def test_without_a_change_there_is_nothing_to_test():
    same = units([0.1, 0.9])
    assert permutation_p(same, same, mean) == 1.0


def test_under_no_difference_p_is_rarely_small():
    """Of 200 pairs of samples of one distribution about 5% may fall under 0.05."""
    rng = np.random.default_rng(11)
    small = 0
    for _ in range(200):
        a, b = (rng.integers(0, 2, 12).astype(float) for _ in range(2))
        small += permutation_p(units(a), units(b), mean) <= 0.05
    assert small <= 20


def test_holm_multiplies_the_smallest_most():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
