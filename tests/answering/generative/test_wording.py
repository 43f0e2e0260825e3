"""Markers of the model never survive; clinical signs do."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.answering.generative.wording import plain_claim


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("OS was 5 months [1].", "OS was 5 months."),
        ("OS [1, 2-4][A] was 5 [L7] months【12†source】.", "OS was 5 months(12†source)."),
        ("OS was 5 [^3] (ref 4) [citation needed].", "OS was 5."),
        ("OS [95% CI 1.2–3.4] was 5.", "OS (95% CI 1.2–3.4) was 5."),
        ("OS was 5 [Sab12cd34] (Sab12cd34) Sab12cd34.", "OS was 5."),
        ("See [the site](https://x.example/a) at https://x.example.", "See the site at"),
        ("**OS** was `5`\nmonths.", "OS was 5 months."),
        ("- OS was 5<b>0</b>.", "OS was 50."),
        ("Relapse¹² fell.⁴", "Relapse fell."),
        ("Above 50×10⁹/L, 10 mg/m² and p < 0.001.", "Above 50×10⁹/L, 10 mg/m² and p < 0.001."),
        ("[[1]] nested [[A]]", "nested"),
        ("[x-2019-y] and [doi:10.1/2]", "and"),
    ],
)
def test_the_text_of_a_claim_is_made_plain(text, plain):
    made = plain_claim(text, ("Sab12cd34",))
    assert "[" not in made
    assert made == plain


@given(st.text(alphabet="[]()A1L,- .†^【】", max_size=60))
def test_no_square_bracket_is_left(text):
    assert not set(plain_claim(text)) & set("[]【】")


def test_a_long_row_of_figures_takes_no_time():
    began = time.perf_counter()
    plain_claim("[" + "1 2,3-" * 5000)
    assert time.perf_counter() - began < 5
