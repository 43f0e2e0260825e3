"""The verifiers: the shipped model above all, as it ships."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ragbot.answering.grounding import (
    OnnxVerifier,
    OverlapVerifier,
    Verifier,
    load_verifier,
    verify,
)
from ragbot.answering.grounding.calibration import Calibration, load_calibration
from ragbot.answering.grounding.cross_encoder import label_columns
from ragbot.answering.grounding.onnx_model import MODEL_FOLDER
from ragbot.answering.grounding.reading import FEATURES, features, read
from ragbot.answering.grounding.sentences import (
    details,
    phrase_overlap,
    plain_decimals,
    split_sentences,
)
from ragbot.answering.grounding.verifiers import word_for_word
from ragbot.errors import ConfigurationError, ModelUnavailableError

PASSAGE = (
    "Adults with relapsed B-cell precursor acute lymphoblastic leukemia were randomly assigned to "
    "blinatumomab or standard chemotherapy. Overall survival was significantly longer in the "
    "blinatumomab group than in the chemotherapy group: the median was 7.7 months versus 4.0 "
    "months (hazard ratio for death, 0.71; P=0.01). Adverse events of grade 3 or higher were "
    "reported in 87% of patients in the blinatumomab group."
)
ASTHMA = (
    "Inhaled corticosteroids reduce the frequency of asthma attacks in children. They do not "
    "change the natural course of the disease. Growth was 1 cm less in the first year of use."
)
SAID = [
    ("Overall survival was longer with blinatumomab than with chemotherapy.", PASSAGE),
    ("Median survival was 7.7 months in the blinatumomab group.", PASSAGE),
    ("Grade 3 or higher adverse events occurred in 87% of patients given blinatumomab.", PASSAGE),
    ("Inhaled corticosteroids reduce asthma attacks in children.", ASTHMA),
    ("Inhaled corticosteroids do not change the natural course of asthma.", ASTHMA),
]
NOT_SAID = [
    ("Overall survival was shorter with blinatumomab than with chemotherapy.", PASSAGE),
    ("Median survival was 77 months in the blinatumomab group.", PASSAGE),
    ("Grade 3 or higher adverse events occurred in 7% of patients given blinatumomab.", PASSAGE),
    ("Inhaled corticosteroids increase asthma attacks in children.", ASTHMA),
    ("Inhaled corticosteroids cure hay fever in the elderly.", ASTHMA),
]


@pytest.fixture(scope="module")
def shipped() -> Verifier:
    return load_verifier("shipped", threads=1)


def test_the_shipped_verifier_orders_clinical_claims(shipped: Verifier) -> None:
    said = shipped.verify_batch(SAID)
    not_said = shipped.verify_batch(NOT_SAID)
    for (claim, _), right, wrong in zip(SAID, said, not_said, strict=True):
        assert right.score > wrong.score, claim
    assert sum(verdict.label == "supported" for verdict in said) > len(said) / 2
    assert all(verdict.label != "supported" for verdict in not_said)
    assert not any(verdict.shown for verdict in not_said)


def test_its_verdicts_name_the_sentence_that_decided(shipped: Verifier) -> None:
    verdict = verify(shipped, SAID[1][0], PASSAGE)
    assert "7.7 months" in PASSAGE[verdict.start : verdict.end]
    verdict = verify(shipped, "Growth was less by 1 cm in the first year.", ASTHMA)
    assert ASTHMA[verdict.start : verdict.end].startswith("Growth was 1 cm less")


def test_it_gives_the_same_alone_and_in_a_batch(shipped: Verifier) -> None:
    pairs = SAID + NOT_SAID
    together = shipped.verify_batch(pairs)
    assert together == shipped.verify_batch(pairs)
    for pair, verdict in zip(pairs, together, strict=True):
        alone = verify(shipped, *pair)
        assert alone == verdict


def test_whole_sentences_word_for_word_are_supported_and_parts_are_not_taken_for_them() -> None:
    sentences = split_sentences(ASTHMA)
    whole = "They do not change the natural course of the disease"
    found = word_for_word(whole, sentences)
    assert found is not None
    assert ASTHMA[found.start : found.end] == f"{whole}."
    both = f"{whole}.  Growth was 1 cm less in the first year of use."
    assert word_for_word(both, sentences) is not None
    assert word_for_word("change the natural course of the disease", sentences) is None
    assert word_for_word("", sentences) is None


def test_a_sentence_word_for_word_is_shown(shipped: Verifier) -> None:
    verdict = verify(shipped, "Growth was 1 cm less in the first year of use.", ASTHMA)
    assert (verdict.label, verdict.shown) == ("supported", True)
    assert verdict.score >= 0.99


def test_its_numbers_are_probabilities_and_its_places_are_in_the_text(shipped: Verifier) -> None:
    for pair, verdict in zip(SAID + NOT_SAID, shipped.verify_batch(SAID + NOT_SAID), strict=True):
        assert 0.0 <= verdict.score <= 1.0
        assert 0.0 <= verdict.contradiction <= 1.0
        assert 0 <= verdict.start < verdict.end <= len(pair[1])
        assert verdict.method == shipped.name


@pytest.mark.parametrize("name", ["shipped", "overlap"])
def test_nothing_to_read_is_unsupported(name: str) -> None:
    verifier = load_verifier(name, threads=1)
    pairs = [("", PASSAGE), ("A claim.", ""), ("A claim.", " \n "), ("", "")]
    for verdict in verifier.verify_batch(pairs):
        assert (verdict.label, verdict.score, verdict.start, verdict.end) == (
            "unsupported",
            0,
            0,
            0,
        )
        assert not verdict.shown
    assert verifier.verify_batch([]) == []


@pytest.mark.parametrize("name", ["shipped", "overlap"])
def test_odd_texts_are_judged_too(name: str) -> None:
    verifier = load_verifier(name, threads=1)
    odd = ["\x00", "中文。" * 50, "a" * 5000, "7 " * 3000, "🙂 <b>&amp;</b>", "- ", "…"]
    verdicts = verifier.verify_batch([(a, b) for a in odd for b in odd])
    assert len(verdicts) == len(odd) ** 2


def test_it_ships_small_and_complete() -> None:
    files = [path for path in MODEL_FOLDER.iterdir() if path.is_file()]
    assert {"model.onnx", "tokenizer.json", "calibration.json", "MODEL_CARD.md"} <= {
        path.name for path in files
    }
    assert sum(path.stat().st_size for path in files) <= 25_000_000


def test_no_torch_at_question_time() -> None:
    code = (
        "import sys; from ragbot.answering.grounding import load_verifier, verify;"
        "v = verify(load_verifier(threads=1), 'A claim.', 'Some evidence stands here.');"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'sklearn', 'scipy'};"
        "sys.exit(str(sorted(heavy & set(sys.modules)) or 0) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_fake_is_a_verifier_and_deterministic() -> None:
    verifier = OverlapVerifier()
    assert isinstance(verifier, Verifier)
    assert isinstance(OnnxVerifier(threads=1), Verifier)
    verdicts = verifier.verify_batch([SAID[1], NOT_SAID[1]])
    assert [verdict.label for verdict in verdicts] == ["supported", "contradicted"]
    assert verdicts == verifier.verify_batch([SAID[1], NOT_SAID[1]])


def test_an_unknown_verifier_is_named() -> None:
    with pytest.raises(ConfigurationError, match="nobody"):
        load_verifier("nobody")


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="does not load"):
        OnnxVerifier(tmp_path)
    with pytest.raises(ModelUnavailableError, match="cannot be read"):
        load_calibration(tmp_path)
    (tmp_path / "calibration.json").write_text('{"features": ["other"]}', encoding="utf-8")
    with pytest.raises(ModelUnavailableError, match="calibration"):
        load_calibration(tmp_path)


def test_a_calibration_gives_probabilities() -> None:
    weights = np.zeros((3, len(FEATURES)))
    weights[0, 0] = 2.0
    calibration = Calibration(weights, np.zeros(3), 0.5, 0.9)
    rows = np.zeros((2, len(FEATURES)))
    rows[0, 0] = 3.0
    chances = calibration.probabilities(rows)
    assert chances.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert calibration.label(chances[0]) == "supported"
    assert calibration.label(chances[1]) != "supported"


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, (1, 0)),
        ({0: "entailment", 1: "not_entailment"}, (0, 1)),
        ({0: "LABEL_0", 1: "LABEL_1"}, (1, None)),
        ({0: "hallucinated", 1: "consistent"}, (1, 0)),
        ({0: "REFUTES", 1: "SUPPORTS", 2: "NOT ENOUGH INFO"}, (1, 0)),
    ],
)
def test_any_models_labels_are_understood(names, columns) -> None:
    assert label_columns(names) == columns


def test_labels_that_mean_nothing_are_named() -> None:
    with pytest.raises(ModelUnavailableError, match="happy"):
        label_columns({0: "happy", 1: "sad"})


def test_a_model_reads_plain_figures_and_no_words_that_only_point_at_the_passage() -> None:
    evidence = "Relapse was 13,1% (95% CI 4,0-20,25). It occurred in 1,250 of 9,000 patients."
    reading = read("In this study, relapse was 13.1%.", evidence)
    (claim, window), *_ = reading.texts()
    assert claim == "relapse was 13.1%."
    assert window == "Relapse was 13.1% (95% CI 4.0-20.25). It occurred in 1,250 of 9,000 patients."
    assert [evidence[s.start : s.end] for s in reading.sentences] == [
        s.text for s in reading.sentences
    ]
    assert reading.scores[0] > reading.scores[1]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("p=0,96", "p=0.96"), ("1,000", "1,000"), ("1,2,3", "1,2,3"), ("sites 1, 2", "sites 1, 2")],
)
def test_only_a_decimal_comma_becomes_a_point(written: str, read_as: str) -> None:
    assert plain_decimals(written) == read_as


@pytest.mark.parametrize(
    ("claim", "number"),
    [
        ("Steroids help children.", 0),
        ("Survival was 7,7 months in Germany.", 2),
        ("Blinatumomab was given to 271 adults in the TOWER trial (TOWER; 271).", 2),
        ("COVID-19 followed SARS-CoV-2 infection in adults with (TP53) loss.", 3),
        ("", 0),
    ],
)
def test_details_are_names_and_figures_but_not_the_first_word(claim: str, number: int) -> None:
    assert details(claim) == number


def test_phrases_are_neighbours_in_both_texts() -> None:
    assert phrase_overlap("The natural course changes.", ASTHMA) == pytest.approx(0.5)
    assert phrase_overlap("Courses of natural disease.", ASTHMA) == 0.0
    assert phrase_overlap("Asthma.", ASTHMA) == 0.0


def test_a_reading_has_a_number_for_every_feature() -> None:
    reading = read("In this study, 87% of 271 patients had events.", PASSAGE)
    logits = np.array([[2.0, -1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.5]], dtype=np.float32)
    named = dict(zip(FEATURES, features(reading, logits), strict=True))
    assert named["details"] == pytest.approx(np.log(3))
    assert named["details_by_support"] == pytest.approx(np.log(3) * named["window_support"])
    assert named["window_side"] == 3.0
    first, *others = sorted(reading.scores, reverse=True)
    assert named["best_overlap"] == pytest.approx(first)
    assert named["overlap_lead"] == pytest.approx(first - max(others)) != 0.0
