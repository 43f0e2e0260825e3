"""The lexical index: what is made of a text, and what a question finds."""

from __future__ import annotations

import json
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.errors import IndexDamagedError
from ragbot.index.analysis import normalise
from ragbot.index.lexical import K1, B, LexicalIndex, analyze

PASSAGES = [
    "Median OS was 7.7 vs 4.0 months with blinatumomab (HR 0.71; 95% CI 0.55–0.93; P=.01).",
    "In 31 children (n = 31), measurable residual disease above 10⁻⁴ predicted relapse.",
    "Veno-occlusive disease was commoner after inotuzumab ozogamicin: 11% vs 1%.",
    "A randomised phase III trial in adults with B-cell precursor acute lymphoblastic leukaemia.",
    "White cells above 50 ×10⁹/L; TNF-α rose; allogeneic haematopoietic cell transplantation.",
    "All patients gave consent, or their parents did.",
]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.build(PASSAGES)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("MRD", 1),
        ("minimal residual disease", 1),
        ("VOD", 2),
        ("sinusoidal obstruction syndrome", 2),
        ("Besponsa", 2),
        ("Blincyto overall survival", 0),
        ("hazard ratio", 0),
        ("RCT", 3),
        ("B-ALL", 3),
        ("leukemia", 3),
        ("ALL", 3),
        ("50 x 10(9)/L", 4),
        ("10^9", 4),
        ("TNFα", 4),
        ("allo-HSCT", 4),
        ("n=31", 1),
        ("0.93", 0),
        ("p=0.01", 0),
        ("11%", 2),
    ],
)
def test_the_passage_is_found(index: LexicalIndex, question: str, row: int) -> None:
    assert index.top(question, 1)[0][0] == row


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("leukaemia tumour haematology oedema", "leukemia tumor hematology edema"),
        ("randomised centre diarrhoea", "randomized center diarrhea"),
        ("relapse‑free", "relapse-free"),
        ("1,234 cells", "1234 cells"),
        ("0·71", "0.71"),
        ("45 per cent", "45%"),
        ("Ménétrier", "Menetrier"),
        ("5 µg", "5 mcg"),
        ("p = .05", "p=0.05"),
        ("10⁹", "10^9"),
        ("interferon-γ", "interferon-gamma"),
    ],
)
def test_two_spellings_are_one(one: str, other: str) -> None:
    assert analyze(one) == analyze(other)


def test_a_superscript_is_a_power_and_no_digit() -> None:
    assert "109" not in analyze("10⁹ cells")
    assert "10^9" in analyze("10⁹ cells")


def test_capitals_tell_an_abbreviation_from_a_word() -> None:
    assert analyze("all or is") == []
    assert analyze("ALL") == ["=acute-lymphoblastic-leukemia"]


def test_hyphenated_words_give_their_parts_and_the_whole() -> None:
    assert {"anticd20", "anti", "cd20"} <= set(analyze("anti-CD20"))


def test_figures_stay_whole() -> None:
    assert {"6.84", "0.001"} <= set(analyze("HR 6.84, P<0.001"))


@given(st.text(max_size=80))
def test_any_text_is_analysed_and_normalising_is_stable_on_digits(text: str) -> None:
    tokens = analyze(text)
    assert all(tokens)
    assert normalise("7.7" + " " + text).startswith("7.7")


def test_scores_are_those_of_bm25s(index: LexicalIndex) -> None:
    tokens = [analyze(text) for text in PASSAGES]
    reference = bm25s.BM25(k1=K1, b=B, method="lucene")
    reference.index(tokens, show_progress=False)
    wanted = reference.get_scores(list(dict.fromkeys(analyze("relapse of residual disease"))))
    np.testing.assert_allclose(index.scores("relapse of residual disease"), wanted, rtol=1e-5)


def test_rows_limit_the_search(index: LexicalIndex) -> None:
    found = index.top("patients with relapse and trial", 5, rows=np.array([3, 5]))
    assert {row for row, _ in found} <= {3, 5}


def test_saved_and_loaded_it_gives_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    assert len(loaded) == len(PASSAGES)
    assert loaded.top("MRD in children", 3) == index.top("MRD in children", 3)
    assert loaded.idf("no-such-token") == index.idf("no-such-token") > index.idf("=relapse")


@pytest.mark.parametrize("texts", [[], [""], ["the of and"]])
def test_nothing_to_index_finds_nothing(texts: list[str], tmp_path: Path) -> None:
    index = LexicalIndex.build(texts)
    index.save(tmp_path)
    assert LexicalIndex.load(tmp_path).top("relapse", 3) == []


def test_damage_is_told(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    (tmp_path / "scores.npy").write_bytes(b"broken")
    with pytest.raises(IndexDamagedError, match="lexical index"):
        LexicalIndex.load(tmp_path)


def test_another_analysis_is_told(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    meta = {"passages": len(PASSAGES), "analysis": "another"}
    (tmp_path / "lexical.json").write_text(json.dumps(meta), encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="another version"):
        LexicalIndex.load(tmp_path)
