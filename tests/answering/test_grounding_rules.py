"""What code catches without a model: figures, negation, drugs, direction, and who had what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.answering.grounding import gate
from ragbot.answering.grounding.rules import findings
from ragbot.answering.grounding.sentences import (
    choose_window,
    overlaps,
    split_sentences,
    window_text,
)

TRIAL = (
    "Median overall survival was 7.7 months with blinatumomab versus 4.0 months with chemotherapy "
    "(hazard ratio 0.71; 95% CI 0.55–0.93; P=0.01)."
)
WITH_AND_WITHOUT = "EFS was 33.1% with a TP53 alteration versus 56.2% without (p=0.0069)."
RELAPSES = "Of the relapses, 22 (28%) were CD19-negative and 54 (68%) were CD19-positive."
NOT_WORSE = "Vincristine pulses did not improve event-free survival in children at standard risk."


@pytest.mark.parametrize(
    "claim",
    [
        TRIAL,
        "Median overall survival was 7.7 months with blinatumomab.",
        "Chemotherapy gave a median overall survival of 4.0 months, blinatumomab 7.7 months.",
        "The hazard ratio was 0.71 (95% CI, 0.55 to 0.93; p = .01).",
    ],
)
def test_what_the_quote_says_passes(claim: str) -> None:
    assert gate(claim, [TRIAL]) == []


@pytest.mark.parametrize(
    ("claim", "rule"),
    [
        ("Median overall survival was 77 months with blinatumomab.", "number"),
        ("Median overall survival was 7.7 years with blinatumomab.", "number"),
        ("Median overall survival was 7.7 versus 7.7 months.", "number"),
        ("Median overall survival was >7.7 months with blinatumomab.", "number"),
        ("Median overall survival was 7.7 months with inotuzumab.", "drug"),
        ("Median overall survival was not 7.7 months with blinatumomab.", "negation"),
        (
            "Median overall survival was 4.0 months with blinatumomab versus 7.7 months with "
            "chemotherapy.",
            "arms",
        ),
        (
            "Median overall survival was 7.7 months with chemotherapy versus 4.0 months with "
            "blinatumomab.",
            "arms",
        ),
    ],
)
def test_what_it_does_not_say_is_caught(claim: str, rule: str) -> None:
    assert rule in {finding.rule for finding in gate(claim, [TRIAL])}


def test_a_negation_taken_out_or_put_in_is_caught() -> None:
    without = NOT_WORSE.replace("did not improve", "did improve")
    assert {f.rule for f in gate(without, [NOT_WORSE])} == {"negation"}
    assert {f.rule for f in gate(NOT_WORSE, [without])} == {"negation"}
    assert gate(NOT_WORSE, [NOT_WORSE]) == []


def test_nitric_oxide_is_no_negation() -> None:
    quote = "Vascular endothelial cells produce nitric oxide (NO), which is a potent vasodilator."
    assert gate("Nitric oxide is a potent vasodilator.", [quote]) == []


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        (
            "Median EFS was 3.8 months with a TP53 alteration versus 50.9 months without.",
            "Median EFS was 3.8 months (95% CI 1.2-NE) with a TP53 alteration versus 50.9 months "
            "(95% CI 23.9-NE) without.",
        ),
        (
            "Patients with TP53-mutated ALL had a median age of 61, against 45 without the "
            "mutation.",
            "Patients with TP53-mutated ALL were older than those without (median 61 versus 45).",
        ),
        (
            "In children, DFS was 59.8% with transplant versus 53% without.",
            "According to a table in PMC7727504, DFS of children was 59.8% with transplant versus "
            "53% without.",
        ),
        (
            "The HR was 0.42 (95% CI 0.24-0.75) with blinatumomab, according to ASH 2022.",
            "According to ASH 2022, OS was not reached with blinatumomab: HR 0.42 (95% CI "
            "0.24-0.75).",
        ),
        (
            "Adults did worse if they had no allogeneic transplant.",
            "Adults did worse if they had no allo-SCT.",
        ),
        (
            "Neither TP53 nor its variant allele frequency (VAF) affected OS.",
            "Neither TP53 nor its VAF affected OS.",
        ),
        (
            "Bacterial infection caused 3 deaths among the patients.",
            "Bacterial infection caused 3 deaths among the patients, and none among the last 6.",
        ),
        (
            "Median OS was 17.1 months, and 24-month OS 46%.",
            "24-month OS was 46%, median 17.1 months.",
        ),
    ],
)
def test_the_same_in_other_words_passes(claim: str, quote: str) -> None:
    assert gate(claim, [quote]) == []


@pytest.mark.parametrize(
    ("claim", "quote", "rule"),
    [
        (
            "EFS was 56.2% with a TP53 alteration versus 33.1% without.",
            "EFS was 33.1% with a TP53 alteration versus 56.2% without.",
            "arms",
        ),
        (
            "EFS was 33.1% without a TP53 alteration versus 56.2% with one.",
            "EFS was 33.1% with a TP53 alteration versus 56.2% without.",
            "arms",
        ),
        (
            "OS was 18% with wild-type TP53.",
            "OS was 18% with mutated TP53, 51% with wild-type.",
            "arms",
        ),
        (
            "They responded to navitoclax and navitoclax.",
            "They responded to venetoclax and navitoclax.",
            "drug",
        ),
        (
            "Adults did worse if they had allo-SCT.",
            "Adults did worse if they had no allo-SCT.",
            "negation",
        ),
    ],
)
def test_sides_drugs_and_negations_exchanged_are_caught(claim: str, quote: str, rule: str) -> None:
    assert rule in {f.rule for f in gate(claim, [quote])}


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("EFS was 33.1% with a TP53 alteration.", WITH_AND_WITHOUT),
        ("EFS was 56.2% without a TP53 alteration.", WITH_AND_WITHOUT),
        ("Of the relapses, 28% were CD19-negative.", RELAPSES),
        ("Median overall survival was 4.0 months with chemotherapy.", TRIAL),
    ],
)
def test_one_arm_with_its_own_figure_passes(claim: str, quote: str) -> None:
    assert gate(claim, [quote]) == []


def test_a_comparison_turned_round_is_caught() -> None:
    quote = "Ramipril lowered blood pressure more than olmesartan in the last six hours."
    claim = "Olmesartan lowered blood pressure more than ramipril in the last six hours."
    assert {f.rule for f in gate(claim, [quote])} == {"arms"}


def test_a_direction_turned_round_is_caught_in_a_passage() -> None:
    passage = "Background text. Smoking was associated with an increased risk of stroke in women."
    sentences = split_sentences(passage)
    claim = "Smoking was associated with a decreased risk of stroke in women."
    found = findings(claim, sentences, overlaps(claim, sentences))
    assert [finding.rule for finding in found] == ["direction"]
    assert found[0].outcome == "contradicted"


def test_a_paraphrase_is_left_to_the_model() -> None:
    passage = "The drug failed in two trials. It did not help people with mild disease."
    claim = "Treatment lowers mortality by 12% in severe sepsis."
    sentences = split_sentences(passage)
    assert findings(claim, sentences, overlaps(claim, sentences)) == []


def test_sentences_are_where_they_say_and_nothing_is_lost() -> None:
    text = "First one.  Second, at 5.5 mg!\n\nA heading\n- an item; " + "word, " * 200 + "end."
    spans = split_sentences(text)
    assert all(text[s.start : s.end] == s.text for s in spans)
    assert "".join("".join(s.text for s in spans).split()) == "".join(text.split())
    assert all(len(s.text.split()) <= 95 for s in spans)


def test_a_long_passage_is_narrowed_to_what_bears_on_the_claim() -> None:
    filler = "Nothing in this sentence has to do with the matter at hand in any way. " * 40
    passage = f"{filler}Rituximab improved event-free survival at two years. {filler}"
    window = window_text("Rituximab improves event-free survival.", passage)
    assert "Rituximab improved event-free survival at two years." in window
    assert len(window.split()) <= 120


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_text_can_be_read(text: str, claim: str) -> None:
    spans = split_sentences(text)
    assert all(text[s.start : s.end] == s.text for s in spans)
    scores = overlaps(claim, spans)
    assert all(0.0 <= score <= 1.0 + 1e-9 for score in scores)
    assert choose_window(spans, scores) == sorted(set(choose_window(spans, scores)))
    assert all(isinstance(f.detail, str) for f in findings(claim, spans, scores))
    gate(claim, [text])


@given(st.sampled_from([TRIAL, NOT_WORSE]) | st.text(max_size=200))
def test_a_claim_word_for_word_is_never_flagged(text: str) -> None:
    assert gate(text, [text]) == []
