"""Everything from the data to the shipped files, in one command.

    python training/verifier/run.py --data DIR --out RUN [--ship]

builds the pairs, trains the four stages, exports, calibrates and evaluates on the development part.
Called again it goes on where it stopped. `--ship` copies the result into the package.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from ragbot.answering.grounding.calibration import CALIBRATION_FILE
from ragbot.answering.grounding.onnx_model import MODEL_FOLDER
from ragbot.answering.grounding.verifiers import OnnxVerifier
from ragbot.evaluation.grounding import evaluate
from ragbot.evaluation.grounding_report import write_report
from ragbot.index.export import ensure_export
from ragbot.index.onnx import MODEL_FILE, TOKENIZER_FILE
from ragbot.settings import SHIPPED_MODEL

HERE = Path(__file__).parent


def call(script: str, *options: str | int | Path) -> str:
    """Run one of the scripts beside this one; returns what it printed."""
    command = [sys.executable, str(HERE / script), *map(str, options)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--ship", action="store_true", help="copy the result into the package")
    given = parser.parse_args()
    pairs, export = given.out / "pairs", given.out / "export"
    common = ("--seed", str(given.seed))
    if not (pairs / "counts.json").is_file():
        call("build_data.py", "--data", given.data, "--out", pairs, *common)
    train = ("train.py", "--data", pairs, "--out", given.out, "--threads", given.threads, *common)
    averaged, model, dev = given.out / "averaged", given.out / "final", pairs / "dev.jsonl"
    for stage in ("broad", "fine", "long", "cool"):
        if not (given.out / stage / "log.json").is_file():
            call(*train, "--stage", stage)
        if stage == "fine":
            checkpoints = given.out / "fine" / "checkpoints"
            call("average.py", "--checkpoints", checkpoints, "--out", averaged)
    call("average.py", "--models", averaged, given.out / "cool" / "model", "--out", model)
    exported = call("export.py", "--model", model, "--out", export, "--dev", dev)
    calibrated = call("calibrate.py", "--model", export, "--dev", dev)
    embed = ensure_export(SHIPPED_MODEL, given.out / "encoder").open().embed_array
    report = evaluate(pairs / "dev", OnnxVerifier(export), embed)
    write_report(report, given.out / "report")
    figures = {"export": json.loads(exported), "calibration": json.loads(calibrated)}
    text = json.dumps({**figures, "evaluation": report}, indent=1)
    (given.out / "figures.json").write_text(text, encoding="utf-8")
    if given.ship:
        for name in (MODEL_FILE, TOKENIZER_FILE, CALIBRATION_FILE):
            shutil.copy(export / name, MODEL_FOLDER / name)


if __name__ == "__main__":
    main()
