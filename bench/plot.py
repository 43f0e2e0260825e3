"""The plot in the README: ragbot and its peers, by cold start, warm answer and memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report import Measure, figure, megabytes, milliseconds, score, seconds

PANELS = (
    (Measure("cold first answer, outside the model (s)", ("cold", "s", "p50"), seconds), 1.0),
    (Measure("warm answer, outside the model, p50 (ms)", ("warm", "ms", "p50"), milliseconds), 1.0),
    (Measure("memory while answering (MB)", ("warm", "peak_bytes"), megabytes), 1e-6),
)
OWN, PEER = "#0b6e4f", "#9aa5b1"


def panels(result: Mapping[str, Any]) -> list[tuple[Measure, float]]:
    """The panels for which there are figures; the first pool's nDCG@10 is one of them."""
    wanted = list(PANELS)
    for pool in list(result["pools"])[:1]:
        path = ("retrieval", pool, "as asked", "nDCG@10")
        wanted.append((Measure(f"{pool}, nDCG@10", path, score), 1.0))
    systems = result["systems"].values()
    return [
        (row, scale)
        for row, scale in wanted
        if any(figure(found, row.path) is not None for found in systems)
    ]


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Write the plot to `path` (.svg or .png)."""
    import altair as alt

    charts = []
    order = [found["label"] for found in result["systems"].values()]
    for row, scale in panels(result):
        values = [
            {"system": found["label"], "value": value * scale, "own": found["is_ragbot"]}
            for found in result["systems"].values()
            if (value := figure(found, row.path)) is not None
        ]
        for entry in values:
            entry["text"] = row.write(entry["value"] / scale)
        base = alt.Chart(alt.Data(values=values)).encode(
            y=alt.Y("system:N", sort=order, title=None, axis=alt.Axis(labelLimit=200)),
            x=alt.X(
                "value:Q",
                title=None,
                axis=alt.Axis(tickCount=4),
                scale=alt.Scale(domain=[0, 1.25 * max(entry["value"] for entry in values)]),
            ),
        )
        colour = alt.condition("datum.own", alt.value(OWN), alt.value(PEER))
        bars = base.mark_bar(height=14).encode(color=colour)
        texts = base.mark_text(align="left", dx=4, fontSize=11).encode(text="text:N")
        chart = (bars + texts).properties(width=270, height=130, title=row.label)
        charts.append(chart)
    grid = alt.concat(*charts, columns=2, spacing=26).configure_view(stroke=None)
    grid = grid.configure_title(anchor="start", fontSize=13).configure(background="white")
    path.parent.mkdir(parents=True, exist_ok=True)
    grid.save(str(path))
