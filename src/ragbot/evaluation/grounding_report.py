"""The table and the plot of a grounding evaluation; the plot is one file without a network."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from ragbot.answering.grounding.verdict import LABELS

COLOURS = {"verifier": "#1f5fa8", "word overlap": "#b9b9b9", "cosine": "#7d8a97"}
_ROW, _BAR, _LEFT, _WIDTH = 64, 16, 170, 460


def table(report: Mapping[str, Any]) -> str:
    """A Markdown table: a line for each set, one for the macro figures, then each confusion."""
    head = "set | pairs | balanced accuracy (95% CI) | word overlap | cosine | AUROC | ECE | "
    head += "shown: share, precision | pairs/s"
    lines = [f"| {head} |", "|" + "---|" * 9]
    lines += [_line(name, figures) for name, figures in report["sets"].items()]
    macro = report["metrics"]
    accuracy, area, error = (macro[name] for name in ("balanced_accuracy", "auroc", "ece"))
    lines.append(
        f"| **macro** | {accuracy['n']} | **{_ranged(accuracy)}** | | | {area['value']:.3f} | "
        f"{error['value']:.3f} | | {report['pairs_per_second']:.0f} |"
    )
    lines += ["", f"Verifier: {report['verifier']}. Baselines at their best threshold per set.", ""]
    for name, figures in report["sets"].items():
        lines += _confusion(name, figures["confusion"])
    return "\n".join(lines) + "\n"


def _line(name: str, figures: Mapping[str, Any]) -> str:
    accuracy, shown = figures["balanced_accuracy"], figures["shown"]
    precision = "-" if shown["precision"] is None else f"{shown['precision']:.0%}"
    cells = [
        name,
        str(accuracy["n"]),
        _ranged(accuracy),
        _baseline(figures, "word overlap"),
        _baseline(figures, "cosine"),
        f"{figures['auroc']['value']:.3f}",
        f"{figures['ece']['value']:.3f}",
        f"{shown['share']:.0%}, {precision}",
        f"{figures['pairs_per_second']:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _ranged(metric: Mapping[str, float]) -> str:
    return f"{metric['value']:.3f} ({metric['low']:.3f} to {metric['high']:.3f})"


def _baseline(figures: Mapping[str, Any], name: str) -> str:
    found = figures["baselines"].get(name)
    return "-" if found is None else f"{found['balanced_accuracy']:.3f}"


def _confusion(name: str, cells: list[list[int]]) -> list[str]:
    lines = [f"| {name}: true \\ said | " + " | ".join(LABELS) + " |", "|---|---|---|---|"]
    lines += [
        f"| {label} | " + " | ".join(map(str, row)) + " |"
        for label, row in zip(LABELS, cells, strict=True)
    ]
    return [*lines, ""]


def plot(report: Mapping[str, Any]) -> str:
    """One SVG picture: balanced accuracy of each set, verifier beside baselines, with intervals."""
    rows = list(report["sets"].items())
    height = _ROW * len(rows) + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 60} {height}" '
        f'role="img" font-family="sans-serif" font-size="12">',
        "<title>Balanced accuracy of each set, beside the baselines' best threshold</title>",
    ]
    for value in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        x = _x(value)
        parts.append(
            f'<path d="M{x:.0f} 24V{height - 40}" stroke="#ddd"/>'
            f'<text x="{x:.0f}" y="18" text-anchor="middle">{value:.1f}</text>'
        )
    for index, (name, figures) in enumerate(rows):
        parts += _bars(name, figures, 32 + index * _ROW)
    parts += _legend(height - 16)
    return "\n".join([*parts, "</svg>", ""])


def _x(value: float) -> float:
    return _LEFT + (max(0.5, value) - 0.5) * 2 * _WIDTH


def _bars(name: str, figures: Mapping[str, Any], top: int) -> list[str]:
    accuracy = figures["balanced_accuracy"]
    values = {"verifier": accuracy["value"]}
    values |= {key: found["balanced_accuracy"] for key, found in figures["baselines"].items()}
    parts = [f'<text x="{_LEFT - 8}" y="{top + 20}" text-anchor="end">{escape(name)}</text>']
    for index, (key, value) in enumerate(values.items()):
        y = top + index * _BAR
        parts.append(
            f'<rect x="{_LEFT}" y="{y}" width="{max(1.0, _x(value) - _LEFT):.1f}" '
            f'height="{_BAR - 3}" fill="{COLOURS.get(key, "#999")}"/>'
            f'<text x="{_x(value) + 26:.1f}" y="{y + 11}">{value:.2f}</text>'
        )
    middle = top + (_BAR - 3) / 2
    low, high = _x(accuracy["low"]), _x(accuracy["high"])
    parts.append(f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#000" stroke-width="1.5"/>')
    return parts


def _legend(y: int) -> list[str]:
    parts = []
    for index, (key, colour) in enumerate(COLOURS.items()):
        x = _LEFT + index * 130
        parts.append(
            f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour}"/>'
            f'<text x="{x + 18}" y="{y}">{key}</text>'
        )
    return parts


def write_report(report: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write `grounding.md` and `grounding.svg` into `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"grounding.md": table(report), "grounding.svg": plot(report)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
