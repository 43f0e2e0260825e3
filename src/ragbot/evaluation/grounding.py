"""How well a verifier tells supported claims from others, beside two dumb baselines.

Reads a folder of pair files (`*.jsonl`, one set a file, lines `{"id", "claim", "evidence",
"label"}`), judges every pair, and gives each set's and the macro figures with bootstrap intervals.
A pair whose label is none of the three is not judged, and counted as `unscored`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.answering.grounding.sentences import overlaps, split_sentences
from ragbot.answering.grounding.verdict import LABELS, GroundingVerdict, Verifier
from ragbot.errors import UsageError
from ragbot.evaluation.binary_scores import (
    auroc,
    balanced_accuracy,
    best_balanced_accuracy,
    calibration_error,
)
from ragbot.evaluation.statistics import interval, resamples

Floats = np.ndarray[Any, np.dtype[np.float64]]
Embed = Callable[[Sequence[str]], np.ndarray[Any, np.dtype[np.float32]]]
RESAMPLES = 500
_HEADLINES = ("balanced_accuracy", "auroc", "ece")


@dataclass(frozen=True, slots=True)
class GroundingPair:
    """One labelled pair of a set."""

    id: str
    claim: str
    evidence: str
    label: str


def read_pair_file(path: Path) -> list[GroundingPair]:
    """The pairs of one file. Raises UsageError that names the line that cannot be read."""
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            fields = (row["claim"], row["evidence"], row["label"])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path} line {number} is no pair ({error!r}).",
                remedy='Give each line as {"id", "claim", "evidence", "label"}.',
            ) from error
        pairs.append(GroundingPair(str(row.get("id", number)), *map(str, fields)))
    return pairs


def read_sets(folder: Path) -> dict[str, list[GroundingPair]]:
    """The sets of a folder, by file name. Raises UsageError if no file has a pair."""
    sets = {path.stem: read_pair_file(path) for path in sorted(folder.glob("*.jsonl"))}
    sets = {name: pairs for name, pairs in sets.items() if pairs}
    if not sets:
        raise UsageError(
            f"{folder} holds no pairs.",
            remedy="Name a folder with *.jsonl files of claims, evidence and labels.",
        )
    return sets


def overlap_scores(pairs: Sequence[GroundingPair]) -> Floats:
    """The dumb baseline: the best sentence's share of the claim's words, shape (n,)."""
    scores = [max(overlaps(p.claim, split_sentences(p.evidence)), default=0.0) for p in pairs]
    return np.array(scores, dtype=np.float64)


def cosine_scores(pairs: Sequence[GroundingPair], embed: Embed) -> Floats:
    """The other baseline: the best sentence's cosine with the claim, shape (n,).

    `embed` gives L2-normalised vectors, shape (texts, dimension).
    """
    sentences = [[s.text for s in split_sentences(p.evidence)] or [""] for p in pairs]
    texts = sorted({text for entry in sentences for text in entry} | {p.claim for p in pairs})
    row = {text: i for i, text in enumerate(texts)}
    vectors = embed(texts)
    scores = [
        float(np.max(vectors[[row[text] for text in entry]] @ vectors[row[pair.claim]]))
        for pair, entry in zip(pairs, sentences, strict=True)
    ]
    return np.array(scores, dtype=np.float64)


def confusion(
    pairs: Sequence[GroundingPair], verdicts: Sequence[GroundingVerdict]
) -> list[list[int]]:
    """Counts by true label (rows) and verdict (columns), in the order of `LABELS`."""
    cells = Counter((pair.label, v.label) for pair, v in zip(pairs, verdicts, strict=True))
    return [[cells[true, said] for said in LABELS] for true in LABELS]


def set_figures(
    pairs: Sequence[GroundingPair],
    verdicts: Sequence[GroundingVerdict],
    baselines: Mapping[str, Floats],
    draws: Sequence[np.ndarray[Any, np.dtype[np.int64]]],
) -> dict[str, Any]:
    """The figures of one set; intervals come from `draws`, indices of resampled pairs."""
    truth = np.array([pair.label == "supported" for pair in pairs])
    said = np.array([verdict.label == "supported" for verdict in verdicts])
    score = np.array([verdict.score for verdict in verdicts], dtype=np.float64)
    shown = np.array([verdict.shown for verdict in verdicts])
    measures: dict[str, Callable[[Any], float]] = {
        "balanced_accuracy": lambda i: balanced_accuracy(truth[i], said[i]),
        "auroc": lambda i: auroc(truth[i], score[i]),
        "ece": lambda i: calibration_error(truth[i], score[i]),
    }
    every = np.arange(len(pairs))
    figures: dict[str, Any] = {
        name: {"value": measure(every), "n": len(pairs), "draws": [measure(d) for d in draws]}
        for name, measure in measures.items()
    }
    figures["baselines"] = {
        name: {"balanced_accuracy": best_balanced_accuracy(truth, scores)[0]}
        for name, scores in baselines.items()
    }
    figures["confusion"] = confusion(pairs, verdicts)
    figures["shown"] = {
        "share": float(shown.mean()),
        "precision": float(truth[shown].mean()) if shown.any() else None,
        "n": int(shown.sum()),
    }
    figures["contradiction_auroc"] = _contradiction(pairs, verdicts)
    return figures


def _contradiction(
    pairs: Sequence[GroundingPair], verdicts: Sequence[GroundingVerdict]
) -> float | None:
    """AUROC of telling supported from contradicted, None where a set has no contradicted pair."""
    rows = [i for i, pair in enumerate(pairs) if pair.label in ("supported", "contradicted")]
    truth = np.array([pairs[i].label == "supported" for i in rows])
    if not rows or truth.all() or not truth.any():
        return None
    score = np.array([verdicts[i].score - verdicts[i].contradiction for i in rows])
    return auroc(truth, score)


def evaluate(
    folder: Path, verifier: Verifier, embed: Embed | None = None, *, seed: int = 13
) -> dict[str, Any]:
    """Judge all sets of `folder`.

    Returns `metrics` (macro over sets: value, n, low, high), `sets` (each set's figures),
    `pairs_per_second` and `verifier`. Without `embed` the cosine baseline is left out.
    Raises UsageError if the folder holds no pairs.
    """
    sets = read_sets(folder)
    results: dict[str, Any] = {}
    seconds, judged = 0.0, 0
    for name, everything in sets.items():
        pairs = [pair for pair in everything if pair.label in LABELS]
        if not pairs:
            continue
        start = time.perf_counter()
        verdicts = verifier.verify_batch([(pair.claim, pair.evidence) for pair in pairs])
        took = time.perf_counter() - start
        seconds, judged = seconds + took, judged + len(pairs)
        baselines = {"word overlap": overlap_scores(pairs)}
        if embed is not None:
            baselines["cosine"] = cosine_scores(pairs, embed)
        figures = set_figures(pairs, verdicts, baselines, resamples(len(pairs), RESAMPLES, seed))
        results[name] = {
            **figures,
            "unscored": len(everything) - len(pairs),
            "pairs_per_second": len(pairs) / took,
        }
    return _summary(results, verifier.name, judged / max(seconds, 1e-9))


def _summary(sets: dict[str, Any], verifier: str, speed: float) -> dict[str, Any]:
    if not sets:
        raise UsageError(
            "No pair carries one of the labels supported, contradicted and unsupported.",
            remedy="Correct the labels in the pair files.",
        )
    metrics: dict[str, Any] = {}
    for name in _HEADLINES:
        draws = np.mean([figures[name]["draws"] for figures in sets.values()], axis=0)
        low, high = interval(draws)
        value = float(np.mean([figures[name]["value"] for figures in sets.values()]))
        count = sum(figures[name]["n"] for figures in sets.values())
        metrics[name] = {"value": value, "n": count, "low": low, "high": high}
    for figures in sets.values():
        for name in _HEADLINES:
            figures[name]["low"], figures[name]["high"] = interval(figures[name].pop("draws"))
    return {
        "metrics": metrics,
        "sets": sets,
        "pairs_per_second": speed,
        "verifier": verifier,
    }
