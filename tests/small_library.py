"""A tiny library for tests that change it, and how to run the real command on it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragbot.index.generations import MODELS
from ragbot.settings import Settings, load_settings

ALPHA, BETA = "tp53-relapse", "mrd-after-induction"
FIRST, SECOND, THIRD = "trial-2019", "registry-2021", "review-2022"


def link_model(index: Path, models: Path) -> None:
    """Let an index that is yet to be built use the exported model."""
    index.mkdir(parents=True)
    (index / MODELS).symlink_to(models, target_is_directory=True)


def copy_model(index: Path, models: Path) -> None:
    """Give an index a model of its own, for a test that harms it."""
    (index / MODELS).unlink(missing_ok=True)
    shutil.copytree(models, index / MODELS)


def own_settings(folder: Path, models: Path, **overrides: object) -> Settings:
    """Settings whose index, corpus and database lie in `folder`, save what is overridden."""
    link_model(folder / "index", models)
    given = {
        "corpus": folder / "corpus",
        "index": folder / "index",
        "database_url": f"sqlite:///{folder / 'conversations.sqlite'}",
        "threads": 2,
    }
    return load_settings(**(given | overrides))


@dataclass(frozen=True)
class SmallCorpus:
    """A corpus folder with ways to change it."""

    folder: Path

    def article(self, slug: str) -> Path:
        return self.folder / "articles" / f"{slug}.md"

    def source(self, name: str) -> Path:
        return self.folder / "sources" / f"{name}.md"

    def write_article(
        self, slug: str, body: str, references: Mapping[int, str], title: str = ""
    ) -> Path:
        lines = "".join(f"  {number}: {source}\n" for number, source in references.items())
        front = f"title: {title or slug}\nstatus: approved\nupdated: 2026-01-05\nreferences:\n"
        return self._write(self.article(slug), front + (lines or "  {}\n"), body)

    def write_source(self, name: str, body: str, title: str = "") -> Path:
        front = f"title: {title or name}\nyear: 2020\ndoi: 10.1000/{name}\n"
        return self._write(self.source(name), front, body)

    def _write(self, path: Path, front: str, body: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{front}---\n{body}\n", encoding="utf-8")
        return path


ALPHA_BODY = """
# Bottom line

Relapsed B-ALL with a TP53 mutation has a poor outlook: median overall survival was 4.0 months with
chemotherapy and 7.7 months with inotuzumab [1]. A registry found no benefit of transplant [2, 3].

## What to watch

1. After blinatumomab, look for CD19-negative relapse [2].
2. Veno-occlusive disease followed inotuzumab in 11% of patients [1].

White cells above 50*10^9/L at diagnosis predicted early death [3].
"""
BETA_BODY = """
# Bottom line

Measurable residual disease below 10^-4 after induction predicts survival [1].

| Group | Five-year survival |
| --- | --- |
| negative | 81% [1] |
| positive | 45% [1] |

Low hypodiploidy with a germline TP53 variant calls for genetic counselling [2].
"""
SOURCE_BODIES = {
    FIRST: "The trial randomised 326 adults. Median overall survival was 7.7 versus 4.0 months. "
    "Veno-occlusive disease occurred in 11% of patients given inotuzumab.",
    SECOND: "The registry held 112 adults with TP53-mutated disease. Transplant in first remission "
    "did not improve survival. CD19-negative relapse followed blinatumomab in 8 of 31 patients.",
    THIRD: "This review covers hypodiploid leukaemia in children. Half of the children with low "
    "hypodiploidy carry a germline TP53 variant. Survival was 81% where residual disease was gone.",
}


def write_small_corpus(folder: Path) -> SmallCorpus:
    """Two articles and three sources in `folder`."""
    corpus = SmallCorpus(folder)
    for name, body in SOURCE_BODIES.items():
        corpus.write_source(name, body)
    corpus.write_article(
        ALPHA, ALPHA_BODY, {1: FIRST, 2: SECOND, 3: THIRD}, "TP53 and relapse of B-ALL"
    )
    corpus.write_article(
        BETA, BETA_BODY, {1: THIRD, 2: SECOND}, "Residual disease after induction of B-ALL"
    )
    return corpus


def command_line(arguments: Sequence[str]) -> list[str]:
    """The real command with the interpreter of the tests."""
    return [str(Path(sys.executable).with_name("ragbot")), *arguments]


def environment_of(settings: Settings, **more: str) -> dict[str, str]:
    """An environment in which a process of its own finds these settings."""
    return {
        **os.environ,
        "RAGBOT_CORPUS": str(settings.corpus),
        "RAGBOT_INDEX": str(settings.index),
        "RAGBOT_DATABASE_URL": settings.database_url,
        "RAGBOT_THREADS": str(settings.threads),
        **more,
    }
