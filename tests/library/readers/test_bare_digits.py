"""Bare digits at the end of statements: clinical numbers stay, citations are taken."""

from __future__ import annotations

import pytest

from ragbot.library.readers.bare_digits import resolve
from ragbot.library.readers.model import CLOSE, OPEN, Part

CLINICAL = """
Treatment was stopped for toxicity of grade 3
Neuropathy was mostly grade 1 or 2
The trial was a randomised phase 3
It was given from day 1 to day 14
Samples were taken on days 1, 8, 15
Doses were given in cycles 2, 4
The median age was 54
Patients were aged 18 to 60
Remission was reached by 12 of 43
Adults received methotrexate in blocks 1, 3
Relapse occurred in children under 10
The count fell below 50
The score was 4
An ECOG status of 0, 1
All had an ECOG performance status of 2
Survival was 45 versus 31
The risk rose by a factor of 2
Patients were randomised 2:1
Follow-up ended in year 5
The ratio was 1.5
Only 3 of 20 survived beyond month 12
It is expressed on CD19 and CD 22
Venetoclax inhibits BCL 2
The gene lies on chromosome 17
The change lies in exon 8
Mutations were found in codon 175, 248
The hazard ratio was 0.45
The dose was reduced after week 2
We excluded those with type 2
Infusion began at hour 6
He was treated on protocol 10
Transplantation was done between months 4 and 6
The level was less than 10
Leukocytes were at least 30
Platelets exceeded 100
Remission rates were 80 and 75
Relapse was defined as 5
Toxicities were graded 3, 4
The interval is 28 to 56
Patients needed a median of 2
Two arms had 12 and 13
Vitamin B 12
Stage 4
Patients in group 2
Response was assessed at visit 3
The index was about 20
Outcomes were poor in patients over 60
The maximum number of cycles is 5
About 1 in 3
Fever lasted until day 5
Asparaginase was given every 14
Creatinine rose by 2
Cells numbered fewer than 20
Patients received up to 6
A dose level of 3
The therapy was de-escalated in step 2
The Karnofsky score was above 70
Doses 1 and 2
Complete remission occurred in all 9
""".strip().split("\n")
CITING = """
Survival was longer with inotuzumab
Remission was reached by 80%
The ratio was above 2 g/g
Relapse was seen in 12 of 43
The median age was 54 years
It was given on days 1, 8 and 15
Neuropathy was mostly grade 1 or 2
The hazard ratio was 0.45 (95% CI 0.31-0.66)
Doses above 15 mg/m^2
Residual disease was below 10^-4
The dose is 2000 IU/m2
TP53 mutation raised the risk of relapse with loss of CD19
These cells express CD22
Ponatinib inhibits BCR-ABL1
Patients in this group
It depends on the dose
The drug is given twice a day
In phase 2 trials
Response to the first cycle
Patients in the control arm
It reduces the risk by half
Survival at 3 years
A level of 0.1 IU/mL
Outcome differs by age
Outcome differs between children and adults
It is approved for children of 1 year or older
Toxicity was higher in the second course
Creatinine clearance of 30 mL/min
A p value of 0.03
Patients needed a median of 2 cycles
Fever lasted 5 days
It was caused by SARS-CoV-2
No deaths were seen
Albumin fell to 20 g/L
Survival was 45 versus 31 months
Blood counts recover by week 6
Temperatures above 38 °C
About 1 in 3 patients
The regimen includes vincristine (VCR)
They had a higher-risk score
Standard of care remains "watch and wait"
Outcomes were worse in men
Most relapses occur within 2 years
Consider a clinical trial
Transplantation in first remission
Test for hepatitis B
Use a lower dose
Monitor liver function weekly
The effect was seen at every level
Give prophylaxis from day 1 of each cycle
""".strip().split("\n")
LEFT_AND_TOLD = 2  # "by age 6" and "risk score 4, 6" can be read either way


def page(style: str) -> tuple[list[Part], list[int]]:
    """Citing and clinical statements in turn, and how many markers each has."""
    parts, wanted = [], []
    count = 0
    for i in range(max(len(CLINICAL), len(CITING))):
        if i < len(CITING):
            first = count % 9 + 1
            count += 1
            numbers = f"{first}" if i % 3 else f"{first}, {first + 2}"
            text = (
                CITING[i]
                + {"before": f" {numbers}.", "none": f" {numbers}", "after": f". {numbers}"}[style]
            )
            parts.append(Part("paragraph", text))
            wanted.append(1)
        if i < len(CLINICAL):
            parts.append(Part("paragraph", CLINICAL[i] + ("" if style == "none" else ".")))
            wanted.append(0)
    return parts, wanted


@pytest.mark.parametrize("style", ["before", "none", "after"])
def test_no_clinical_number_is_taken_and_what_is_left_is_told(style):
    parts, wanted = page(style)
    resolved = resolve(parts)
    left = []
    for part, made, count in zip(parts, resolved.parts, wanted, strict=True):
        assert len(made.markers) <= count, part.text
        if len(made.markers) < count:
            left.append(part.text.rstrip("."))
            assert made.text == part.text
    assert len(left) <= LEFT_AND_TOLD
    assert set(left) <= set(resolved.left)
    assert len(resolved.left) <= LEFT_AND_TOLD + 1  # and "a randomised phase 3"


@pytest.mark.parametrize(
    ("text", "plain", "numbers"),
    [
        ("Albumin fell 2, 3.", "Albumin fell.", [(2, 3)]),
        ("Albumin fell 2–4.", "Albumin fell.", [(2, 3, 4)]),
        ("Albumin fell [2].", "Albumin fell.", [(2,)]),
        (f"Albumin fell{OPEN}1{CLOSE}.", "Albumin fell.", [(1,)]),
        (f"Albumin fell {OPEN}1{CLOSE}, {OPEN}2{CLOSE} in all.", "Albumin fell in all.", [(1, 2)]),
        (f"Albumin fell {OPEN}1{CLOSE}{OPEN}2{CLOSE}.", "Albumin fell.", [(1, 2)]),
        (f"Given in cycle 1{OPEN}1{CLOSE}.", "Given in cycle 1.", [(1,)]),
        (f"Given in cycle 2. {OPEN}1{CLOSE}", "Given in cycle 2.", [(1,)]),
        ("Given in cycle 2. 1, 3", "Given in cycle 2.", [(1, 3)]),
        (
            "It fell 1, whereas it rose in adults 2, 3.",
            "It fell, whereas it rose in adults.",
            [(1,), (2, 3)],
        ),
        ("Of 10 000.", "Of 10 000.", []),
        ("It was 5 (95% CI [2, 9]) [1].", "It was 5 (95% CI [2, 9]).", [(1,)]),
        ("1", "1", []),
        ("", "", []),
    ],
)
def test_citations_of_a_statement(text, plain, numbers):
    (made,) = resolve([Part("paragraph", text)], listed=9).parts
    assert (made.text, [m.numbers for m in made.markers]) == (plain, numbers)


def test_numbers_beyond_the_reference_list_are_no_citations():
    parts = [
        Part("paragraph", "Relapse was seen in adults 2."),
        Part("paragraph", "It lasted for weeks 60."),
    ]
    resolved = resolve(parts, listed=5)
    assert resolved.cited == (2,)
    assert resolved.parts[1].text == "It lasted for weeks 60."


def test_without_a_list_a_number_far_from_the_others_is_left():
    parts = [Part("paragraph", f"A finding of its own {n}.") for n in (1, 2, 3, 80)]
    assert resolve(parts).cited == (1, 2, 3)


def test_digits_glued_to_a_word_need_company():
    alone = [Part("paragraph", "It rose in adults1.")]
    assert resolve(alone).cited == ()
    many = [
        Part("paragraph", f"It rose in {who}{n}.")
        for n, who in enumerate(("adults", "children", "women"), 1)
    ]
    assert resolve(many).cited == (1, 2, 3)
    assert (
        resolve([*many, Part("paragraph", "It inhibits BCL2.")]).parts[3].text
        == "It inhibits BCL2."
    )
