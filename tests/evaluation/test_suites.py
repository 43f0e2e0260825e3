"""The regression suites are well formed, and every figure and passage stands in the library.

Plain checks on the files, without ragbot: a suite that asks for a passage that no document holds
would blame the software for a fault of its own.
"""

import copy
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpus"
SUITES = sorted((ROOT / "eval" / "suites").glob("*.yaml"))
RECORDED = sorted((ROOT / "eval" / "recorded").glob("*.yaml"))
KINDS = {
    "single",
    "pronoun",
    "ellipsis",
    "topic_switch",
    "back_reference",
    "population",
    "unanswerable",
    "false_premise",
    "conflict",
    "wrong_population",
    "numbers",
    "injection",
    "pressure",
    "framing",
    "removed_source",
    "stale_marker",
}
FOLLOW_UPS = {"pronoun", "ellipsis", "topic_switch", "back_reference", "population"}
SAMPLE_KEYS = {"id", "article", "kind", "split", "turns"}
TURN_KEYS = {
    "question",
    "answerable",
    "passages",
    "figures",
    "forbidden_figures",
    "cites_any",
    "premise",
    "note",
}
ID = re.compile(r"[a-z][a-z_-]*-\d{3}[ab]?")
MARKER = re.compile(r"\s*\[\d+(?:, \d+)*\]")
BLOCK_PREFIX = re.compile(r"^\s*(?:#+|[-*]|\d+\.)\s+", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z0-9])")

Suite = dict[str, Any]


def load(path: Path) -> Suite:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def document(document_id: str) -> tuple[dict[str, Any], str]:
    """Front matter, and the body as a reader sees it: no Markdown, no markers, one space."""
    for folder in ("articles", "sources"):
        path = CORPUS / folder / f"{document_id}.md"
        if path.exists():
            _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
            plain = MARKER.sub("", BLOCK_PREFIX.sub("", body)).replace("**", "")
            return yaml.safe_load(front), re.sub(r"\s+", " ", plain).strip()
    raise KeyError(document_id)


def sentence_of(document_id: str, snippet: str) -> str:
    """The sentences of the document that the snippet stands in."""
    body = document(document_id)[1]
    start = body.index(snippet)
    ends = [0, *(match.end() for match in SENTENCE_END.finditer(body)), len(body)]
    first = max(end for end in ends if end <= start)
    last = min(end for end in ends if end >= start + len(snippet))
    return body[first:last]


def has_figure(figure: str, text: str) -> bool:
    """Whether the figure stands in the text as a number of its own (8 is not in 28 or 8.5)."""
    return bool(re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d])(?!\.\d)", text))


def shape_faults(suite: Suite) -> list[str]:
    faults = []
    if set(suite) != {"suite", "description", "samples"} or not suite["samples"]:
        faults.append(f"keys of the suite: {sorted(suite)}")
    for sample in suite["samples"]:
        name = sample.get("id")
        if set(sample) != SAMPLE_KEYS or not ID.fullmatch(str(name)):
            faults.append(f"{name}: keys {sorted(sample)}, or an id of another form")
        if sample["kind"] not in KINDS or sample["split"] not in {"dev", "held"}:
            faults.append(f"{name}: kind {sample['kind']!r}, split {sample['split']!r}")
        if not sample["turns"]:
            faults.append(f"{name}: no turns")
        faults += [
            f"{name}/{n}: {fault}"
            for n, turn in enumerate(sample["turns"], 1)
            for fault in turn_faults(turn)
        ]
    return faults


def turn_faults(turn: dict[str, Any]) -> list[str]:
    if set(turn) != TURN_KEYS:
        return [f"keys {sorted(turn)}"]
    faults = []
    if not isinstance(turn["question"], str) or not isinstance(turn["answerable"], bool):
        faults.append("question is text, answerable is true or false")
    lists = ("figures", "forbidden_figures", "cites_any")
    if not all(isinstance(entry, str) for key in lists for entry in turn[key]):
        faults.append(f"{', '.join(lists)} hold texts")
    if any(set(passage) != {"document", "snippet"} for passage in turn["passages"]):
        faults.append("a passage has a document and a snippet")
    if turn["answerable"] != bool(turn["passages"]) or turn["answerable"] != bool(
        turn["cites_any"]
    ):
        faults.append("passages and cites_any exactly where the turn is answerable")
    if not turn["answerable"] and turn["figures"]:
        faults.append("figures asked of an abstention")
    if turn["premise"] is not None and set(turn["premise"]) != {
        "wrong",
        "correct_snippet",
        "document",
    }:
        faults.append("a premise has wrong, correct_snippet and document")
    return faults


def corpus_faults(suite: Suite) -> list[str]:
    return [
        f"{sample['id']}/{n}: {fault}"
        for sample in suite["samples"]
        for n, turn in enumerate(sample["turns"], 1)
        for fault in evidence_faults(turn, sample["article"])
    ]


def evidence_faults(turn: dict[str, Any], article: str) -> list[str]:
    references = document(article)[0]["references"].values()
    scope = {article, *(entry for entry in references if isinstance(entry, str))}
    faults = [
        f"{entry} is not in the scope of {article}"
        for entry in turn["cites_any"]
        if entry not in scope
    ]
    premise = turn["premise"]
    named = [(entry["document"], entry["snippet"]) for entry in turn["passages"]]
    corrections = [(premise["document"], premise["correct_snippet"])] if premise else []
    counts = {(where, what): document(where)[1].count(what) for where, what in named + corrections}
    faults += [
        f"{what!r} stands {n} times in {where}" for (where, what), n in counts.items() if n != 1
    ]
    evidence = " ".join(sentence_of(*entry) for entry in named if counts[entry])
    faults += [
        f"figure {figure} stands in no passage"
        for figure in turn["figures"]
        if not has_figure(figure, evidence)
    ]
    faults += [
        f"forbidden figure {figure} stands in a passage"
        for figure in turn["forbidden_figures"]
        if has_figure(figure, evidence)
    ]
    return faults


def samples() -> list[dict[str, Any]]:
    return [sample for path in SUITES for sample in load(path)["samples"]]


@pytest.mark.parametrize("path", SUITES + RECORDED, ids=lambda path: path.stem)
def test_a_suite_has_the_shape_that_the_runner_reads(path: Path) -> None:
    suite = load(path)
    assert suite["suite"] == path.stem
    assert shape_faults(suite) == []


@pytest.mark.parametrize("path", SUITES + RECORDED, ids=lambda path: path.stem)
def test_what_a_suite_asks_for_stands_in_the_library(path: Path) -> None:
    assert corpus_faults(load(path)) == []


def test_ids_and_questions_are_asked_once() -> None:
    every = samples() + [sample for path in RECORDED for sample in load(path)["samples"]]
    ids = Counter(sample["id"] for sample in every)
    assert [name for name, n in ids.items() if n > 1] == []
    opening = Counter((s["article"], s["turns"][0]["question"].casefold()) for s in samples())
    assert [asked for asked, n in opening.items() if n > 1] == []


def test_the_suites_cover_every_article_kind_and_split() -> None:
    articles = {path.stem for path in (CORPUS / "articles").glob("*.md")}
    assert {sample["article"] for sample in samples()} == articles
    assert {sample["kind"] for sample in samples()} == KINDS
    assert sum(len(sample["turns"]) for sample in samples()) >= 170
    follow_ups = [s for s in samples() if s["kind"] in FOLLOW_UPS]
    assert sum(len(sample["turns"]) for sample in follow_ups) >= 50


def test_each_kind_is_split_in_halves() -> None:
    split = Counter((sample["kind"], sample["split"]) for sample in samples())
    uneven = {
        kind: (split[kind, "dev"], split[kind, "held"])
        for kind in KINDS
        if not 0 <= split[kind, "dev"] - split[kind, "held"] <= 3
    }
    assert uneven == {}


SOUND: Suite = {
    "suite": "sound",
    "description": "one turn",
    "samples": [
        {
            "id": "sound-001",
            "article": "tp53-b-all",
            "kind": "single",
            "split": "dev",
            "turns": [
                {
                    "question": "How often is the antigen lost?",
                    "answerable": True,
                    "passages": [
                        {
                            "document": "aldoss-2025-blinatumomab-tp53",
                            "snippet": "22 (28%) were CD19-negative",
                        }
                    ],
                    "figures": ["28%"],
                    "forbidden_figures": ["6.84"],
                    "cites_any": ["aldoss-2025-blinatumomab-tp53"],
                    "premise": None,
                    "note": "",
                }
            ],
        }
    ],
}


def damaged(key: str, value: Any) -> Suite:
    suite = copy.deepcopy(SOUND)
    suite["samples"][0]["turns"][0][key] = value
    return suite


def test_a_sound_suite_has_no_faults() -> None:
    assert shape_faults(SOUND) + corpus_faults(SOUND) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("answerable", False),
        ("answerable", "yes"),
        ("figures", [28]),
        ("passages", []),
        ("passages", [{"document": "x"}]),
        ("premise", {"wrong": "x"}),
    ],
)
def test_a_turn_of_another_shape_is_seen(key: str, value: Any) -> None:
    assert shape_faults(damaged(key, value))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("figures", ["8%"]),
        ("figures", ["29%"]),
        ("forbidden_figures", ["68%"]),
        ("cites_any", ["zuma-3-2021"]),
        ("passages", [{"document": "aldoss-2025-blinatumomab-tp53", "snippet": "23 (28%)"}]),
        (
            "premise",
            {"wrong": "x", "correct_snippet": "no such", "document": "tower-2017"},
        ),
    ],
)
def test_a_figure_or_passage_that_is_not_in_the_library_is_seen(key: str, value: Any) -> None:
    assert corpus_faults(damaged(key, value))
