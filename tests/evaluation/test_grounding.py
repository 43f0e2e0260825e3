"""The grounding evaluation: measures against hand-worked values, reading, report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ragbot.answering.grounding import OverlapVerifier
from ragbot.errors import UsageError
from ragbot.evaluation.binary_scores import (
    auroc,
    balanced_accuracy,
    best_balanced_accuracy,
    calibration_error,
)
from ragbot.evaluation.grounding import evaluate
from ragbot.evaluation.grounding_report import plot, table, write_report

PASSAGE = (
    "Rituximab improved event-free survival at two years. It did not improve overall survival. "
    "The median age was 40 years."
)
PAIRS = [
    ("Rituximab improved event-free survival at two years.", "supported"),
    ("The median age was 40 years.", "supported"),
    ("The median age was 400 years.", "contradicted"),
    ("Imatinib is given to patients with the Philadelphia chromosome.", "unsupported"),
    ("Rituximab improved event-free survival at two years.", "unclear"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        rows = [
            {"id": f"{name}-{i}", "claim": claim, "evidence": PASSAGE, "label": label}
            for i, (claim, label) in enumerate(PAIRS)
        ]
        lines = "\n".join(map(json.dumps, rows))
        (tmp_path / f"{name}.jsonl").write_text(lines + "\n\n", encoding="utf-8")
    return tmp_path


def embed(texts):
    """Letter counts as vectors: enough to stand for an encoder."""
    counts = np.array([[text.lower().count(c) for c in "abcdefghijklmnop"] for text in texts])
    return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


def test_measures_against_hand_worked_values() -> None:
    truth = np.array([True, True, False, False])
    scores = np.array([0.9, 0.4, 0.6, 0.1])
    assert auroc(truth, scores) == 0.75
    assert auroc(truth, np.zeros(4)) == 0.5
    assert balanced_accuracy(truth, scores > 0.5) == 0.5
    assert balanced_accuracy(np.array([True, True, True, False]), np.array([True] * 4)) == 0.5
    assert best_balanced_accuracy(truth, scores) == (0.75, 0.9)
    assert calibration_error(truth, np.array([1.0, 1.0, 0.0, 0.0])) == 0.0
    assert calibration_error(truth, np.full(4, 0.75)) == 0.25


def test_an_evaluation_gives_each_set_and_the_macro(folder: Path) -> None:
    report = evaluate(folder, OverlapVerifier(), embed)
    assert set(report["sets"]) == {"one", "two"}
    accuracy = report["metrics"]["balanced_accuracy"]
    assert accuracy["value"] == 1.0
    assert accuracy["n"] == 8
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]
    one = report["sets"]["one"]
    assert one["unscored"] == 1
    assert one["confusion"] == [[2, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert one["contradiction_auroc"] == 1.0
    assert set(one["baselines"]) == {"word overlap", "cosine"}
    assert one["shown"] == {"share": 0.5, "precision": 1.0, "n": 2}
    assert "draws" not in one["auroc"]
    assert report["pairs_per_second"] > 0
    json.dumps(report)


def test_the_same_folder_gives_the_same_figures(folder: Path) -> None:
    first, second = (evaluate(folder, OverlapVerifier())["metrics"] for _ in range(2))
    assert first == second


def test_the_report_is_a_table_and_a_picture_without_a_network(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "one.jsonl").rename(folder / "<b>&.jsonl")
    report = evaluate(folder, OverlapVerifier(), embed)
    assert "| **macro** | 8 |" in table(report)
    picture = plot(report)
    assert "&lt;b&gt;&amp;" in picture
    assert picture.count("http") == 1  # the name of SVG's own vocabulary
    written = write_report(report, tmp_path / "out")
    assert [path.name for path in written] == ["grounding.md", "grounding.svg"]
    assert all(path.stat().st_size > 500 for path in written)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no pairs"):
        evaluate(tmp_path, OverlapVerifier())
    (tmp_path / "bad.jsonl").write_text('{"claim": "x"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="line 1 is no pair"):
        evaluate(tmp_path, OverlapVerifier())
    row = {"claim": "x", "evidence": "y", "label": "maybe"}
    (tmp_path / "bad.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(UsageError, match="labels"):
        evaluate(tmp_path, OverlapVerifier())
