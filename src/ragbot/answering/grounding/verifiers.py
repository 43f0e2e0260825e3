"""The verifiers: the shipped model, any cross-encoder by name, and word overlap for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ragbot.answering.grounding.calibration import Calibration, load_calibration
from ragbot.answering.grounding.onnx_model import MODEL_FOLDER, OnnxPairModel
from ragbot.answering.grounding.reading import (
    Logits,
    Reading,
    deciding_sentence,
    features,
    read,
    score_readings,
)
from ragbot.answering.grounding.rules import findings
from ragbot.answering.grounding.sentences import Span, overlaps, split_sentences
from ragbot.answering.grounding.verdict import (
    LABELS,
    GroundingVerdict,
    Label,
    Verifier,
    no_evidence,
)
from ragbot.errors import ConfigurationError

SHIPPED_VERIFIER = "shipped"
OVERLAP_VERIFIER = "overlap"
OVERLAP_THRESHOLD = 0.6
VETOED_SCORE = 0.05
WORD_FOR_WORD = 0.99


def readable(claim: str, evidence: str) -> bool:
    """Whether there is a claim and something to read."""
    return bool(claim.strip()) and bool(evidence.strip())


class OnnxVerifier:
    """The shipped model with its calibration and the rules."""

    def __init__(self, folder: Path = MODEL_FOLDER, *, threads: int = 0) -> None:
        """Open the verifier in `folder`; raises ModelUnavailableError if that fails."""
        self.name = f"ragbot-verifier:{SHIPPED_VERIFIER}"
        self._model = OnnxPairModel(folder, threads=threads)
        self._calibration = load_calibration(folder)

    def verify_batch(self, pairs: Sequence[tuple[str, str]]) -> list[GroundingVerdict]:
        """One verdict for each pair `(claim, evidence)`, in their order."""
        verdicts = [no_evidence(self.name)] * len(pairs)
        rows = [i for i, pair in enumerate(pairs) if readable(*pair)]
        if not rows:
            return verdicts
        readings = [read(*pairs[i]) for i in rows]
        logits = score_readings(self._model, readings)
        matrix = np.stack([features(r, part) for r, part in zip(readings, logits, strict=True)])
        chances = self._calibration.probabilities(matrix)
        for at, row in enumerate(rows):
            verdicts[row] = judge(
                readings[at], logits[at], chances[at], self._calibration, self.name
            )
        return verdicts


def word_for_word(claim: str, sentences: Sequence[Span]) -> Span | None:
    """The whole sentence, or run of whole sentences, that the claim repeats letter for letter.

    A part of a sentence does not count: what is left out may be the "not". Case counts, and white
    space and the last full stop do not.
    """
    wanted = _plain(claim)
    for first, start in enumerate(sentences):
        text = ""
        for last in sentences[first:]:
            text = f"{text} {last.text}".strip()
            if _plain(text) == wanted:
                return Span(start.start, last.end, text)
            if len(text) > len(claim) + 10:
                break
    return None


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def judge(
    reading: Reading,
    logits: Logits,
    chances: np.ndarray[tuple[int], np.dtype[np.float64]],
    calibration: Calibration,
    method: str,
) -> GroundingVerdict:
    """The verdict from what was read and its probabilities; vetoes have the last word."""
    score, contradiction = float(chances[0]), float(chances[1])
    label = calibration.label(chances)
    vetoes = [finding for finding in reading.found if finding.rule in calibration.vetoes]
    if vetoes and label == "supported":
        label = vetoes[0].outcome
        score = min(score, VETOED_SCORE)
    sentence = deciding_sentence(reading, logits, LABELS.index(label))
    same = word_for_word(reading.claim, reading.sentences)
    if same is not None:
        label, score, contradiction = "supported", max(score, WORD_FOR_WORD), 0.0
        sentence = same
    return GroundingVerdict(
        label,
        round(score, 4),
        round(contradiction, 4),
        sentence.start,
        sentence.end,
        label == "supported"
        and (same is not None or (score >= calibration.shown_threshold and not reading.found)),
        tuple(map(str, reading.found)),
        method,
    )


class OverlapVerifier:
    """Word overlap and the rules: deterministic, for tests and as a baseline. No model.

    Only what repeats whole sentences word for word is sure enough to be shown as verified.
    """

    name = f"ragbot-verifier:{OVERLAP_VERIFIER}"

    def verify_batch(self, pairs: Sequence[tuple[str, str]]) -> list[GroundingVerdict]:
        """One verdict for each pair; the score is the best sentence's share of the claim."""
        return [self._judge(*pair) for pair in pairs]

    def _judge(self, claim: str, evidence: str) -> GroundingVerdict:
        if not readable(claim, evidence):
            return no_evidence(self.name)
        sentences = split_sentences(evidence)
        scores = overlaps(claim, sentences)
        best = int(np.argmax(scores))
        found = findings(claim, sentences, scores)
        label: Label = "supported" if scores[best] >= OVERLAP_THRESHOLD else "unsupported"
        label = found[0].outcome if found else label
        score = 0.0 if found else round(min(1.0, scores[best]), 4)
        contradiction = 1.0 if label == "contradicted" else 0.0
        rules = tuple(map(str, found))
        place = sentences[best]
        shown = label == "supported" and word_for_word(claim, sentences) is not None
        return GroundingVerdict(
            label, score, contradiction, place.start, place.end, shown, rules, self.name
        )


def load_verifier(name: str = SHIPPED_VERIFIER, *, threads: int = 0) -> Verifier:
    """The verifier of that name.

    "shipped" is the model that comes with ragbot, "overlap" is word overlap, and
    "cross-encoder:NAME" any sentence-transformers CrossEncoder, by its folder or hub name.
    Raises ConfigurationError for another name, ModelUnavailableError if the model does not load.
    """
    if name == SHIPPED_VERIFIER:
        return OnnxVerifier(threads=threads)
    if name == OVERLAP_VERIFIER:
        return OverlapVerifier()
    kind, _, model = name.partition(":")
    if kind == "cross-encoder" and model:
        from ragbot.answering.grounding.cross_encoder import CrossEncoderVerifier

        return CrossEncoderVerifier(model)
    raise ConfigurationError(
        f"There is no verifier named {name!r}.",
        remedy=f"Use {SHIPPED_VERIFIER!r}, {OVERLAP_VERIFIER!r}, 'chat' or 'cross-encoder:NAME'.",
    )
