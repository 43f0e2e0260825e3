"""Where the article and its source differ: both, side by side, each with its chip."""

from __future__ import annotations

from collections.abc import Mapping

from ragbot.answering.compose import population_words
from ragbot.types import Citation, Contrast, Side
from ragbot.ui.markup import element, text
from ragbot.ui.place import Place
from ragbot.ui.references_html import citation_chip


def contrast_html(contrast: Contrast, cited: Mapping[str, Citation], place: Place) -> str:
    """What the article says and what the cited source says, and in what they differ."""
    sides = (("The article says", contrast.article), ("The source says", contrast.source))
    drawn = "".join(_side(said, side, cited, place) for said, side in sides)
    differ = text("p", f"≠ They differ: {contrast.detail}", class_="rb-differ")
    return element("div", differ + drawn, class_="rb-contrast", role="group",
                   aria_label="Where the article and its source differ")  # fmt: skip


def _side(said: str, side: Side, cited: Mapping[str, Citation], place: Place) -> str:
    citation = cited.get(side.key)
    opened = element("span", citation_chip(citation, place), class_="rb-chips") if citation else ""
    label = element("p", text("span", said, class_="rb-muted") + opened)
    whom = population_words(side.population)
    people = text("p", whom, class_="rb-muted") if whom else ""
    return element("div", label + text("q", side.text) + people, class_="rb-side")
