"""Trains the verifier's cross-encoder on the pairs that `build_data.py` wrote.

Two stages: `broad` starts from the sentence encoder and reads short pairs first, everyday and
synthetic ones; `main` goes on from it with labelled and synthetic ones at a falling rate. Evidence
is read in windows of changing length. Each stage is seeded and resumes from its last checkpoint
when called again:

    python training/verifier/train.py --data PAIRS --out RUN --stage broad

A GPU is used where there is one. Weights are bfloat16 with float32 copies in the optimizer, which
on two cores is a third faster than mixed precision; dropout costs a fifth and is left out.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from master import MasterAdamW
from mixture import (
    OTHER_WORDS_FIRST,
    FullBatchSampler,
    Row,
    ShortFirstSampler,
    balanced_sets,
    by_set,
    captions,
    columns,
    is_supported,
    read_pairs,
    synthetic,
    with_varied_windows,
    with_windows,
)
from sentence_transformers import CrossEncoder
from sentence_transformers.base.evaluation import BaseEvaluator
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.util import batch_to_device
from similarity import similarities
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from training_paths import LABELS, backbone_folder
from transformers import TrainerCallback, get_scheduler
from transformers.trainer_utils import get_last_checkpoint

MAX_TOKENS = 256
WARMUP = 100
OUTPUTS = (*LABELS, "likeness")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage reads and how fast it learns."""

    pairs: str  # the file that it reads
    labelled_rounds: int
    synthetic_pairs: int
    rate: float
    smoothing: float
    steps: int  # the stage ends after so many; a falling rate reaches nothing there
    windows: tuple[int, ...]  # lengths of evidence in words, one drawn for each pair
    start: str = ""  # the stage that it goes on from; "": from the backbone
    schedule: str = "constant_with_warmup"
    caption_pairs: int = 0
    share: float = 0.5  # of `balanced_sets`
    likeness: float = 0.5  # share of the fourth output's loss
    kind_weights: Mapping[str, float] = field(default_factory=dict)  # of `synthetic`
    sampler: type[FullBatchSampler] = FullBatchSampler


STAGES = {
    "broad": Stage(
        "train", 1, 40_000, 1.5e-4, 0.02, 1500, (45, 70, 100),
        caption_pairs=100_000, share=0.25, sampler=ShortFirstSampler,
    ),
    "main": Stage(
        "more", 5, 60_000, 1.2e-4, 0.04, 3500, (35, 55, 85), start="broad", schedule="linear",
        caption_pairs=15_000, kind_weights=OTHER_WORDS_FIRST,
    ),
}  # fmt: skip


class LabelAndSimilarityLoss(torch.nn.Module):
    """Cross-entropy of the three labels, and of the fourth output with the encoder's cosine.

    Labels have shape (batch, 2): the label's index and the cosine, below 0 where it is not known.
    """

    def __init__(self, model: CrossEncoder, smoothing: float, share: float) -> None:
        super().__init__()
        self.model = model
        self.share = share
        self.label_loss = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)
        self.similarity_loss = torch.nn.BCEWithLogitsLoss()

    def forward(
        self,
        inputs: list[list[str]],
        labels: list[torch.Tensor],
        prompt: str | None = None,
        task: str | None = None,
    ) -> torch.Tensor:
        """The loss of a batch of (claim, evidence)."""
        targets = torch.stack(list(labels))
        pairs = list(zip(inputs[0], inputs[1], strict=True))
        tokens = batch_to_device(
            self.model.preprocess(pairs, prompt=prompt, task=task), self.model.device
        )
        logits = self.model(tokens)["scores"].float()
        label = self.label_loss(logits[:, :3], targets[:, 0].long())
        told = targets[:, 1] >= 0
        if not self.share or not told.any():
            return label
        cosine = targets[told, 1].float().clamp(0.0, 1.0)
        return label + self.share * self.similarity_loss(logits[told, 3], cosine)


class StopAfter(TrainerCallback):
    """Ends training after a number of steps, with a checkpoint."""

    def __init__(self, steps: int) -> None:
        self._steps = steps

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """Called by the trainer after each step."""
        if self._steps and state.global_step >= self._steps:
            control.should_save = control.should_evaluate = True
            control.should_training_stop = True


class SetScores(BaseEvaluator):
    """Balanced accuracy at 0.5 and AUROC of each development set, and their means."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self.greater_is_better = True
        self.primary_metric = "macro_auroc"
        self._groups = by_set(rows)

    def __call__(
        self,
        model: CrossEncoder,
        output_path: str | None = None,  # noqa: ARG002 - the trainer's own signature
        epoch: float = -1,  # noqa: ARG002
        steps: int = -1,  # noqa: ARG002
    ) -> dict[str, float]:
        """Scores by set, named `<set>_ba` and `<set>_auroc`."""
        scores: dict[str, float] = {}
        for name, rows in self._groups.items():
            chance = supported_chance(model, rows)
            truth = [is_supported(row) for row in rows]
            scores[f"{name}_ba"] = float(balanced_accuracy_score(truth, chance > 0.5))
            scores[f"{name}_auroc"] = float(roc_auc_score(truth, chance))
        for metric in ("ba", "auroc"):
            parts = [scores[f"{name}_{metric}"] for name in self._groups]
            scores[f"macro_{metric}"] = float(np.mean(parts))
        return scores


def supported_chance(model: CrossEncoder, rows: list[Row]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Softmax probability of "supported" for each pair, shape (n,)."""
    texts = [(row["claim"], row["evidence"]) for row in rows]
    found = model.predict(
        texts,
        batch_size=32,
        activation_fn=torch.nn.Identity(),
        show_progress_bar=False,
        convert_to_tensor=True,  # NumPy has no bfloat16
    )
    logits = found.float()[:, :3]
    return np.asarray(torch.softmax(logits, dim=1)[:, 0])


def open_model(start: str) -> CrossEncoder:
    """The cross-encoder to train; word vectors are frozen, so that rare words keep their place."""
    model = CrossEncoder(
        start,
        num_labels=len(OUTPUTS),
        max_length=MAX_TOKENS,
        # plain attention is twice as fast as the fused kernel in bfloat16 on a CPU
        model_kwargs={"attn_implementation": "eager"},
        config_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    )
    model.model.config.id2label = dict(enumerate(OUTPUTS))
    model.model.config.label2id = {name: at for at, name in enumerate(OUTPUTS)}
    for name, parameter in model.named_parameters():
        if "embeddings" in name:
            parameter.requires_grad = False
    return model


def mix(rows: list[Row], stage: Stage, given: argparse.Namespace) -> list[Row]:
    """The pairs of a stage, whole, in random order."""
    rng = random.Random(given.seed)
    chosen: list[Row] = []
    for _ in range(stage.labelled_rounds):
        chosen += balanced_sets(rows, rng, not given.no_relatives, stage.share)
    size = stage.synthetic_pairs if given.synthetic is None else given.synthetic
    chosen += synthetic(rows, size, rng, stage.kind_weights)
    chosen += captions(rows, 0 if given.no_captions else stage.caption_pairs, rng)
    rng.shuffle(chosen)
    return chosen


def cosines_of(pairs: list[Row], folder: Path) -> list[float]:
    """The encoder's cosine of each labelled pair, where it is worth most; -1 for the others."""
    people = sorted((row["claim"], row["evidence"]) for row in pairs if row["kind"] == "human")
    kept = {key: {"claim": key[0], "evidence": key[1]} for key in people}
    found = similarities(with_windows(list(kept.values())), folder)
    known = dict(zip(kept, found, strict=True))
    return [known.get((row["claim"], row["evidence"]), -1.0) for row in pairs]


def arguments(
    given: argparse.Namespace, stage: Stage, folder: Path
) -> CrossEncoderTrainingArguments:
    """The trainer's arguments."""
    return CrossEncoderTrainingArguments(
        output_dir=str(folder),
        num_train_epochs=1,
        per_device_train_batch_size=24,
        use_cpu=not torch.cuda.is_available(),
        batch_sampler=stage.sampler,
        eval_strategy="steps",
        eval_steps=given.every,
        save_strategy="steps",
        save_steps=given.every,
        save_total_limit=4,
        logging_steps=25,
        max_steps=given.steps or stage.steps,
        seed=given.seed,
        data_seed=given.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_num_workers=0,
    )


def train(given: argparse.Namespace) -> dict[str, float]:
    """Run one stage, resuming where it stopped; returns the last development scores."""
    stage = STAGES[given.stage]
    folder = given.out / (given.name or given.stage)
    rows = read_pairs(given.data / f"{stage.pairs}.jsonl", given.leave_out)
    pairs = mix(rows, stage, given)
    dev = with_windows(read_pairs(given.data / "dev.jsonl"))
    cosines = cosines_of(pairs, given.out)
    pairs = with_varied_windows(pairs, stage.windows, random.Random(given.seed))
    torch.manual_seed(given.seed)
    model = open_model(str(given.start or start_of(given)))
    model.model.to(torch.bfloat16)
    optimizer = MasterAdamW(model.parameters(), given.rate or stage.rate, decay=0.01)
    scheduler = get_scheduler(stage.schedule, optimizer, WARMUP, given.steps or stage.steps)
    evaluator = SetScores(dev)
    trainer = CrossEncoderTrainer(
        model=model,
        args=arguments(given, stage, folder / "checkpoints"),
        train_dataset=Dataset.from_dict(columns(pairs, cosines)),
        loss=LabelAndSimilarityLoss(model, stage.smoothing, stage.likeness),
        evaluator=evaluator,
        callbacks=[StopAfter(given.stop)],
        optimizers=(optimizer, scheduler),
    )
    checkpoints = folder / "checkpoints"
    last = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
    trainer.train(resume_from_checkpoint=last)
    model.save_pretrained(str(folder / "model"))
    scores = evaluator(model)
    record = {"scores": scores, "pairs": len(pairs), "log": trainer.state.log_history}
    (folder / "log.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    return scores


def start_of(given: argparse.Namespace) -> Path:
    """Where a stage starts: from the model of the stage before, the first from the backbone."""
    before = STAGES[given.stage].start
    if not before:
        return backbone_folder()
    return Path(given.out) / before / "model"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that build_data.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--stage", choices=sorted(STAGES), required=True)
    parser.add_argument("--name", default="", help="the stage's folder instead of its own name")
    parser.add_argument("--start", type=Path, help="model to start from instead")
    parser.add_argument("--leave-out", default="", help="a labelled set that is not trained on")
    parser.add_argument("--synthetic", type=int, help="synthetic pairs instead of the stage's own")
    parser.add_argument("--no-relatives", action="store_true", help="labelled pairs as they are")
    parser.add_argument("--no-captions", action="store_true", help="no pairs of SNLI")
    parser.add_argument("--rate", type=float, help="learning rate instead of the stage's own")
    parser.add_argument("--steps", type=int, default=0, help="steps instead of the stage's own")
    parser.add_argument("--stop", type=int, default=0, help="end after so many of them")
    parser.add_argument("--every", type=int, default=500, help="steps between checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=13)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    print(json.dumps(train(given), indent=1))


if __name__ == "__main__":
    main()
