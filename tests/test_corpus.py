"""The shipped library keeps its promises: citations resolve, figures are sourced.

Plain checks on the files themselves, without ragbot: each check takes a corpus folder and returns
the faults it finds, so that the second half of this file proves that every check sees damage.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

CORPUS = Path(__file__).parents[1] / "corpus"

SOURCE_KEYS = {
    "id",
    "title",
    "title_complete",
    "authors",
    "journal",
    "year",
    "doi",
    "pmid",
    "pmcid",
    "url",
    "licence",
    "design",
    "population",
    "age_group",
    "disease",
    "sample_size",
    "content",
    "identity",
    "retracted",
    "caveats",
}
ARTICLE_KEYS = {
    "title",
    "status",
    "updated",
    "audience",
    "editorial_policy",
    "topics",
    "references",
}
UNCITED_ALLOWED: set[str] = set()
"""Sources that no article needs to cite."""

MARKER = re.compile(r"\[(\d+(?:, \d+)*)\]")
SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z0-9\[])")
FIGURE = re.compile(r"(?<![A-Za-z0-9.:-])\d+(?:[.,]\d+)*%?|(?<=\d-)\d+(?:\.\d+)*%?")
DANGLING = re.compile(r"(?:It|Its|They|Their|This|These|That|Those|He|She|His|Her)\b")
DISCLAIMER = re.compile(
    r"disclaimer|no liability|clinical judgement|does not replace|medical advice", re.IGNORECASE
)


def split(path: Path) -> tuple[dict[str, Any], str]:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


def documents(corpus: Path, kind: str) -> dict[str, tuple[dict[str, Any], str]]:
    return {path.stem: split(path) for path in sorted((corpus / kind).glob("*.md"))}


def sentences(body: str) -> Iterator[str]:
    """The sentences of a body, headings and list signs left out."""
    for line in body.splitlines():
        text = re.sub(r"^\s*(?:- |\d+\. )", "", line).strip()
        if text and not text.startswith("#"):
            yield from SENTENCE_END.split(text)


def markers(sentence: str) -> list[int]:
    return [int(number) for group in MARKER.findall(sentence) for number in group.split(", ")]


def figures(text: str) -> list[str]:
    return FIGURE.findall(text)


def reads_as_figure(figure: str, text: str) -> bool:
    """Whether a figure stands in a text in the same notation, not as part of a longer number."""
    return re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d%]|\.\d|,\d)", text) is not None


def faults_in_sources(corpus: Path) -> list[str]:
    faults = []
    for stem, (front, body) in documents(corpus, "sources").items():
        wrong = [
            name
            for name, right in {
                "keys": set(front) == SOURCE_KEYS,
                "id": front.get("id") == stem
                and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", stem) is not None,
                "title": bool(front.get("title")),
                "title_complete": front.get("title_complete")
                is not (
                    str(front.get("title")).startswith("[") or str(front.get("title")).endswith("…")
                ),
                "authors": isinstance(front.get("authors"), list)
                and all(isinstance(a, str) for a in front["authors"]),
                "year": front.get("year") is None
                or (type(front["year"]) is int and 1950 < front["year"] < 2100),
                "doi": front.get("doi") is None or str(front["doi"]).startswith("10."),
                "pmid": front.get("pmid") is None
                or (isinstance(front["pmid"], str) and front["pmid"].isdigit()),
                "pmcid": front.get("pmcid") is None
                or re.fullmatch(r"PMC\d+", front["pmcid"]) is not None,
                "url": re.match(r"https?://", str(front.get("url"))) is not None,
                "design": bool(front.get("design"))
                and bool(front.get("population"))
                and bool(front.get("disease")),
                "age_group": front.get("age_group", "") in {"adult", "paediatric", "mixed", None},
                "sample_size": front.get("sample_size") is None
                or type(front["sample_size"]) is int,
                "content": front.get("content") == "summary"
                and front.get("identity") in {"full", "partial"},
                "retracted": front.get("retracted") is False,
                "caveats": isinstance(front.get("caveats"), list),
                "opening": body.strip().startswith(
                    "The text below is a summary, in our own words, of "
                ),
                "sections": "\n## Design and population\n" in body and "\n## Findings\n" in body,
                "reference": any(
                    str(front.get(key)) in body for key in ("doi", "pmid", "pmcid", "url")
                ),
            }.items()
            if not right
        ]
        faults += [f"{stem}: {name}" for name in wrong]
    return faults


def faults_in_articles(corpus: Path) -> list[str]:
    faults = []
    for stem, (front, body) in documents(corpus, "articles").items():
        wrong = [
            name
            for name, right in {
                "keys": set(front) == ARTICLE_KEYS,
                "title": str(front.get("title")).endswith("?"),
                "status": front.get("status") in {"submitted", "under_review", "approved"},
                "updated": isinstance(front.get("updated"), date),
                "audience": front.get("audience") == "clinician",
                "editorial_policy": bool(front.get("editorial_policy")),
                "topics": isinstance(front.get("topics"), list) and bool(front["topics"]),
                "bottom line first": body.strip().startswith("## Bottom line\n"),
                "uncertainty last": re.findall(r"^## (.*)$", body, re.MULTILINE)[-1:]
                == ["What remains uncertain"],
                "length": 500 <= len(body.split()) <= 1700,
            }.items()
            if not right
        ]
        faults += [f"{stem}: {name}" for name in wrong]
    return faults


def faults_in_references(corpus: Path) -> list[str]:
    """Markers without a reference, references without a source, numbers out of order."""
    known = documents(corpus, "sources")
    faults = []
    for stem, (front, body) in documents(corpus, "articles").items():
        references = front["references"]
        order = list(
            dict.fromkeys(number for sentence in sentences(body) for number in markers(sentence))
        )
        faults += [
            f"{stem}: [{number}] has no reference" for number in order if number not in references
        ]
        faults += [
            f"{stem}: [{number}] is never cited" for number in references if number not in order
        ]
        if order != sorted(order) or order != list(range(1, len(order) + 1)):
            faults.append(f"{stem}: not numbered by first citation: {order}")
        for number, reference in references.items():
            if isinstance(reference, dict):
                if set(reference) != {"missing", "citation"} or reference["missing"] is not True:
                    faults.append(f"{stem}: [{number}] is neither a source nor a missing one")
            elif reference not in known:
                faults.append(f"{stem}: [{number}] points at no source: {reference}")
        named = [reference for reference in references.values() if isinstance(reference, str)]
        faults += [
            f"{stem}: {name} has two numbers" for name in set(named) if named.count(name) > 1
        ]
    return faults


def faults_in_citing(corpus: Path) -> list[str]:
    """Statements without a marker, and markers that do not stand right before the full stop."""
    faults = []
    for stem, (_, body) in documents(corpus, "articles").items():
        for sentence in sentences(body):
            lead_in, about_the_library = sentence.endswith(":"), "in this library" in sentence
            if not (markers(sentence) or lead_in or about_the_library):
                faults.append(f"{stem}: no marker: {sentence}")
            if markers(sentence) and not re.search(r" \[\d+(?:, \d+)*\]\.$", sentence):
                faults.append(f"{stem}: marker not before the full stop: {sentence}")
            if sentence.count("[") != len(MARKER.findall(sentence)):
                faults.append(f"{stem}: unreadable marker: {sentence}")
    return faults


def faults_in_figures(corpus: Path) -> list[str]:
    """Figures of a sentence that no source cited in it has in the same notation."""
    known = documents(corpus, "sources")
    faults = []
    for stem, (front, body) in documents(corpus, "articles").items():
        for sentence in sentences(body):
            cited = [front["references"].get(number) for number in markers(sentence)]
            texts = [
                reference["citation"] if isinstance(reference, dict) else known[reference][1]
                for reference in cited
                if isinstance(reference, dict) or reference in known
            ]
            for figure in figures(MARKER.sub("", sentence)):
                if not any(reads_as_figure(figure, text) for text in texts):
                    faults.append(f"{stem}: {figure} is in no source cited here: {sentence}")
    return faults


def faults_in_coverage(corpus: Path) -> list[str]:
    cited = {
        reference
        for front, _ in documents(corpus, "articles").values()
        for reference in front["references"].values()
        if isinstance(reference, str)
    }
    return [
        f"{stem}: cited by no article"
        for stem in documents(corpus, "sources")
        if stem not in cited | UNCITED_ALLOWED
    ]


def faults_in_wording(corpus: Path) -> list[str]:
    """Sentences that cannot be read alone, and disclaimers, which are the code's to add."""
    faults = []
    for kind in ("sources", "articles"):
        for stem, (_, body) in documents(corpus, kind).items():
            faults += [
                f"{stem}: starts with a pronoun: {text}"
                for text in sentences(body)
                if DANGLING.match(text)
            ]
            faults += [
                f"{stem}: no full stop: {text}" for text in sentences(body) if text[-1] not in ".:"
            ]
            if DISCLAIMER.search((corpus / kind / f"{stem}.md").read_text(encoding="utf-8")):
                faults.append(f"{stem}: holds a disclaimer")
    return faults


CHECKS = [
    faults_in_sources,
    faults_in_articles,
    faults_in_references,
    faults_in_citing,
    faults_in_figures,
    faults_in_coverage,
    faults_in_wording,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_shipped_library_has_no_faults(check: Callable[[Path], list[str]]) -> None:
    assert check(CORPUS) == []


def test_the_library_is_as_large_as_promised() -> None:
    articles, sources = documents(CORPUS, "articles"), documents(CORPUS, "sources")
    assert len(articles) >= 6
    assert len(sources) >= 45
    assert (
        articles["tp53-b-all"][0]["title"]
        == "What is the prognosis and treatment for B-ALL with a TP53 mutation?"
    )
    assert "Evidence disagrees" in articles["tp53-b-all"][1]


def test_no_article_claims_an_approval_that_nobody_gave() -> None:
    assert {front["status"] for front, _ in documents(CORPUS, "articles").values()} == {
        "submitted",
        "under_review",
    }


def test_a_reference_outside_the_library_is_shown_as_missing() -> None:
    fronts = [front for front, _ in documents(CORPUS, "articles").values()]
    assert any(
        isinstance(reference, dict)
        for front in fronts
        for reference in front["references"].values()
    )


SOURCE = "sources/aldoss-2025-blinatumomab-tp53.md"
ARTICLE = "articles/tp53-b-all.md"


@pytest.mark.parametrize(
    ("check", "file", "old", "new"),
    [
        (faults_in_sources, SOURCE, "id: aldoss-2025-blinatumomab-tp53", "id: aldoss-2025"),
        (faults_in_sources, SOURCE, "pmid: '39820649'", "pmid: 39820649"),
        (faults_in_sources, SOURCE, "licence: CC BY-NC-ND 4.0\n", ""),
        (faults_in_sources, SOURCE, "title_complete: true", "title_complete: false"),
        (faults_in_sources, SOURCE, "identity: full", "identity: certain"),
        (faults_in_sources, SOURCE, "## Findings", "## Results"),
        (faults_in_articles, ARTICLE, "status: under_review", "status: reviewed"),
        (faults_in_articles, ARTICLE, "updated: 2026-11-23", "updated: recently"),
        (faults_in_articles, ARTICLE, "## Bottom line", "## Summary"),
        (faults_in_references, ARTICLE, "aldoss-2025-blinatumomab-tp53", "aldoss-2025"),
        (faults_in_references, ARTICLE, "alleles are affected [1]", "alleles are affected [99]"),
        (faults_in_references, ARTICLE, "missing: true", "missing: false"),
        (faults_in_references, ARTICLE, "  1: stengel-2014-tp53-all\n", ""),
        (
            faults_in_citing,
            ARTICLE,
            "35 (13%) had a TP53 mutation [5]",
            "35 (13%) had a TP53 mutation",
        ),
        (
            faults_in_citing,
            ARTICLE,
            "35 (13%) had a TP53 mutation [5].",
            "35 (13%) had a TP53 mutation.[5]",
        ),
        (
            faults_in_figures,
            ARTICLE,
            "35 (13%) had a TP53 mutation",
            "35 (14%) had a TP53 mutation",
        ),
        (faults_in_figures, ARTICLE, "6.84 (95% CI 2.68-17.45)", "6.84 (95% CI 2.68-17.46)"),
        (faults_in_figures, ARTICLE, "was 60.6% with", "was 6.6% with"),
        (faults_in_figures, SOURCE, "HR) 6.84", "HR) 8.64"),
        (faults_in_coverage, "articles/relapse-after-transplant-b-all.md", "hua-2020", "hub-2020"),
        (faults_in_wording, SOURCE, "- Of 267 adults", "- These are 267 adults"),
        (faults_in_wording, ARTICLE, "## Work-up", "It is so [1].\n\n## Work-up"),
        (faults_in_wording, ARTICLE, "## Work-up", "No liability is accepted [1].\n\n## Work-up"),
    ],
)
def test_each_check_sees_damage(
    tmp_path: Path, check: Callable[[Path], list[str]], file: str, old: str, new: str
) -> None:
    shutil.copytree(CORPUS, tmp_path / "corpus")
    path = tmp_path / "corpus" / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer has {old!r}: choose another piece to damage"
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert check(tmp_path / "corpus")
