"""Identifiers and facts of a publication, as a file states them, brought into one form."""

from __future__ import annotations

import re
from collections.abc import Iterable

DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>|\\^`{}\[\]]+", re.IGNORECASE)
PMID_SAID = re.compile(
    r"(?:\bPMID:?\s*|(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/)(\d{1,9})\b", re.I
)
PMCID = re.compile(r"\bPMC\s?(\d{3,9})\b", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
CC_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(by(?:-nc)?(?:-nd|-sa)?)|publicdomain/(zero))/(\d\.\d)", re.I
)
CC_SAID = re.compile(r"\bCC[ -]?(0|BY(?:-NC)?(?:-ND|-SA)?)(?:[ -]?(\d\.\d))?(?![\w-])")
CC_LONG = re.compile(
    r"Creative Commons Attribution((?:[ -](?:Non-?Commercial|No ?Deriv(?:ative)?s?|Share ?Alike))*)"
    r"(?: International| Unported)?(?: Public)?(?: \(?(?:CC[ -]BY[\w-]*)\)?)?(?: Licen[cs]e)?"
    r"[ ,(]*(?:version )?(\d\.\d)?",
    re.I,
)
PARTICLES = frozenset(
    ("de", "van", "von", "der", "den", "di", "da", "la", "le", "el", "al", "bin", "ten", "ter")
) | {"dos", "del"}
"""Small words that begin a family name."""
RETRACTED = re.compile(r"^\W*(?:retracted(?: article| paper)?\b\s*[:\-\u2013\u2014.\]])", re.I)
RETRACTED_TYPES = {"retracted publication", "retracted article"}

PEOPLE = (
    r"(?:adult |adolescent |paediatric |pediatric |elderly |older |young |evaluable |eligible |"
    r"consecutive |newly diagnosed |relapsed |refractory |untreated ){0,3}"
    r"(?:patients|adults|children|participants|subjects|adolescents|infants|women|men|individuals)"
)
COUNT = r"(\d{1,3}(?:[, \u2009]\d{3})+|\d{1,6})"
ENROLLED = (
    re.compile(
        rf"\b(?:a total of|we (?:randomly assigned|randomi[sz]ed|enrolled|included|recruited|"
        rf"studied|analy[sz]ed)|(?:randomly assigned|randomi[sz]ed|enrolled|recruited|included))\s+"
        rf"(?:a total of )?{COUNT}\s+{PEOPLE}",
        re.I,
    ),
    re.compile(
        rf"\b{COUNT}\s+{PEOPLE}[^.;:]{{0,60}}?\s(?:were|was)\s+"
        r"(?:randomly assigned|randomi[sz]ed|enrolled|recruited|included)\b",
        re.I,
    ),
)
# The most telling of PubMed's publication types first.
DESIGNS = (
    "Meta-Analysis", "Systematic Review", "Practice Guideline", "Guideline", "Consensus Statement",
    "Randomized Controlled Trial", "Pragmatic Clinical Trial", "Clinical Trial, Phase IV",
    "Clinical Trial, Phase III", "Clinical Trial, Phase II", "Clinical Trial, Phase I",
    "Controlled Clinical Trial", "Clinical Trial", "Observational Study", "Multicenter Study",
    "Case Reports", "Review", "Editorial", "Letter", "Comment", "Comparative Study",
    "Evaluation Study", "Validation Study",
)  # fmt: skip


def doi_in(text: str | None) -> str | None:
    """The first DOI in `text`, without resolver and closing punctuation."""
    found = DOI.search(text or "")
    if found is None:
        return None
    doi = found[0].rstrip(".,;:'\u201d\u2019*")
    while doi.endswith(")") and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".,;:")
    return doi


def pmid_in(text: str | None) -> str | None:
    """The PMID that `text` names as such, in words or as an address."""
    found = PMID_SAID.search(text or "")
    return found[1] if found else None


def pmcid_in(text: str | None) -> str | None:
    """The PMC number in `text`, as "PMC123"."""
    found = PMCID.search(text or "")
    return f"PMC{found[1]}" if found else None


def year_in(text: str | None) -> int | None:
    """The first year in `text`."""
    found = YEAR.search(text or "")
    return int(found[1]) if found else None


def licence_in(text: str | None) -> str | None:
    """The Creative Commons licence that `text` names or links to, as "CC BY 4.0"."""
    if not text:
        return None
    if found := CC_ADDRESS.search(text):
        return f"CC {'0' if found[2] else found[1].upper()} {found[3]}"
    if found := CC_LONG.search(text):
        said = found[1].lower().replace(" ", "").replace("-", "")
        kinds = (("noncommercial", "NC"), ("noderiv", "ND"), ("sharealike", "SA"))
        parts = ["BY", *(short for long, short in kinds if long in said)]
        return f"CC {'-'.join(parts)} {found[2] or ''}".strip()
    if found := CC_SAID.search(text):
        return f"CC {found[1]} {found[2] or ''}".strip()
    return None


def is_retracted(title: str, types: Iterable[str] = ()) -> bool:
    """Whether the title or the publication types say so."""
    return bool(RETRACTED.match(title)) or any(t.lower() in RETRACTED_TYPES for t in types)


def design_of(types: Iterable[str]) -> str | None:
    """The most telling publication type, in lower case; None for "Journal Article" alone."""
    given = {t.strip().lower() for t in types}
    return next((d.lower() for d in DESIGNS if d.lower() in given), None)


def sample_size_in(text: str) -> int | None:
    """How many people were taken in, where `text` says one number, and only one."""
    found = {
        int(re.sub(r"\D", "", match[1])) for pattern in ENROLLED for match in pattern.finditer(text)
    }
    return found.pop() if len(found) == 1 else None


GROUP = re.compile(
    r"^the\s|\b(?:group|consortium|committee|network|investigators|collaborat\w+|society|registry|"
    r"association|organi[sz]ation|initiative|team|alliance|foundation|institute|working party)\b",
    re.I,
)


def person(given: str | None, family: str | None) -> str:
    """A name as PubMed writes it: "Kantarjian HM"."""
    initials = "".join(w[0].upper() for w in re.findall(r"[^\W\d_]+", given or "") if w)
    if given and re.fullmatch(r"[A-Z]{1,4}", given.replace(".", "").replace(" ", "")):
        initials = given.replace(".", "").replace(" ", "")
    return " ".join(part for part in ((family or "").strip(), initials) if part)


def person_in(written: str) -> str:
    """A name written "Family, Given", "Given Family" or "Family GH", as PubMed writes it."""
    written = re.sub(r"\s+", " ", written).strip(" ,;")
    if GROUP.search(written):
        return written
    if "," in written:
        family, given = (part.strip() for part in written.split(",", 1))
        return person(given.split(",")[-1] if re.match(r"(?:Jr|Sr|I+)\b", given) else given, family)
    words = written.split(" ")
    if len(words) == 1 or re.fullmatch(r"[A-Z]{1,4}", words[-1]):
        return written
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in PARTICLES:
        at -= 1
    return person(" ".join(words[:at]), " ".join(words[at:]))
