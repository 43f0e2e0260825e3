"""A page of a PDF as an image with passages marked."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

from ragbot.errors import DocumentError

MOST_PIXELS = 6_000_000
MARK = (255, 214, 0, 110)


def page_png(
    data: bytes, page: int, boxes: Sequence[Sequence[float]], width: int
) -> dict[str, Any]:
    """`page` (from 1) as PNG (base64), `width` pixels wide, with `boxes` (points) marked."""
    import pypdfium2
    from PIL import Image, ImageDraw

    document = pypdfium2.PdfDocument(data)
    try:
        if not 1 <= page <= len(document):
            raise DocumentError(
                f"It has no page {page}: it has {len(document)}.", remedy="Name one of those."
            )
        held = document[page - 1]
        wide, high = held.get_size()
        scale = min(width / wide, (MOST_PIXELS / (wide * high)) ** 0.5)
        shown = [_on_image(box, _cut_off(held), scale) for box in boxes]
        image = held.render(scale=scale).to_pil().convert("RGBA")
    finally:
        document.close()
    marks = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(marks)
    for box in shown:
        draw.rectangle(box, fill=MARK)
    written = io.BytesIO()
    Image.alpha_composite(image, marks).convert("RGB").save(written, "PNG")
    return {
        "boxes": shown,
        "png": base64.b64encode(written.getvalue()).decode(),
        "width": image.width,
        "height": image.height,
    }


def _cut_off(page: Any) -> tuple[float, float]:
    """How much of the sheet the page leaves out at its left and at its top, in points."""
    if page.get_rotation():
        return 0.0, 0.0
    left, _, _, top = page.get_mediabox()
    crop_left, _, _, crop_top = page.get_cropbox()
    return max(crop_left - left, 0.0), max(top - crop_top, 0.0)


def _on_image(box: Sequence[float], cut_off: tuple[float, float], scale: float) -> list[float]:
    """A box of the sheet in points as one of the image in pixels, a point wider all around."""
    x0, top, x1, bottom = box
    left, above = cut_off
    return [
        (x0 - left - 1) * scale,
        (top - above - 1) * scale,
        (x1 - left + 1) * scale,
        (bottom - above + 1) * scale,
    ]
