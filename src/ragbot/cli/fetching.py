"""`ragbot metadata`: compare the sources with Crossref and PubMed; off unless agreed to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ragbot.cli.console import AsJson, Corpus, complain, print_json, say, settings_of, verb
from ragbot.errors import FetchError, UnknownDocumentError

if TYPE_CHECKING:
    from ragbot.library.fetching.client import MetadataClient
    from ragbot.library.fetching.records import Record
    from ragbot.settings import Settings
    from ragbot.types import Document


@verb
def metadata(
    names: Annotated[list[str] | None, typer.Argument(help="Sources; all without one.")] = None,
    consent: Annotated[
        bool, typer.Option("--consent", help="Send DOIs and PMIDs to Crossref and NCBI.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Note retractions in the sources' files.")
    ] = False,
    corpus: Corpus = None,
    as_json: AsJson = False,
) -> None:
    """Fetch the sources' records and retraction notices; exit 1 if a source is retracted."""
    from ragbot.library.corpus import Failure, list_corpus, read_files
    from ragbot.library.fetching.client import MetadataClient
    from ragbot.library.fetching.records import differences

    settings = settings_of(corpus, None)
    client = MetadataClient(settings, consent=consent)
    found = read_files([f for f in list_corpus(settings.corpus) if f.kind == "source"])
    sources = {one.id: one for one in found if not isinstance(one, Failure)}
    lines, retracted, failed = [], [], 0
    for name in names or sources:
        if name not in sources:
            raise UnknownDocumentError(f"There is no source {name!r}.", remedy="Check its id.")
        try:
            records = _records(client, settings, sources[name])
        except FetchError as error:
            complain(f"{name}: {error}")
            failed += 1
            continue
        differing = sorted({text for one in records for text in differences(sources[name], one)})
        lines.append(
            {"source": name, "records": [one.to_dict() for one in records], "differs": differing}
        )
        if any(one.retracted for one in records):
            retracted.append(name)
        if not as_json:
            sys.stdout.write(f"{name}: {'; '.join(differing) or _nothing(records)}\n")
    client.close()
    if apply:
        _note(settings, [sources[name] for name in retracted])
    if as_json:
        print_json({"sources": lines, "retracted": retracted, "failed": failed})
    if failed:
        raise typer.Exit(FetchError.exit_code)
    if retracted:
        say(f"retracted: {', '.join(retracted)}")
        raise typer.Exit(1)


def _nothing(records: list[Record]) -> str:
    return "as on file" if records else "no record found"


def _records(client: MetadataClient, settings: Settings, source: Document) -> list[Record]:
    from ragbot.library.fetching.records import from_crossref, from_pubmed

    known = source.bibliography
    found = []
    if known is not None and known.doi:
        found.append(from_crossref(client, settings.crossref_url, known.doi))
    if known is not None and known.pmid:
        found.append(from_pubmed(client, settings.ncbi_url, known.pmid, settings.fetch_contact))
    return [one for one in found if one is not None]


def _note(settings: Settings, sources: list[Document]) -> None:
    from ragbot.library.editing import read_text, rewrite, with_value

    for source in sources:
        path = settings.corpus / "sources" / source.path
        rewrite(path, with_value(read_text(path), "retracted", "true"), "source")
        say(f"{source.id} is noted as retracted; run `ragbot index`")
