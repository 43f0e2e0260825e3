"""Quantities and the number gate."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.answering.numbers import Quantity, missing_quantities, quantities, same_quantity
from ragbot.answering.units import canonical_unit


def one(text: str) -> Quantity:
    found = quantities(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("P<.001", "p < 0.001"),
        ("P = .03", "p-value of 0.03"),
        ("50 ×10⁹/L", "50 x10^9/L"),
        ("50 × 10^9 / L", "50 x 10⁹/L"),
        ("n=31", "31 patients"),
        ("28 μg/day", "28 µg per day"),
        ("28 mcg/d", "28 micrograms/day"),
        ("0·71", "0.71"),
        ("7,5 mg", "7.5 mg"),
        ("12\u2009345", "12,345"),
        ("10 000 patients", "10,000 patients"),
        ("0.55–0.93", "0.55 to 0.93"),
        ("1 – 3 months", "1-3 months"),
        ("between 5 and 10 mg", "5-10 mg"),
        ("≥65 years", "65 years or older"),
        ("at least 65 years", ">= 65 y"),
        ("older than 40 years", ">40 years"),
        ("<3 weeks", "less than 3 weeks"),
        ("−2.1 kg", "-2.1 kg"),
        ("five weeks", "5 weeks"),
        ("twenty-five per cent", "25%"),
        ("15 March 2020", "March 15, 2020"),
        ("two million", "2,000,000"),
        ("120/80 mm Hg", "120/80 mmHg"),
        ("a 3-fold rise", "3 times"),
        ("IL-6", "IL6"),
        ("15 mg/m2", "15 mg/m²"),
        ("10⁻³", "10^-3"),
        ("twofold", "2-fold"),
        ("aged 60 or over", "≥60 years"),
        ("patients under 60", "<60 years"),
    ],
)
def test_the_same_said_in_two_ways(first: str, second: str) -> None:
    assert same_quantity(one(first), one(second)), (one(first), one(second))


@pytest.mark.parametrize(
    ("claim", "quote", "reason"),
    [
        ("The dose was 280 mg.", "The dose was 28 mg.", "value"),
        ("The dose was 28 g.", "The dose was 28 mg.", "unit"),
        ("The dose was 0.5 g.", "The dose was 500 mg.", "conversion"),
        ("It took 2 years.", "It took 24 months.", "conversion"),
        ("It took 2 years.", "It took 25 months.", "value"),
        ("The dose was 0.028 mg/day.", "The dose was 28 µg/day.", "conversion"),
        ("MRD was below 10^-3.", "MRD was below 10^-4.", "value"),
        ("Half of the patients relapsed.", "Of the patients 50% relapsed.", "value"),
        ("Two thirds of them relapsed.", "A third of them relapsed.", "value"),
        ("Weight changed by 2.1 kg.", "Weight changed by −2.1 kg.", "sign"),
        ("It affects >5% of people.", "It affects <5% of people.", "comparator"),
        ("p = 0.001", "p < 0.001", "comparator"),
        ("Survival was 7.7 years.", "Survival was 7.7 months.", "unit"),
        ("It took 3-6 days.", "It took 3-5 days.", "value"),
        ("CD20 is the target.", "CD19 is the target.", "value"),
        ("Published in March 2021.", "Published in March 2020.", "value"),
    ],
)
def test_what_a_quote_does_not_carry_is_named(claim: str, quote: str, reason: str) -> None:
    missing = missing_quantities(claim, [quote])
    assert [entry.reason for entry in missing] == [reason]


def test_every_quote_counts_and_no_quote_carries_nothing() -> None:
    claim = "Survival was 7.7 months (HR 0.71)."
    assert missing_quantities(claim, ["Survival: 7.7 months", "hazard ratio, 0.71"]) == []
    assert len(missing_quantities(claim, [])) == 2


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("It was 22 of 24.", "It was 22/24 (91.7%)."),
        ("Of 24 patients, 22 had it.", "It was 22/24 (91.7%)."),
        ("It was 22/24.", "It was 22 of the 24."),
        ("In 2020 it was read.", "On 15 March 2020 it was read."),
        ("In March 2020 it was read.", "On 15 March 2020 it was read."),
        ("HR 6.84, 95% CI 2.68-17.45", "HR 6.84 (95% CI [2.68; 17.45])"),
        ("61 v 45 years", "61 versus 45 years"),
        ("0,71 (95 % CI 0,55–0,93)", "0.71 (95% CI 0.55-0.93)"),
    ],
)
def test_what_a_quote_says_otherwise_is_not_missing(claim: str, quote: str) -> None:
    assert missing_quantities(claim, [quote]) == []


def test_a_list_shares_its_unit() -> None:
    found = [(q.value, q.unit) for q in quantities("doses of 5, 10 and 20 mg/kg")]
    assert found == [(Decimal(5), "mg/kg"), (Decimal(10), "mg/kg"), (Decimal(20), "mg/kg")]


def test_an_interval_is_one_quantity_with_its_level_beside_it() -> None:
    found = quantities("HR 0.71 (95% CI, 0.55 to 0.93; P = .01)")
    assert [q.kind for q in found] == ["number", "number", "range", "p"]
    assert (found[2].value, found[2].high) == (Decimal("0.55"), Decimal("0.93"))


def test_words_that_count_nothing_are_no_quantities() -> None:
    assert quantities("One of the causes is unknown, and no one knows why.") == []


NUMBERS = st.decimals(min_value="0.01", max_value="99999", places=2).map(lambda d: d.normalize())
UNITS = st.sampled_from(["mg", "kg", "%", "months", "mmHg", "mg/kg", "µg/day", "mmol/L", "years"])


@given(NUMBERS, UNITS)
def test_a_claim_that_repeats_its_quote_lacks_nothing(number: Decimal, unit: str) -> None:
    text = f"The value was {number:f} {unit} at the end."
    assert missing_quantities(text, [text]) == []


@given(NUMBERS, UNITS)
def test_ten_times_a_dose_is_always_caught(number: Decimal, unit: str) -> None:
    quote = f"The value was {number:f} {unit} at the end."
    claim = f"The value was {number * 10:f} {unit} at the end."
    assert missing_quantities(claim, [quote])


@given(NUMBERS, UNITS, UNITS)
def test_another_unit_is_always_caught(number: Decimal, unit: str, other: str) -> None:
    missing = missing_quantities(f"It was {number:f} {other}.", [f"It was {number:f} {unit}."])
    assert bool(missing) == (canonical_unit(unit) != canonical_unit(other))


@given(NUMBERS, UNITS, st.sampled_from("<>≤≥"), st.sampled_from("<>≤≥"))
def test_another_comparator_is_always_caught(
    number: Decimal, unit: str, first: str, second: str
) -> None:
    missing = missing_quantities(
        f"If {first}{number:f} {unit}.", [f"If {second} {number:f} {unit}."]
    )
    assert bool(missing) == (first != second)


@given(st.text(max_size=200))
def test_any_text_is_read_and_offsets_are_its_own(text: str) -> None:
    for quantity in quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text
    assert missing_quantities(text, [text]) == []


@given(
    st.lists(
        st.sampled_from(
            ["5", "10 mg", "0.5–2", "<", "≥", "p", "=", ".001", "CD19", "-", " ", "to", "x10^9/L",
             "95% CI", "(", ")", ",", "two", "years", "or older", "/", "March 2020", "±", "10⁹"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_fragments_of_figures_in_any_order_are_read(parts: list[str]) -> None:
    text = " ".join(parts)
    for quantity in quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text
    assert missing_quantities(text, [text]) == []
