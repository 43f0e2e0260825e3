"""The environments of the benchmark: one for each system, pinned, made by uv.

    python -m bench.environments            make all that are missing
    python -m bench.environments --resolve  resolve bench/envs/*.in anew into *.txt

uv is installed into an environment of its own, with pip's configured indexes and find-links handed
on as `tools/environment.py` does for the project. Its cache is shared, and files are hard-linked
from it where the file system can, so that torch lies on the disk once.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from environment import UV, pip_settings  # noqa: E402  (tools/ is no package)

ENVS = ROOT / "bench" / "envs"
STAMP = ".bench-environment"
INSTALL_SECONDS = 900.0
UV_OPTIONS = (
    *("--index-strategy", "unsafe-best-match"),
    *("--prerelease", "if-necessary-or-explicit"),
)
RAGBOT = "ragbot"
COPIED = frozenset({"llamaindex"})
"""Its NLTK refuses to open hard-linked files, so these environments hold copies."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that stands: its interpreter, and its installed size in bytes."""

    name: str
    python: Path
    size: int


class NotInstalledError(Exception):
    """An environment could not be made; the message says why, in one line."""


def python_of(folder: Path) -> Path:
    """The interpreter of the environment in `folder`."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure_uv(folder: Path) -> Path:
    """The interpreter of an environment that holds uv and pip."""
    python = python_of(folder)
    if not python.exists():
        venv.create(folder, with_pip=True)
    has_uv = subprocess.run([python, "-c", "import uv"], capture_output=True, check=False)
    if has_uv.returncode:
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", UV]
        subprocess.run(command, check=True)
    return python


def ensure(name: str, folder: Path) -> Environment:
    """The environment of `name` under `folder`, made if it is missing or its pins have changed.

    Raises NotInstalledError if it cannot be made.
    """
    place = folder / name
    wanted = _fingerprint(name)
    stamp = place / STAMP
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        _install(name, place, ensure_uv(folder / "uv"))
        stamp.write_text(wanted, encoding="utf-8")
    return Environment(name, python_of(place), installed_size(place))


def _fingerprint(name: str) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in _pins(name):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _pins(name: str) -> tuple[Path, ...]:
    if name == RAGBOT:
        return (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    return (ENVS / f"{name}.txt",)


def _install(name: str, place: Path, uv: Path) -> None:
    began = time.monotonic()
    what = ("-c", ROOT / "constraints.txt", "-e", ROOT)
    wanted = what if name == RAGBOT else ("-r", ENVS / f"{name}.txt")
    environ = {**pip_settings(uv), **os.environ}
    print(f"making the environment of {name} in {place}", file=sys.stderr)
    steps = (
        [uv, "-m", "uv", "venv", "-q", "--clear", "--python", sys.executable, place],
        [
            *(uv, "-m", "uv", "pip", "install", "-q", "--compile-bytecode"),
            *("--python", python_of(place), *UV_OPTIONS, *wanted),
            *("--link-mode", "copy" if name in COPIED else "hardlink"),
        ],
    )
    for step in steps:
        left = INSTALL_SECONDS - (time.monotonic() - began)
        try:
            done = subprocess.run(
                step, env=environ, capture_output=True, text=True, timeout=left, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotInstalledError(f"not installed within {INSTALL_SECONDS:.0f} s") from None
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no message"]
            raise NotInstalledError(f"not installable here: {lines[-1].strip()[:200]}")


def installed_size(place: Path) -> int:
    """Bytes of all files under `place`, hard-linked or not; caches of bytecode included."""
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def versions(python: Path) -> dict[str, str]:
    """Name and version of every package in an environment."""
    program = (
        "import importlib.metadata as m, json\n"
        "print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
    )
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    return dict(sorted(json.loads(done.stdout).items()))


def resolve(folder: Path) -> None:
    """Resolve every `bench/envs/*.in` anew into the `.txt` beside it."""
    uv = ensure_uv(folder / "uv")
    for wanted in sorted(ENVS.glob("*.in")):
        command = [
            *(uv, "-m", "uv", "pip", "compile", "-q", wanted, "--python-version", "3.11"),
            *("--no-annotate", "--no-header", "--upgrade", *UV_OPTIONS),
        ]
        done = subprocess.run(
            command,
            env={**pip_settings(uv), **os.environ},
            capture_output=True,
            text=True,
            check=True,
        )
        # a local build's suffix ("+cpu") is another's missing version
        lines = [line.replace("+cpu", "") for line in done.stdout.splitlines() if "==" in line]
        wanted.with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{wanted.stem}: {len(lines)} packages", file=sys.stderr)


def main() -> None:
    """Make what is missing, or resolve anew."""
    folder = ROOT / ".run" / "bench" / "envs"
    if "--resolve" in sys.argv[1:]:
        resolve(folder)
        return
    for name in (RAGBOT, *sorted(path.stem for path in ENVS.glob("*.in"))):
        made = ensure(name, folder)
        print(f"{name}: {made.size / 1e6:.0f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
