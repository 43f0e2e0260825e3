"""The fitted numbers of the follow-ups, from `weights.json` beside this file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Weights:
    """Coefficients and thresholds; `training/followups/fit.py` writes them.

    `carry` and `gate` are logistic regressions (the intercept under ""), `gate_scales` divides the
    gate's features. Phrases at least `wide` probable are searched for, at most `most` of them; one
    at least `written` probable is written into the question. The carried queries together have the
    share that the gate gives them (`share_unprobed` without a probe, `certain` where the form of
    the follow-up is clear), divided as `mix_written`, `mix_wide`, `mix_previous` and
    `mix_opening`, which add up to 1.
    """

    carry: Mapping[str, float]
    gate: Mapping[str, float]
    gate_scales: Mapping[str, float]
    wide: float
    most: int
    written: float
    share_unprobed: float
    certain: float
    mix_written: float
    mix_wide: float
    mix_previous: float
    mix_opening: float


@cache
def load_weights() -> Weights:
    """The shipped weights, read once."""
    text = resources.files(__package__ or "").joinpath("weights.json").read_text(encoding="utf-8")
    found = json.loads(text)
    return Weights(**{name: found[name] for name in Weights.__slots__})
