"""Small pieces of HTML. Text of sources, questions and models goes in escaped, never as markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode, urlsplit

Attributes = Mapping[str, str | bool | None]

STATUS_NAMES = {
    "submitted": "Submitted",
    "under_review": "Under review",
    "approved": "Approved",
}


def element(tag: str, inner: str = "", /, **attributes: str | bool | None) -> str:
    """`inner` (HTML) in a tag; names lose a last "_" and turn other "_" into "-"."""
    parts = [tag]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        written = name.rstrip("_").replace("_", "-")
        parts.append(written if value is True else f'{written}="{escape(str(value))}"')
    return f"<{' '.join(parts)}>{inner}</{tag}>"


def text(tag: str, content: str, /, **attributes: str | bool | None) -> str:
    """`content` as plain text in a tag, in the direction that its own letters ask for."""
    return element(tag, escape(content), dir="auto", **attributes)


def error_html(message: str) -> str:
    """An error as one line with its remedy."""
    return element("div", text("p", message), class_="rb-error", role="alert")


def link(content: str, href: str, **attributes: str | bool | None) -> str:
    """A link of this app, or, where `href` leads out of it, one to a new tab."""
    outside = not href.startswith(("?", "#", "/"))
    target: str | None = "_blank" if outside else None
    return element("a", escape(content), href=href, target=target, **attributes)


def query(**parameters: str | None) -> str:
    """`?name=value&...` of the parameters that are given."""
    given = {name: value for name, value in parameters.items() if value}
    return "?" + urlencode(given)


def doi_url(doi: str) -> str:
    """The resolver's address of a DOI."""
    return "https://doi.org/" + quote(doi, safe="/;().:_-")


def pubmed_url(pmid: str) -> str:
    """PubMed's address of a publication."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{quote(pmid, safe='')}/"


def safe_url(url: str | None) -> str | None:
    """`url` if it is an http(s) address, else None."""
    if url is None:
        return None
    return url if urlsplit(url).scheme in {"http", "https"} else None


@dataclass(frozen=True, slots=True)
class Insertion:
    """HTML that goes into a run of text at an offset, and is no part of the text."""

    offset: int
    html: str


def run_of_text(
    content: str,
    start: int,
    end: int,
    insertions: Sequence[Insertion] = (),
    highlights: Iterable[tuple[int, int]] = (),
) -> str:
    """`content[start:end]` escaped, with insertions at their offsets and highlights marked."""
    marked = [(max(a, start), min(b, end)) for a, b in highlights if a < end and b > start]
    within = [item for item in insertions if start <= item.offset <= end]
    cuts = sorted(
        {start, end, *(i.offset for i in within), *(at for pair in marked for at in pair)}
    )
    parts: list[str] = []
    for at, upto in zip(cuts, [*cuts[1:], cuts[-1]], strict=True):
        parts += [item.html for item in within if item.offset == at]
        piece = escape(content[at:upto])
        if piece and any(a <= at and upto <= b for a, b in marked):
            piece = f"<mark>{piece}</mark>"
        parts.append(piece)
    return "".join(parts)


def scrolled(table: str, name: str | None = None) -> str:
    """A table in a frame that scrolls sideways, by the keyboard too."""
    return element("div", table, class_="rb-table", tabindex="0", role="group", aria_label=name)
