from __future__ import annotations

import numpy as np
import pytest

from ragbot.retrieval.fusion import convex, reciprocal_rank_fusion, scaled


def test_rank_fusion_adds_weighted_reciprocal_ranks() -> None:
    fused = dict(reciprocal_rank_fusion([((7, 8), 1.0), ((8,), 0.5)], k=60))
    assert fused[7] == pytest.approx(1 / 61)
    assert fused[8] == pytest.approx(1 / 62 + 0.5 / 61)


def test_equal_ranks_come_in_the_order_of_the_rows() -> None:
    assert [row for row, _ in reciprocal_rank_fusion([((5,), 1.0), ((2,), 1.0)])] == [2, 5]


def test_scaling_runs_from_the_floor_to_the_greatest() -> None:
    values = scaled(np.array([-1.0, 0.0, 0.5], dtype=np.float32), -1.0)
    np.testing.assert_allclose(values, [0.0, 2 / 3, 1.0], rtol=1e-6)
    assert not scaled(np.zeros(3, dtype=np.float32), 0.0).any()
    assert scaled(np.zeros(0, dtype=np.float32), 0.0).size == 0


def test_the_scale_of_a_passage_does_not_hang_on_the_worst_one() -> None:
    few = convex(np.float32([0.8, 0.4]), np.float32([3.0, 1.0]), 0.75)
    more = convex(np.float32([0.8, 0.4, -0.2]), np.float32([3.0, 1.0, 0.0]), 0.75)
    np.testing.assert_allclose(few, more[:2])
