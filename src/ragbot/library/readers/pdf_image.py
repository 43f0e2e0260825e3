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
        image = held.render(scale=scale).to_pil().convert("RGBA")
    finally:
        document.close()
    marks = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(marks)
    for x0, top, x1, bottom in boxes:
        draw.rectangle(
            [(x0 - 1) * scale, (top - 1) * scale, (x1 + 1) * scale, (bottom + 1) * scale], fill=MARK
        )
    written = io.BytesIO()
    Image.alpha_composite(image, marks).convert("RGB").save(written, "PNG")
    return {
        "png": base64.b64encode(written.getvalue()).decode(),
        "width": image.width,
        "height": image.height,
    }
