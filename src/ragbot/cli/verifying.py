"""`ragbot verify`: whether evidence supports a claim, pair by pair."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ragbot.cli.console import verb
from ragbot.errors import UsageError
from ragbot.settings import load_settings

AT_ONCE = 256

Pair = tuple[str, str, str]


@verb
def verify(
    pairs: Annotated[
        Path, typer.Argument(help='JSON lines of {"id", "claim", "evidence"}; - for stdin.')
    ],
    verifier: Annotated[
        str | None, typer.Option("--verifier", help="shipped, overlap, chat or cross-encoder:NAME.")
    ] = None,
) -> None:
    """Judge pairs: one JSON line each with id, label and score."""
    from ragbot.answering.wiring import grounding_verifier

    settings = load_settings(verifier=verifier)
    judge = grounding_verifier(settings)
    for batch in _batches(_read(pairs)):
        for (name, _, _), verdict in zip(
            batch, judge.verify_batch([(claim, text) for _, claim, text in batch]), strict=True
        ):
            line = {
                "id": name,
                "label": verdict.label,
                "score": verdict.score,
                "contradiction": verdict.contradiction,
                "start": verdict.start,
                "end": verdict.end,
                "shown": verdict.shown,
                "rules": verdict.rules,
            }
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def _batches(pairs: Iterator[Pair]) -> Iterator[list[Pair]]:
    batch: list[Pair] = []
    for pair in pairs:
        batch.append(pair)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(path: Path) -> Iterator[Pair]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The file {path} cannot be read ({error}).", remedy="Name a file of JSON lines."
        ) from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _pair(line, f"{path}:{number}")


def _pair(line: str, where: str) -> Pair:
    try:
        entry = json.loads(line)
        name, claim, evidence = entry["id"], entry["claim"], entry["evidence"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{where} is not a pair ({error!r}).",
            remedy='Write {"id": ..., "claim": ..., "evidence": ...} on one line.',
        ) from error
    return name, str(claim), str(evidence)
