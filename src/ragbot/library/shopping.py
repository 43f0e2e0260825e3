"""The references that a library lacks, in forms that PubMed and reference managers take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from ragbot.library.linking import Linked

Form = Literal["ris", "bibtex", "pmids", "pubmed"]
FORMS: tuple[Form, ...] = ("ris", "bibtex", "pmids", "pubmed")
Wanted = tuple[str, Linked]
"""The slug of an article, and a reference of it that has no source."""


def written(wanted: Sequence[Wanted], form: Form) -> str:
    """The list in `form`. Only what a reference says is written; nothing is filled in.

    "pmids" holds the PubMed ids alone, "pubmed" one search a line for what has an id or a title.
    """
    once = list({one.cited.text: (slug, one) for slug, one in wanted}.values())
    match form:
        case "ris":
            return _ris(once)
        case "bibtex":
            return _bibtex(once)
        case "pmids":
            return "".join(f"{one.cited.pmid}\n" for _, one in once if one.cited.pmid)
        case "pubmed":
            return "".join(f"{search}\n" for search in map(_search, once) if search)


def _search(wanted: Wanted) -> str:
    cited = wanted[1].cited
    if cited.pmid:
        return f"{cited.pmid}[uid]"
    if cited.doi:
        return f"{cited.doi}[doi]"
    return f"{cited.title}[title]" if cited.title else ""


def _fields(wanted: Wanted) -> Iterable[tuple[str, str]]:
    """What is known, under neutral names."""
    slug, one = wanted
    cited = one.cited
    yield "title", cited.title
    yield "year", str(cited.year or "")
    yield "doi", cited.doi or ""
    yield "pmid", cited.pmid or ""
    yield "note", f"Reference {one.number} of {slug}: {cited.text}"


def _ris(wanted: Sequence[Wanted]) -> str:
    import rispy

    names = {"title": "title", "year": "year", "doi": "doi", "pmid": "accession_number"}
    entries = []
    for entry in wanted:
        fields = dict(_fields(entry))
        record: dict[str, object] = {"type_of_reference": "JOUR"}
        record |= {names[name]: value for name, value in fields.items() if name in names and value}
        if entry[1].cited.authors:
            record["authors"] = list(entry[1].cited.authors)
        entries.append(record | {"notes": [fields["note"]]})
    return str(rispy.dumps(entries))


def _bibtex(wanted: Sequence[Wanted]) -> str:
    import bibtexparser
    from bibtexparser.bibdatabase import BibDatabase

    database = BibDatabase()
    database.entries = [_bibtex_entry(entry) for entry in wanted]
    return str(bibtexparser.dumps(database))


def _bibtex_entry(wanted: Wanted) -> dict[str, str]:
    slug, one = wanted
    plain = {name: value.translate(_BRACES) for name, value in _fields(wanted) if value}
    if one.cited.authors:
        plain["author"] = " and ".join(one.cited.authors)
    return {"ENTRYTYPE": "article", "ID": f"{slug}-{one.number}"} | plain


_BRACES = str.maketrans({"{": "(", "}": ")", "\\": "/"})
