"""The article page, but for its widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ragbot.types import REVIEW_STEPS, ArticleDetails, Document, Marker, ReviewStatus
from ragbot.ui.document_html import body, headings, section_id
from ragbot.ui.markup import STATUS_NAMES, Insertion, element, text
from ragbot.ui.place import Place
from ragbot.ui.references_html import reference_chips, reference_list

BOARD = "All articles are reviewed by a Medical Advisory Board."
PENDING = "For educational purposes only: exercise caution, human review is pending."


def details_of(article: Document) -> ArticleDetails:
    """The front matter's details of an article; empty ones where there are none."""
    if article.article is not None:
        return article.article
    return ArticleDetails("submitted", "", "", "", ())


def review_steps(status: ReviewStatus) -> str:
    """The three steps of the review, the present one marked in words, form and colour."""
    present = REVIEW_STEPS.index(status)
    steps = []
    for index, step in enumerate(REVIEW_STEPS):
        state = "done" if index < present else "now" if index == present else "ahead"
        said = {"done": "passed", "now": "now", "ahead": "not yet"}[state]
        inner = text("span", STATUS_NAMES[step]) + text("span", said, class_="rb-step-state")
        current = "step" if state == "now" else None
        steps.append(element("li", inner, class_=f"rb-step rb-step-{state}", aria_current=current))
    return element("ol", "".join(steps), class_="rb-steps", aria_label="Review status")


def header(article: Document) -> str:
    """Title, board line, review status, last update and editorial policy."""
    details = details_of(article)
    pending = "" if details.status == "approved" else " " + PENDING
    updated = text("p", f"Last updated {details.updated or 'unknown'}", class_="rb-muted")
    policy = ""
    if details.editorial_policy:
        inner = element("summary", "Editorial policy") + text("p", details.editorial_policy)
        policy = element("details", inner, class_="rb-fold")
    parts = [
        text("h1", article.title, class_="rb-title"),
        text("p", BOARD + pending, class_="rb-board"),
        review_steps(details.status),
        element("div", updated + policy, class_="rb-line"),
    ]
    return element("header", "".join(parts), class_="rb-header")


def contents(article: Document) -> str:
    """The table of contents."""
    rows = [
        element(
            "li",
            text(
                "a",
                article.text[b.start : b.end],
                href="#" + section_id(article, b),
                data_rb="jump",
            ),
            class_=f"rb-toc-{min(b.level, 4)}",
        )
        for b in headings(article)
    ]
    rows.append(element("li", text("a", "References", href="#references", data_rb="jump")))
    return element("nav", element("ul", "".join(rows)), class_="rb-toc", aria_label="Contents")


def article_body(
    article: Document,
    sources: Mapping[str, Document],
    place: Place,
    notes: Sequence[Insertion] = (),
) -> str:
    """The body with its citation chips and `notes`, and the reference list."""
    references = {reference.number: reference for reference in details_of(article).references}

    def chips(marker: Marker) -> str:
        return reference_chips(marker, references, sources, place)

    listed = text("h2", "References", id="references", tabindex="-1")
    listed += reference_list(details_of(article).references, sources, place)
    return element("article", body(article, chips, notes=notes) + listed, class_="rb-article")


def disclaimer(words: str) -> str:
    """The professional disclaimer, word for word."""
    return element("div", text("p", words), class_="rb-disclaimer", role="note")


def article_cards(articles: Sequence[Document]) -> str:
    """The articles of the library as a list of links."""
    cards = []
    for article in articles:
        details = details_of(article)
        status = text(
            "span", STATUS_NAMES[details.status], class_=f"rb-status rb-status-{details.status}"
        )
        updated = text("span", f"updated {details.updated}", class_="rb-muted")
        count = len(details.references)
        size = text("span", f"{count} references", class_="rb-muted")
        topics = text("p", " · ".join(details.topics), class_="rb-muted") if details.topics else ""
        title = text("a", article.title, href=Place(article=article.id).href(), data_rb="go")
        meta = element("p", " ".join((status, updated, size)), class_="rb-line")
        cards.append(element("li", element("h2", title) + meta + topics, class_="rb-card"))
    return element("ul", "".join(cards), class_="rb-cards")
