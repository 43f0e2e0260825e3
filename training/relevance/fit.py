"""Fits the weights of `ragbot.answering.relevance` on the suites' dev half, judged on the other.

    python training/relevance/fit.py [--index DIR]

Prints the weights to copy and, for both halves, how often the best sentence holds the asked
figures, and how often answering and abstaining were right. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from ragbot.answering.citations import Markers
from ragbot.answering.draft import AskedTurn
from ragbot.answering.extractive import SCOPE_FACTOR, ExtractiveAnswerer, Scored, readings
from ragbot.answering.relevance import DISAGREEMENT_WEIGHT
from ragbot.bot import Ragbot
from ragbot.settings import load_settings

SUITES = Path(__file__).parents[2] / "eval" / "suites"
RANKING = ("sentence", "covered", "figure")


@dataclass(frozen=True)
class Case:
    """One first turn of the suites with its scored sentences."""

    id: str
    split: str
    turn: dict[str, Any]
    scored: list[Scored]

    def good(self, entry: Scored) -> bool:
        """Whether `entry` is what the turn asks for."""
        if self.turn["figures"]:
            return all(figure in entry.text for figure in self.turn["figures"])
        return any(p["snippet"] in entry.text for p in self.turn["passages"])


def cases(bot: Ragbot) -> list[Case]:
    """Every first turn of the suites, scored."""
    answerer = bot.chain.answerer
    assert isinstance(answerer, ExtractiveAnswerer)
    found = []
    for path in sorted(SUITES.glob("*.yaml")):
        for sample in yaml.safe_load(path.read_text(encoding="utf-8"))["samples"]:
            turn = sample["turns"][0]
            if not any(c.isalnum() for c in turn["question"]):
                continue
            article = bot.index.article(sample["article"])
            asked = AskedTurn(turn["question"], article, "fit", Markers.of(article, {}))
            retrieved = bot.chain.retrieve(bot.chain.condense(asked))
            scored = answerer.score(
                readings(retrieved.standalone), retrieved.passages, turn["question"]
            )
            found.append(Case(sample["id"], sample["split"], turn, scored))
    return found


def values(entry: Scored) -> list[float]:
    """The ranking features of a sentence."""
    return [getattr(entry.features, name) for name in RANKING]


def fit_ranking(found: list[Case]) -> np.ndarray:
    """Weights of the ranking features, scaled to sum to 1."""
    rows, labels, weights = [], [], []
    for case in found:
        usable = [e for e in case.scored if not e.features.conflict]
        good = [case.good(e) for e in usable]
        if not any(good):
            continue
        for entry, label in zip(usable, good, strict=True):
            rows.append(values(entry))
            labels.append(label)
            weights.append(1 / sum(good) if label else 1 / (len(good) - sum(good)))
    model = LogisticRegression(C=10.0, max_iter=1000).fit(rows, labels, sample_weight=weights)
    coefficients = np.maximum(model.coef_[0], 0.0)
    return coefficients / coefficients.sum()


def ranked(case: Case, weights: np.ndarray) -> list[tuple[float, Scored]]:
    """The case's sentences with their relevance under `weights`, best first."""
    scores = [
        0.0
        if entry.features.conflict
        else (
            float(np.dot(values(entry), weights))
            + DISAGREEMENT_WEIGHT * entry.features.disagreement
        )
        * SCOPE_FACTOR[entry.passage.scope]
        for entry in case.scored
    ]
    return sorted(zip(scores, case.scored, strict=True), key=lambda pair: -pair[0])


def decision_row(case: Case, weights: np.ndarray) -> list[float]:
    """The one feature of the decision to answer: the best relevance."""
    order = ranked(case, weights)
    return [order[0][0] if order else 0.0]


def report(name: str, found: list[Case], weights: np.ndarray, model: LogisticRegression) -> None:
    """Print what the weights do on `found`."""
    answerable = [case for case in found if case.turn["answerable"]]
    first = [bool(o) and case.good(o[0][1]) for case in answerable if (o := ranked(case, weights))]
    top = [any(case.good(entry) for _, entry in ranked(case, weights)[:5]) for case in answerable]
    decided = model.predict([decision_row(case, weights) for case in found])
    wanted = np.array([case.turn["answerable"] for case in found])
    print(
        f"{name}: first sentence right {np.mean(first):.3f}, among five {np.mean(top):.3f} "
        f"(n={len(answerable)}); answered when answerable {np.mean(decided[wanted]):.3f}, "
        f"abstained when not {np.mean(~decided[~wanted]):.3f} (n={int((~wanted).sum())})"
    )
    for case, yes in zip(found, decided, strict=True):
        if bool(yes) != case.turn["answerable"]:
            print(f"   {'over' if yes else 'under'}: {case.id} {case.turn['question']}")


def main() -> None:
    """Fit on dev, report on both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--corpus", type=Path)
    arguments = parser.parse_args()
    bot = Ragbot(load_settings(index=arguments.index, corpus=arguments.corpus))
    found = cases(bot)
    dev = [case for case in found if case.split == "dev"]
    held = [case for case in found if case.split == "held"]
    weights = fit_ranking(dev)
    rows = [decision_row(case, weights) for case in dev]
    model = LogisticRegression(C=100.0, class_weight="balanced")
    model.fit(rows, [case.turn["answerable"] for case in dev])
    print("ranking", dict(zip(RANKING, weights.round(3), strict=True)))
    print("enough", round(float(-model.intercept_[0] / model.coef_[0][0]), 3))
    report("dev", dev, weights, model)
    report("held", held, weights, model)


if __name__ == "__main__":
    main()
