"""Fits the verifier's calibration on the development pairs and chooses its two thresholds.

`python training/verifier/calibrate.py --dev PAIRS/dev.jsonl --model FOLDER` scores the pairs with
the exported model, fits a multinomial logistic regression on the features of
`ragbot.answering.grounding.reading`, writes `calibration.json` into FOLDER and prints the figures.
All figures are out of fold: folds never share an evidence text. Sets weigh the same.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from build_data import evidence_key
from mixture import Row, read_pairs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from training_paths import LABELS

from ragbot.answering.grounding.calibration import CALIBRATION_FILE
from ragbot.answering.grounding.onnx_model import OnnxPairModel
from ragbot.answering.grounding.reading import (
    FEATURES,
    Reading,
    features,
    read,
    score_readings,
)
from ragbot.evaluation.binary_scores import auroc, balanced_accuracy, calibration_error

EVERYTHING = list(range(len(FEATURES)))
FOLDS = 5
STRENGTH = 0.01
CONTRADICTED_WEIGHT = 2.0  # taking the opposite for support does more harm than taking silence
PRECISION = 0.95
VETOES = ("number", "negation", "direction", "arms")
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Scored:
    """The development pairs with their features: shape (n, features), labels (n,)."""

    rows: list[Row]
    readings: list[Reading]
    matrix: Floats
    labels: np.ndarray[Any, np.dtype[np.int64]]


def score(dev: Path, model: Path) -> Scored:
    """Score the development pairs."""
    rows = read_pairs(dev)
    readings = [read(row["claim"], row["evidence"]) for row in rows]
    logits = score_readings(OnnxPairModel(model), readings)
    matrix = np.stack([features(r, part) for r, part in zip(readings, logits, strict=True)])
    labels = np.array([LABELS.index(row["label"]) for row in rows])
    return Scored(rows, readings, matrix, labels)


def fit(data: Scored, picked: np.ndarray[Any, Any], used: list[int]) -> tuple[Floats, Floats]:
    """Weights (3, features) and bias (3,) of the picked rows; other features weigh nothing."""
    sizes = Counter(data.rows[i]["set"] for i in picked)
    even = np.array([len(picked) / len(sizes) / sizes[data.rows[i]["set"]] for i in picked])
    seen = data.matrix[picked][:, used]
    middle, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    harm = np.where(data.labels[picked] == 1, CONTRADICTED_WEIGHT, 1.0)
    model.fit((seen - middle) / spread, data.labels[picked], sample_weight=even * harm)
    full = np.zeros((3, len(FEATURES)))
    full[:, used] = model.coef_ / spread
    bias = np.asarray(model.intercept_ - full[:, used] @ middle, dtype=np.float64)
    share = np.average(data.labels[picked] == 0, weights=even)
    return full, centred(data.matrix[picked], full, bias, float(share), even)


def centred(matrix: Floats, weights: Floats, bias: Floats, share: float, even: Floats) -> Floats:
    """The bias with supported's moved until its mean probability is `share`.

    The weight of contradicted pairs had lowered it. No pair changes its place in the order.
    """
    moved = bias.copy()
    for _ in range(50):
        mean = float(np.average(chances(matrix, weights, moved)[:, 0], weights=even))
        moved[0] += np.log(share / (1 - share)) - np.log(mean / (1 - mean))
    return moved


def chances(matrix: Floats, weights: Floats, bias: Floats) -> Floats:
    """Probabilities of the three labels."""
    scores = matrix @ weights.T + bias
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def out_of_fold(data: Scored, used: list[int]) -> Floats:
    """Probabilities of each pair from a calibration that did not see its evidence."""
    groups = [evidence_key(row["evidence"]) for row in data.rows]
    found = np.zeros((len(data.rows), 3))
    for seen, held in GroupKFold(FOLDS).split(data.matrix, groups=groups):
        found[held] = chances(data.matrix[held], *fit(data, seen, used))
    return found


def macro(data: Scored, score: Floats, threshold: float) -> dict[str, float]:
    """Balanced accuracy of each set at one threshold, and their mean."""
    truth = data.labels == 0
    names = np.array([row["set"] for row in data.rows])
    found = {
        name: balanced_accuracy(truth[names == name], score[names == name] >= threshold)
        for name in sorted(set(names))
    }
    return {**found, "macro": float(np.mean(list(found.values())))}


def best_threshold(data: Scored, score: Floats) -> float:
    """The one threshold with the best macro balanced accuracy, smoothed over its neighbours."""
    grid = np.arange(0.2, 0.8, 0.01)
    values = np.array([macro(data, score, t)["macro"] for t in grid])
    smooth = np.convolve(np.pad(values, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    return round(float(grid[int(np.argmax(smooth))]), 2)


def wilson_low(right: int, size: int) -> float:
    """The lower end of Wilson's one-sided 95% interval of a share."""
    z = 1.645
    share, spread = right / size, z * z / size
    root = z * np.sqrt(share * (1 - share) / size + spread / (4 * size))
    return float((share + spread / 2 - root) / (1 + spread))


def shown_threshold(truth: Any, score: Floats, clean: Any) -> tuple[float, float, int]:
    """The lowest threshold above which surely at least 95% are supported; precision and number."""
    best = (1.0, 1.0, 0)
    for threshold in np.arange(0.99, 0.3, -0.01):
        rows = (score >= threshold) & clean
        if rows.any() and wilson_low(int(truth[rows].sum()), int(rows.sum())) >= PRECISION:
            best = (round(float(threshold), 2), float(truth[rows].mean()), int(rows.sum()))
    return best


def figures(data: Scored, score: Floats, threshold: float) -> dict[str, Any]:
    """Everything that is reported of one way to score."""
    truth = data.labels == 0
    names = np.array([row["set"] for row in data.rows])
    areas = {n: auroc(truth[names == n], score[names == n]) for n in sorted(set(names))}
    errors = {
        n: calibration_error(truth[names == n], score[names == n]) for n in sorted(set(names))
    }
    sided = (names == "scifact") & (data.labels != 2)
    return {
        "balanced_accuracy": macro(data, score, threshold),
        "auroc": {**areas, "macro": float(np.mean(list(areas.values())))},
        "ece": {**errors, "all": calibration_error(truth, score)},
        "scifact_contradiction_auroc": auroc(truth[sided], score[sided]),
    }


def vetoed(data: Scored, score: Floats, vetoes: tuple[str, ...]) -> Floats:
    """Scores with support taken away where one of the rules fired."""
    fired = [any(f.rule in vetoes for f in reading.found) for reading in data.readings]
    return np.where(fired, np.minimum(score, 0.05), score)


def rule_precision(data: Scored) -> dict[str, dict[str, float]]:
    """For each rule: how often it fired, and how often the pair was indeed not supported."""
    found = {}
    for rule in VETOES:
        rows = [i for i, r in enumerate(data.readings) if any(f.rule == rule for f in r.found)]
        right = float(np.mean(data.labels[rows] != 0)) if rows else 0.0
        found[rule] = {"fired": len(rows), "not_supported": right}
    return found


def calibrate(dev: Path, folder: Path, vetoes: tuple[str, ...]) -> dict[str, Any]:
    """Fit, choose, write; returns the figures."""
    data = score(dev, folder)
    held = out_of_fold(data, EVERYTHING)
    threshold = best_threshold(data, held[:, 0])
    clean = np.array([not reading.found for reading in data.readings])
    shown, precision, number = shown_threshold(data.labels == 0, held[:, 0], clean)
    report = {
        "all": figures(data, vetoed(data, held[:, 0], vetoes), threshold),
        "rules": rule_precision(data),
        "ablations": ablations(data),
        "calibrated_on_other_sets": transfer(data),
        "label_threshold": threshold,
        "shown": {"threshold": shown, "precision": precision, "pairs": number},
    }
    weights, bias = fit(data, np.arange(len(data.rows)), EVERYTHING)
    kept = {
        "features": FEATURES,
        "weights": np.round(weights, 5).tolist(),
        "bias": np.round(bias, 5).tolist(),
        "label_threshold": threshold,
        "shown_threshold": shown,
        "vetoes": vetoes,
    }
    (folder / CALIBRATION_FILE).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return report


def ablations(data: Scored) -> dict[str, Any]:
    """The figures with fewer features: what each part of the reading adds."""
    window, alone = ["window_support", "window_side"], ["alone_support", "alone_side"]
    likeness, details = ["alone_likeness"], ["details", "details_by_support"]
    overlaps = ["best_overlap", "overlap_lead", "window_overlap", "phrase_overlap"]
    groups = {
        "window only": window,
        "alone only": alone,
        "window and alone": window + alone,
        "window, alone and likeness": window + alone + likeness,
        "window, alone and overlaps": window + alone + overlaps,
        "all but likeness": window + alone + overlaps + details,
        "all but phrases and lead": [
            n for n in FEATURES if n not in ("phrase_overlap", "overlap_lead")
        ],
        "all but details": window + alone + likeness + overlaps,
        "overlaps only": overlaps,
        "likeness only": likeness,
    }
    found = {}
    for name, used in groups.items():
        held = out_of_fold(data, sorted(map(FEATURES.index, used)))[:, 0]
        found[name] = figures(data, held, best_threshold(data, held))
    held = out_of_fold(data, EVERYTHING)[:, 0]
    found["without rules"] = figures(data, held, best_threshold(data, held))
    for rule in VETOES:
        changed = vetoed(data, held, (rule,))
        found[f"veto {rule}"] = figures(data, changed, best_threshold(data, held))
    return found


def transfer(data: Scored) -> dict[str, float]:
    """Each set judged by weights and threshold that were fitted on the other sets only."""
    names = np.array([row["set"] for row in data.rows])
    found = {}
    for name in sorted(set(names)):
        others, own = np.flatnonzero(names != name), np.flatnonzero(names == name)
        weights, bias = fit(data, others, EVERYTHING)
        part = Scored(
            [data.rows[i] for i in others],
            [data.readings[i] for i in others],
            data.matrix[others],
            data.labels[others],
        )
        threshold = best_threshold(part, chances(part.matrix, weights, bias)[:, 0])
        score = chances(data.matrix[own], weights, bias)[:, 0]
        found[name] = balanced_accuracy(data.labels[own] == 0, score >= threshold)
    return {**found, "macro": float(np.mean(list(found.values())))}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder that export.py wrote")
    parser.add_argument(
        "--veto", nargs="*", default=["number", "negation", "direction"], choices=VETOES
    )
    given = parser.parse_args()
    print(json.dumps(calibrate(given.dev, given.model, tuple(given.veto)), indent=1))


if __name__ == "__main__":
    main()
