"""Averages weights: the last checkpoints of a stage, of one seed or of several from one start.

The mean is steadier on sets that were not trained on.

`python training/verifier/average.py --checkpoints RUN/main-13/checkpoints --out RUN/averaged`
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

WEIGHTS = "model.safetensors"
STATE = ("optimizer*", "scheduler*", "rng_state*", "training_args*", "trainer_state*")
LAST = 4


def average(folders: list[Path], out: Path) -> None:
    """Write the mean of the folders' weights, and the other files of the last folder, to `out`."""
    shutil.copytree(folders[-1], out, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*STATE))
    parts = [load_file(str(folder / WEIGHTS)) for folder in folders]
    mean = {name: sum(part[name].float() for part in parts) / len(parts) for name in parts[0]}
    save_file(mean, str(out / WEIGHTS), metadata={"format": "pt"})


def last_of(folder: Path, number: int) -> list[Path]:
    """The last checkpoints in a stage's folder of them."""
    kept = folder.glob("checkpoint-*")
    return sorted(kept, key=lambda path: int(path.name.split("-")[1]))[-number:]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoints", type=Path, required=True, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--last", type=int, default=LAST, help="of each folder")
    given = parser.parse_args()
    average([one for folder in given.checkpoints for one in last_of(folder, given.last)], given.out)


if __name__ == "__main__":
    main()
