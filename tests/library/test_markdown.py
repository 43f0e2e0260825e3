"""Markdown into plain text, blocks and markers."""

from __future__ import annotations

import time

import pytest

from ragbot.library.markdown import parse_markdown, parse_numbers, take_markers
from ragbot.types import Marker


def blocks_of(body: str) -> list[tuple[str, int, int | None, str]]:
    text, blocks, _ = parse_markdown(body)
    return [(b.kind, b.level, b.number, text[b.start : b.end]) for b in blocks]


def markers_of(body: str) -> list[tuple[str, tuple[int, ...]]]:
    """Each marker as the text of its document up to it."""
    text, _, markers = parse_markdown(body)
    return [(text[: m.offset], m.numbers) for m in markers]


@pytest.mark.parametrize(
    ("inside", "numbers"),
    [
        ("1", (1,)),
        ("2, 3", (2, 3)),
        ("2,3;7", (2, 3, 7)),
        ("4-6", (4, 5, 6)),
        ("4–6", (4, 5, 6)),
        ("4 – 6, 2", (4, 5, 6, 2)),
        ("1, 1", (1,)),
        ("6-4", (6, 4)),
        ("5-5", (5,)),
        ("1-999", (1, 999)),
    ],
)
def test_numbers_of_a_marker(inside, numbers):
    assert parse_numbers(inside) == numbers


@pytest.mark.parametrize(
    ("line", "plain", "markers"),
    [
        ("Survival fell [1].", "Survival fell.", [(13, (1,))]),
        ("Survival fell.[1]", "Survival fell.", [(14, (1,))]),
        ("Survival fell. [1]", "Survival fell.", [(14, (1,))]),
        (
            "Survival fell. [1] It rose [2, 3].",
            "Survival fell. It rose.",
            [(14, (1,)), (22, (2, 3))],
        ),
        ("A[1] and B [4-6], C [4–6]", "A and B, C", [(1, (1,)), (7, (4, 5, 6)), (10, (4, 5, 6))]),
        ("[1] Smith showed it.", "Smith showed it.", [(0, (1,))]),
        ("Fell [1] [2].", "Fell.", [(4, (1,)), (4, (2,))]),
        ("Fell [1][2].", "Fell.", [(4, (1,)), (4, (2,))]),
        ("Fell\u00a0[1].", "Fell.", [(4, (1,))]),
        ("Relapse.[1]Two", "Relapse. Two", [(8, (1,))]),
        ("[1]", "", [(0, (1,))]),
        ("", "", []),
    ],
)
def test_markers_are_taken_out_with_the_space_before_them(line, plain, markers):
    assert take_markers(line) == (plain, tuple(Marker(at, numbers) for at, numbers in markers))


@pytest.mark.parametrize(
    "line",
    [
        "a [a] b",
        "significant [p<0.05] in both",
        "a [1.5] b",
        "a [1000] b",
        "a [] b",
        "a [1,] b",
        "a [ 1 ] b",
        "a [n=12] b",
        "a [^1] b",
        "a (1) b",
        "a [1 b",
        "the 95% CI [12, 18] was wide",
        "95% CI: [2-9]",
        "IQR [3, 7] months",
        "median age 45 [18–75]",
        "median 45 years [18-75]",
    ],
)
def test_what_only_looks_like_a_marker_stays(line):
    assert take_markers(line) == (line, ())


@pytest.mark.parametrize(
    "line", ["rate of 45% [4-6]", "in 2011 [1, 2]", "at 5 months [7-9]", "CIs [1, 2]"]
)
def test_a_marker_behind_a_figure_is_a_marker(line):
    assert take_markers(line)[1] != ()


@pytest.mark.parametrize(
    "body",
    [
        "Counts above 5*10^9/L and 6*10^9/L.",
        "t(9;22)_p190 and t(9;22)_p210.",
        "P<0.05 and OS>12 months & more.",
        "A * B * C_d_e.",
        "HR 0.71 (95% CI 0.55-0.93; P=0.01).",
        "~45% of those; x^2^ $5 `code`x".replace("`", ""),
    ],
)
def test_clinical_signs_come_through_word_for_word(body):
    assert parse_markdown(body)[0] == body


def test_what_markdown_writes_is_read():
    body = (
        "**Bold text** and `5*10^9/L`, &lt;5%, a [link](https://example.org), ![alt](x.png)\\\nend"
    )
    assert parse_markdown(body)[0] == "Bold text and 5*10^9/L, <5%, a link, alt end"


def test_html_is_text_and_nothing_more():
    body = "A <b>bold</b> word.\n\n<script>alert(1)</script>"
    assert parse_markdown(body)[0] == "A <b>bold</b> word.\n<script>alert(1)</script>"


@pytest.mark.parametrize(
    "body",
    [
        "Fell [1](https://example.org/a).",
        "Fell [[1]](https://example.org/a).",
        "Fell [1].\n\n[1]: https://example.org/a",
        "Fell [1][].\n\n[1]: https://example.org/a",
    ],
)
def test_a_link_named_by_a_number_is_a_marker_and_never_a_figure(body):
    assert parse_markdown(body)[0] == "Fell."
    assert markers_of(body) == [("Fell", (1,))]


def test_headings_make_the_path_of_what_follows():
    body = "# A\n\none\n\n### C\n\ntwo\n\n## B\n\nthree\n\nTitle\n=====\n\nfour"
    _, blocks, _ = parse_markdown(body)
    assert [b.heading_path for b in blocks if b.kind != "heading"] == [
        ("A",), ("A", "C"), ("A", "B"), ("Title",),
    ]  # fmt: skip
    assert [b.heading_path for b in blocks if b.kind == "heading"] == [(), ("A",), ("A",), ()]


def test_markers_within_a_heading_leave_its_text_clean():
    body = "# Prognosis [1]\n\nText [2]."
    assert blocks_of(body)[0] == ("heading", 1, None, "Prognosis")
    assert markers_of(body) == [("Prognosis", (1,)), ("Prognosis\nText", (2,))]


def test_markers_by_themselves_belong_to_what_stands_before():
    body = "Survival fell.\n\n[1]\n\nIt rose."
    assert [block[3] for block in blocks_of(body)] == ["Survival fell.", "It rose."]
    assert markers_of(body) == [("Survival fell.", (1,))]
    assert markers_of("[1]\n\nText.") == [("", (1,))]


def test_nested_and_numbered_lists():
    body = (
        "3. three\n4. four\n   - inner [1]\n     1. deep\n   - last\n5. five\n\n   more of five\n"
    )
    assert blocks_of(body) == [
        ("item", 1, 3, "three"),
        ("item", 1, 4, "four"),
        ("item", 2, None, "inner"),
        ("item", 3, 1, "deep"),
        ("item", 2, None, "last"),
        ("item", 1, 5, "five"),
        ("item", 1, 5, "more of five"),
    ]


def test_tables_are_rows_with_their_cells_in_order():
    body = "| Group | OS |\n| --- | --- |\n| negative [2] | 81% [1] |\n| | 45% |\n\nAfter."
    assert [(b[0], b[3]) for b in blocks_of(body)] == [
        ("table", "Group | OS"),
        ("table", "negative | 81%"),
        ("table", "| 45%"),
        ("paragraph", "After."),
    ]
    assert [numbers for _, numbers in markers_of(body)] == [(2,), (1,)]


def test_code_is_kept_line_by_line():
    assert blocks_of("```\nx = 5*10\n\ny < 3\n```\n\n    indented") == [
        ("code", 0, None, "x = 5*10"),
        ("code", 0, None, "y < 3"),
        ("code", 0, None, "indented"),
    ]


def test_quotes_rules_and_breaks():
    assert parse_markdown("> quoted\n> on\n\n***\n\nhard  \nbreak")[0] == "quoted on\nhard break"


@pytest.mark.parametrize("body", ["", "\n", "---", "[x]: https://example.org", "| |\n|-|\n| |"])
def test_a_body_without_text_gives_none(body):
    assert parse_markdown(body)[:2] == ("", ())


@pytest.mark.parametrize(
    "body",
    [
        "Sentence with a marker [1]. " * 30_000,
        "A paragraph of words [1].\n\n" * 20_000,
        "[" * 20_000,
        "**a" * 5_000,
        "- a\n" * 20_000,
    ],
    ids=["one-paragraph", "many-paragraphs", "brackets", "stars", "items"],
)
def test_large_and_hostile_bodies_are_read_in_seconds(body):
    began = time.process_time()
    parse_markdown(body)
    assert time.process_time() - began < 15


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"5\*\*10 and a\*\*b\*\*", "5**10 and a**b**"),
        (r"see \[1\] and \[2] there", "see [1] and [2] there"),
        ("&#42;&#42;k&#42;&#42; &lt;!-- x --&gt;", "**k** <!-- x -->"),
        ("| a | b \\*\\* c\\*\\* |\n|---|---|\n| d | \\[3\\] |", "a | b ** c**\nd | [3]"),
    ],
)
def test_an_escaped_sign_is_neither_bold_nor_a_marker(body, text):
    assert parse_markdown(body)[0] == text
    assert parse_markdown(body)[2] == ()
