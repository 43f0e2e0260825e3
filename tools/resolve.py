"""Resolves every version anew into constraints.txt for the oldest Python served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from environment import ROOT, pip_settings

TARGET = ROOT / "constraints.txt"


def main() -> None:
    """Write constraints.txt."""
    python = Path(sys.executable)
    command = [
        *(python, "-m", "uv", "pip", "compile", "-q", "pyproject.toml", "--all-extras"),
        *("--python-version", "3.11", "--no-annotate", "--no-header"),
        *("--index-strategy", "unsafe-best-match", "--upgrade"),
    ]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**pip_settings(python), **os.environ},
        capture_output=True,
        text=True,
        check=True,
    )
    # a local build's suffix ("+cpu") is another's missing version
    lines = [line.replace("+cpu", "") for line in result.stdout.splitlines() if "==" in line]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(lines)} packages", file=sys.stderr)


if __name__ == "__main__":
    main()
