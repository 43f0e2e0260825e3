"""Everything from the data to the shipped files, in one command.

    python training/verifier/run.py --data DIR --snli FILE --out RUN [--ablate] [--ship]

builds the pairs, trains the stages, exports, calibrates and evaluates on the development part.
Called again it goes on where it stopped. `--ablate` also trains without synthetic pairs; `--ship`
copies the result into the package.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ragbot.answering.grounding.calibration import CALIBRATION_FILE
from ragbot.answering.grounding.onnx_model import MODEL_FOLDER
from ragbot.answering.grounding.verifiers import OnnxVerifier
from ragbot.evaluation.grounding import evaluate
from ragbot.evaluation.grounding_report import write_report
from ragbot.index.export import ensure_export
from ragbot.index.onnx import MODEL_FILE, TOKENIZER_FILE
from ragbot.settings import SHIPPED_MODEL

HERE = Path(__file__).parent
SEEDS = (13,)  # a second seed and the mean of both were no better on the development sets


def call(script: str, *options: str | int | Path) -> str:
    """Run one of the scripts beside this one; returns what it printed."""
    command = [sys.executable, str(HERE / script), *map(str, options)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def train(out: Path, stage: str, name: str, options: tuple[str | int | Path, ...]) -> Path:
    """Train one stage unless it is done; returns the folder of its checkpoints."""
    if not (out / name / "log.json").is_file():
        call("train.py", "--out", out, "--stage", stage, "--name", name, *options)
    return out / name / "checkpoints"


def train_and_calibrate(
    out: Path, dev: Path, options: tuple[str | int | Path, ...], seeds: list[int]
) -> dict[str, Any]:
    """Train into `out`, export and calibrate the mean of all seeds; returns the figures."""
    train(out, "broad", "broad", (*options, "--seed", seeds[0]))
    kept = [train(out, "main", f"main-{seed}", (*options, "--seed", seed)) for seed in seeds]
    model, export = out / "averaged", out / "export"
    call("average.py", "--out", model, "--checkpoints", *kept)
    exported = call("export.py", "--model", model, "--out", export, "--dev", dev)
    calibrated = call("calibrate.py", "--model", export, "--dev", dev)
    return {"export": json.loads(exported), "calibration": json.loads(calibrated)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--snli", type=Path, required=True, help="a JSONL file of SNLI 1.0")
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="of the main stage")
    parser.add_argument("--steps", type=int, help="of each stage instead of its own: a trial")
    parser.add_argument("--ablate", action="store_true", help="train without synthetic pairs too")
    parser.add_argument("--ship", action="store_true", help="copy the result into the package")
    given = parser.parse_args()
    pairs, export = given.out / "pairs", given.out / "export"
    if not (pairs / "counts.json").is_file():
        sources = ("--data", given.data, "--snli", given.snli)
        call("build_data.py", *sources, "--out", pairs, "--seed", given.seeds[0])
    common: tuple[str | int | Path, ...] = ("--data", pairs, "--threads", given.threads)
    if given.steps:
        common = (*common, "--steps", given.steps, "--every", max(1, given.steps // 2))
    figures = train_and_calibrate(given.out, pairs / "dev.jsonl", common, given.seeds)
    if given.ablate:
        plain = given.out / "no-synthetic"
        options = (*common, "--synthetic", 0, "--no-relatives")
        figures["without synthetic pairs"] = train_and_calibrate(
            plain, pairs / "dev.jsonl", options, given.seeds[:1]
        )
    embed = ensure_export(SHIPPED_MODEL, given.out / "encoder").open().embed_array
    report = evaluate(pairs / "dev", OnnxVerifier(export), embed)
    write_report(report, given.out / "report")
    text = json.dumps({**figures, "evaluation": report}, indent=1)
    (given.out / "figures.json").write_text(text, encoding="utf-8")
    if given.ship:
        for name in (MODEL_FILE, TOKENIZER_FILE, CALIBRATION_FILE):
            shutil.copy(export / name, MODEL_FOLDER / name)


if __name__ == "__main__":
    main()
