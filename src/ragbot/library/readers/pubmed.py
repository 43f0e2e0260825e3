"""PubMed XML: `PubmedArticleSet`, as PubMed and E-utilities export it."""

from __future__ import annotations

from typing import Any

from ragbot.library.readers.identifiers import design_of, doi_in, pmcid_in, year_in
from ragbot.library.readers.model import File, Reading
from ragbot.library.readers.records import Record, readings_of
from ragbot.library.readers.xml_tree import tree_of, words

RETRACTED_BY = {"RetractionIn", "PartialRetractionIn"}


def read(file: File) -> list[Reading]:
    """One source a record."""
    root = tree_of(file.data)
    found = [root] if root.tag == "PubmedArticle" else root.findall(".//PubmedArticle")
    return readings_of(found, _record, "pubmed", "PubMed")


def _record(entry: Any) -> Record:
    article = entry.find(".//Article")
    types = [words(kind).strip() for kind in entry.findall(".//PublicationType")]
    ids = {
        node.get("IdType"): (node.text or "").strip()
        for node in entry.findall("./PubmedData/ArticleIdList/ArticleId")
    }
    located = next(
        (words(n) for n in entry.findall(".//ELocationID") if n.get("EIdType") == "doi"), ""
    )
    return Record(
        title=words(article.find("ArticleTitle")) or words(article.find("VernacularTitle")),
        authors=[
            name for node in article.findall("./AuthorList/Author") if (name := _author(node))
        ],
        journal=words(article.find("./Journal/Title"))
        or words(article.find("./Journal/ISOAbbreviation")),
        year=_year(article),
        volume=words(article.find("./Journal/JournalIssue/Volume")) or None,
        issue=words(article.find("./Journal/JournalIssue/Issue")) or None,
        pages=words(article.find("./Pagination/MedlinePgn")) or None,
        doi=doi_in(ids.get("doi")) or doi_in(located),
        pmid=(words(entry.find("./MedlineCitation/PMID")) or ids.get("pubmed") or "").strip()
        or None,
        pmcid=pmcid_in(ids.get("pmc")),
        types=types,
        design=design_of(types),
        abstract=[
            (n.get("Label") or "", words(n)) for n in article.findall("./Abstract/AbstractText")
        ],
        retracted=any(n.get("RefType") in RETRACTED_BY for n in entry.iter("CommentsCorrections")),
    )


def _author(node: Any) -> str:
    if group := words(node.find("CollectiveName")).strip():
        return group
    family, initials = words(node.find("LastName")).strip(), words(node.find("Initials")).strip()
    suffix = words(node.find("Suffix")).strip()
    return " ".join(part for part in (family, initials, suffix) if part)


def _year(article: Any) -> int | None:
    issue = article.find("./Journal/JournalIssue/PubDate")
    if issue is not None and (
        year := year_in(words(issue.find("Year")) or words(issue.find("MedlineDate")))
    ):
        return year
    return year_in(words(article.find("./ArticleDate/Year")))
