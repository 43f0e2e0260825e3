"""BibTeX, with LaTeX's accents."""

from __future__ import annotations

import re
from typing import Any

from ragbot.library.readers.detect import decoded
from ragbot.library.readers.identifiers import (
    doi_in,
    licence_in,
    person_in,
    pmcid_in,
    pmid_in,
    year_in,
)
from ragbot.library.readers.model import File, Reading
from ragbot.library.readers.records import Record, readings_of, split_abstract

ENTRY = re.compile(r"(?im)^[ \t]*@(?!comment|preamble|string)([a-z]+)\s*[{(]\s*([^,\s}]*)")
STRINGS = re.compile(r"(?im)^[ \t]*@string\s*[{(].*?[})]\s*$")
UPRIGHT = re.compile(r"\\(?:textrm|mathrm|text|textup|mathsf|rm)\s*\{([^{}]*)\}")
MATH_POWER = re.compile(r"\$?\^(?:\{\s*([-\u2212]?\d{1,3})\s*\}|([-\u2212]?\d{1,3}))\$?")
MINUS = "\u2212"
MATH_SIGNS = {
    r"\times": "×", r"\leq": "≤", r"\geq": "≥", r"\le": "≤", r"\ge": "≥", r"\pm": "±",
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\kappa": "κ", r"\mu": "μ", r"\sim": "~",
    r"\textendash": "–", r"\textemdash": "—", r"\textless": "<", r"\textgreater": ">", r"\%": "%",
    r"\&": "&", r"\_": "_", r"\#": "#", r"\$": "$",
}  # fmt: skip


def read(file: File) -> list[Reading]:
    """One source an entry; an entry that does not parse keeps no other out."""
    text, _ = decoded(file.data)
    text = re.sub(r"\r\n?", "\n", text).replace("\0", "")
    strings = "\n".join(found[0] for found in STRINGS.finditer(text))
    starts = [found.start() for found in ENTRY.finditer(text)]
    pieces = [
        f"{strings}\n{text[start:end]}"
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]
    return readings_of(pieces, _record, "bibtex", "BibTeX")


def _record(piece: Any) -> Record:
    import bibtexparser
    from bibtexparser.bparser import BibTexParser

    parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False)
    try:
        entries = bibtexparser.loads(piece, parser=parser).entries
    except Exception as error:  # the parser lets pyparsing's and its own errors through
        raise ValueError(" ".join(str(error).split())[:100]) from error
    if not entries:
        key = ENTRY.search(piece)
        raise ValueError(f"{key[2] if key else ''}: it is not closed, or not BibTeX")
    raw = entries[0]
    entry = {name.lower(): plain(value) for name, value in raw.items() if isinstance(value, str)}
    said = " ".join(entry.get(k, "") for k in ("note", "url", "annote"))
    return Record(
        title=entry.get("title", ""),
        authors=[_name(name) for name in _names(raw.get("author", ""))],
        journal=entry.get("journal") or entry.get("journaltitle") or entry.get("booktitle"),
        year=year_in(entry.get("year") or entry.get("date")),
        volume=entry.get("volume"),
        issue=entry.get("number") or entry.get("issue"),
        pages=re.sub(r"\s*(?:--|\u2013)\s*", "-", entry.get("pages", "")) or None,
        doi=doi_in(entry.get("doi")) or doi_in(entry.get("url")),
        pmid=_digits(entry.get("pmid")) or _eprint(entry) or pmid_in(said),
        pmcid=pmcid_in(entry.get("pmcid") or entry.get("pmc")),
        url=entry.get("url") if entry.get("url", "").startswith("http") else None,
        licence=licence_in(entry.get("copyright") or entry.get("license") or entry.get("licence"))
        or licence_in(said),
        abstract=split_abstract(entry.get("abstract", "")),
        retracted="retracted" in entry.get("keywords", "").lower()
        or "retracted" in entry.get("note", "").lower(),
    )


def plain(value: str) -> str:
    """LaTeX as text: accents as letters, powers as "^6", braces gone."""
    from bibtexparser.latexenc import latex_to_unicode

    value = re.sub(r"\\textsuperscript\s*\{(-?\d{1,3})\}", r"^\1", value)
    value = UPRIGHT.sub(r"\1", value)
    value = MATH_POWER.sub(lambda f: f"^{(f[1] or f[2]).replace(MINUS, '-')}", value)
    for sign, letter in MATH_SIGNS.items():
        tail = r"(?![a-zA-Z])" if sign[-1].isalpha() else ""
        value = re.sub(re.escape(sign) + tail, letter, value)
    value = re.sub(r"(?<!\\)\$", "", value)
    value = re.sub(r"---?", lambda found: "\u2013" if len(found[0]) == 2 else "\u2014", value)
    value = re.sub(r"(?<!\\)~", " ", value) if "\\" in value or "{" in value else value
    value = re.sub(r"\\(?:emph|textit|textbf|mathrm|text|textsc|rm)\s*\{", "{", value)
    return str(latex_to_unicode(value)).replace("{", "").replace("}", "")


def _names(value: str) -> list[str]:
    """Names apart at "and" outside braces; a name in braces is a group's."""
    names, depth, start = [], 0, 0
    for found in re.finditer(r"[{}]|\s+and\s+", value):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth -= 1
        elif depth == 0:
            names.append(value[start : found.start()])
            start = found.end()
    names.append(value[start:])
    return [name.strip() for name in names if name.strip() and name.strip() != "others"]


def _name(written: str) -> str:
    if re.fullmatch(r"\{[^{}]*\}", written):
        return plain(written)
    return person_in(plain(written))


def _digits(text: str | None) -> str | None:
    return text if text and text.isdigit() else None


def _eprint(entry: dict[str, str]) -> str | None:
    is_pubmed = "pubmed" in entry.get("eprinttype", entry.get("archiveprefix", "")).lower()
    return _digits(entry.get("eprint")) if is_pubmed else None
