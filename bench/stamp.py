"""What a result is stamped with: revision, versions, machine and its load."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from bench.environments import ROOT, Environment, versions
from bench.systems import Spec

SHARED = ("torch", "sentence-transformers", "chromadb", "openai", "numpy")


def revision() -> dict[str, Any]:
    """The commit, and whether files differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = [line for line in git("status", "--porcelain", "src", "bench").splitlines() if line]
    return {"commit": git("rev-parse", "--short=12", "HEAD"), "changed_files": len(changed)}


def machine() -> dict[str, Any]:
    """The machine, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
    }


def moment() -> dict[str, Any]:
    """The time, and the load: processes that wanted a core, over 1, 5 and 15 minutes."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def packages(spec: Spec, environment: Environment) -> dict[str, str]:
    """Versions of the system itself and of what matters to its figures."""
    held: Mapping[str, str] = versions(environment.python)
    return {name: held[name] for name in (spec.package, *SHARED) if name in held}


def command() -> str:
    """The command line, without the folders that lead to its data."""
    words = [word.rsplit("/", 1)[-1] for word in sys.argv[1:]]
    return " ".join(["python -m bench", *words])
