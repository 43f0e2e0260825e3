"""`ragbot missing` and `ragbot link`: references whose source the library lacks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragbot.cli.console import AsJson, Corpus, complain, print_json, say, settings_of, verb
from ragbot.errors import UnknownArticleError, UsageError

if TYPE_CHECKING:
    from ragbot.library.linking import Linked
    from ragbot.types import Document


@verb
def missing(
    slugs: Annotated[list[str] | None, typer.Argument(help="Articles; all without one.")] = None,
    form: Annotated[
        str | None, typer.Option("--export", help="ris, bibtex, pmids or pubmed, on stdout.")
    ] = None,
    corpus: Corpus = None,
    as_json: AsJson = False,
) -> None:
    """List the references whose source is not in the library, to be bought or fetched."""
    from ragbot.library.shopping import FORMS, written

    articles, sources = _library(corpus)
    wanted = [
        (article.id, one)
        for article in _chosen(articles, slugs)
        for one in _linked(article, sources)
    ]
    if form is not None:
        chosen = next((known for known in FORMS if known == form), None)
        if chosen is None:
            raise UsageError(
                f"There is no form {form!r}.", remedy=f"Use one of {', '.join(FORMS)}."
            )
        sys.stdout.write(written(wanted, chosen))
        return
    if as_json:
        print_json({"missing": [{"article": slug, **one.to_dict()} for slug, one in wanted]})
        return
    for slug, one in wanted:
        sys.stdout.write(f"{slug} [{one.number}] {one.cited.text}\n{_seen(one)}")
    say(f"{len(wanted)} references have no source in the library")


@verb
def link(
    slug: Annotated[str, typer.Argument(help="The article.")],
    choices: Annotated[
        list[str] | None, typer.Option("--set", help="NUMBER=SOURCE: what a reference is.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write certain matches into the article.")
    ] = False,
    corpus: Corpus = None,
    as_json: AsJson = False,
) -> None:
    """Match an article's references to the library's sources; write what is certain or set."""
    from ragbot.library.editing import read_text, rewrite, with_reference

    articles, sources = _library(corpus)
    article = _chosen(articles, [slug])[0]
    linked = _linked(article, sources)
    decided = {one.number: one.match.source_id for one in linked if one.match and apply}
    decided |= dict(_choice(choice, sources) for choice in choices or ())
    if decided:
        path = settings_of(corpus, None).corpus / "articles" / article.path
        text = read_text(path)
        for number, source_id in decided.items():
            text = with_reference(text, number, source_id)
        rewrite(path, text, "article")
    if as_json:
        print_json({"article": slug, "references": [o.to_dict() for o in linked], "set": decided})
        return
    for one in linked:
        sys.stdout.write(f"[{one.number}] {one.cited.text}\n{_seen(one)}")
    for number, source_id in decided.items():
        say(f"reference {number} of {slug} is now {source_id}; run `ragbot index`")


def _seen(one: Linked) -> str:
    lines = [f"    not there: {one.named}"] if one.named else []
    ids = [f"DOI {one.cited.doi}" if one.cited.doi else "", f"PMID {one.cited.pmid}"]
    known = [part for part in ids if part and not part.endswith("None")]
    lines += [f"    {', '.join(known)}"] if known else []
    if one.match is not None:
        lines.append(f"    is {one.match.source_id} (by {one.match.by}, {one.match.score:.2f})")
    lines += [f"    perhaps {m.source_id} (by {m.by}, {m.score:.2f})" for m in one.suggestions]
    return "".join(f"{line}\n" for line in lines)


def _choice(choice: str, sources: dict[str, Document]) -> tuple[int, str]:
    number, _, source_id = choice.partition("=")
    if not number.isdecimal() or source_id not in sources:
        raise UsageError(
            f"{choice!r} does not name a reference and a source of the library.",
            remedy="Write --set NUMBER=SOURCE-ID.",
        )
    return int(number), source_id


def _linked(article: Document, sources: dict[str, Document]) -> list[Linked]:
    from ragbot.library.linking import link_article

    return link_article(article, sources)


def _chosen(articles: dict[str, Document], slugs: list[str] | None) -> list[Document]:
    unknown = [slug for slug in slugs or () if slug not in articles]
    if unknown:
        raise UnknownArticleError(
            f"There is no article {unknown[0]!r} in the corpus.",
            remedy=f"Known are: {', '.join(list(articles)[:8])}.",
        )
    return [articles[slug] for slug in slugs or articles]


def _library(corpus: Path | None) -> tuple[dict[str, Document], dict[str, Document]]:
    """The articles and sources of the corpus as they are on disk."""
    from ragbot.library.corpus import Failure, list_corpus, read_files

    articles: dict[str, Document] = {}
    sources: dict[str, Document] = {}
    for found in read_files(list_corpus(settings_of(corpus, None).corpus)):
        if isinstance(found, Failure):
            complain(f"not read: {found.error}")
        else:
            (articles if found.kind == "article" else sources)[found.id] = found
    return articles, sources
