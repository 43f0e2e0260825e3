"""Makes the project's environment: a venv with the pinned packages, resolved by uv.

    python3 tools/environment.py .venv [EXTRA ...]

Needs only Python and pip. pip's configured index, extra indexes and find-links are handed on to
uv, so that a CPU build of torch is taken where one is configured. Nothing is done when the venv
already holds what pyproject.toml and constraints.txt ask for.
"""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = "uv==0.13.9"
STAMP = ".ragbot-environment"
# pip's option -> the variable by which uv takes the same
HANDED_ON = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def fingerprint(extras: list[str]) -> str:
    """Digest of what decides the environment's content."""
    digest = hashlib.sha256(repr((sys.version, sorted(extras))).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def pip_settings(python: Path) -> dict[str, str]:
    """Variables of uv for what `pip config list` says, later lines (the environment) first."""
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, list[str]] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        option = key.rsplit(".", 1)[-1]
        if option in HANDED_ON and value:
            found.setdefault(option, []).extend(str(ast.literal_eval(value)).split())
    separators = {"find-links": ","}
    return {
        HANDED_ON[option]: separators.get(option, " ").join(dict.fromkeys(values))
        if option in {"find-links", "extra-index-url"}
        else values[0]
        for option, values in found.items()
    }


def main() -> int:
    """Make or refresh the environment; gives the exit code."""
    folder, extras = Path(sys.argv[1]).absolute(), sys.argv[2:]
    stamp = folder / STAMP
    wanted = fingerprint(extras)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"making the environment in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
    install_uv = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", UV]
    subprocess.run(install_uv, check=True)
    named = f"[{','.join(extras)}]" if extras else ""
    subprocess.run(
        [
            *(python, "-m", "uv", "pip", "install", "-q", "--python", python),
            *("--index-strategy", "unsafe-best-match", "--prerelease", "if-necessary-or-explicit"),
            *("-c", ROOT / "constraints.txt", "-e", f"{ROOT}{named}"),
        ],
        env={**pip_settings(python), **os.environ},
        check=True,
    )
    stamp.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"the environment could not be made: {error}", file=sys.stderr)
        sys.exit(3)
