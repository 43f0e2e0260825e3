"""What identifies somebody is found, and what merely looks like it in clinical text is not."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import yaml

from ragbot.privacy import Finding, blacken, mask, scan, told
from ragbot.privacy.checks import is_card_number, is_iban, is_nhs_number

ROOT = Path(__file__).parents[2]

# A question, and what must not be left of it: each part with its kind.
IDENTIFIED = [
    ("My patient John Smith relapsed after CAR-T, what next?", [("John Smith", "patient_name")]),
    (
        "Patient: Okafor, Chinwe, MRN 4839201, TP53 mutated",
        [("Okafor", "patient_name"), ("4839201", "record_number")],
    ),
    (
        "Mrs Anne-Marie O'Neill has B-ALL; is blinatumomab an option?",
        [("Anne-Marie O'Neill", "patient_name")],
    ),
    (
        "our patient Giulia Rossi, DOB 03/04/1961, is MRD positive",
        [("Giulia Rossi", "patient_name"), ("03/04/1961", "date_of_birth")],
    ),
    (
        "She was born on 12 March 1987 and has low hypodiploidy.",
        [("12 March 1987", "date_of_birth")],
    ),
    ("date of birth: 1987-03-12", [("1987-03-12", "date_of_birth")]),
    ("d.o.b. March 12, 1987", [("March 12, 1987", "date_of_birth")]),
    ("NHS number 943 476 5919, relapsed", [("943 476 5919", "nhs_number")]),
    ("943 476 5919 relapsed at day 28", [("943 476 5919", "nhs_number")]),
    ("Hospital no. RX-448291: HR for CD19-negative relapse?", [("RX-448291", "record_number")]),
    ("patient ID 00831774 needs a donor", [("00831774", "record_number")]),
    ("medical record number is 77-31-094", [("77-31-094", "record_number")]),
    ("Her SSN is 219-09-9999.", [("219-09-9999", "national_id")]),
    ("passport no X4471920, referred for CAR-T", [("X4471920", "national_id")]),
    ("NI number is QQ? no, national insurance AB 12 34 56 C", [("AB 12 34 56 C", "national_id")]),
    ("Insurance policy number BC-99120-77 covers inotuzumab?", [("BC-99120-77", "insurance_id")]),
    ("Medicare 1EG4-TE5-MK73 wants a reason for blinatumomab", [("1EG4-TE5-MK73", "insurance_id")]),
    ("Reach the mother at 020 7946 0958 about the result", [("020 7946 0958", "phone")]),
    ("call me on +49 170 1234567", [("+49 170 1234567", "phone")]),
    ("Call (415) 555-2671 with the MRD result", [("(415) 555-2671", "phone")]),
    ("send it to j.smith@example.org please", [("j.smith@example.org", "email")]),
    (
        "She lives at 14 Acacia Avenue, Bristol BS1 4DJ.",
        [("14 Acacia Avenue", "address"), ("BS1 4DJ", "address")],
    ),
    (
        "address: 3968 Bay Street, Toronto; can she travel for CAR-T?",
        [("3968 Bay Street", "address")],
    ),
    ("my mother is 94 years old, would she get blinatumomab?", [("94", "age_over_89")]),
    ("a 91-year-old woman with Ph-negative ALL", [("91", "age_over_89")]),
    ("David Lee, a 54-year-old man with TP53-mutated ALL", [("David Lee", "patient_name")]),
    ("her son Daniel has low-hypodiploid ALL", [("Daniel", "patient_name")]),
    ("my daughter Yusra relapsed after tisagenlecleucel", [("Yusra", "patient_name")]),
    ("a patient named Oyelaran asks about transplant", [("Oyelaran", "patient_name")]),
    ("my name is katja", [("katja", "person")]),
    (
        "Should Margaret Thompson be transplanted in first remission?",
        [("Margaret Thompson", "person")],
    ),
    ("Bill it to GB29 NWBK 6016 1331 9268 19", [("GB29 NWBK 6016 1331 9268 19", "bank_account")]),
    ("card 4007070753690781 for the test", [("4007070753690781", "payment_card")]),
    ("MRN：４８３９２０１", [("４８３９２０１", "record_number")]),
    (
        "the boy's name is Tomasz and his hospital number 882134",
        [("Tomasz", "person"), ("882134", "record_number")],
    ),
]

CLINICAL = [
    "Study dates: enrolled from 1 January 2012 to 31/12/2018 (data cut-off 2020-05-04).",
    "doi:10.1182/blood-2017-08-798322, PMID 28951469, PMC5334249, NCT01207388, ISRCTN10666866.",
    "EudraCT 2012-003159-12 and 2014-000803-13; ACTRN12615000093572; ChiCTR-OPN-16008526.",
    "Blood 131(14):1522-1531; N Engl J Med 2018;378:439-448. ISSN 0006-4971.",
    "Jabbour E, Kantarjian H, Ravandi F, et al. Nicola Gökbuget and colleagues reported 78%.",
    "In the study by Nicole Lamanna, MRD was negative on Day 28 of cycle 1.",
    "What did Elias Jabbour et al. find, and does the Smith 2019 cohort agree?",
    "HR 6.84 (95% CI 2.68-17.45; p<0.01), OS 36.5 months (95% CI 22.0-NR; n=84).",
    "WBC 50 x 10^9/L, 10^-4, 28 µg/day, 1.8 mg/m2, 0.8 mg/m² day 1 then 0.5 mg/m2 days 8 and 15.",
    "TP53 R175H, CD19, IKZF1, BCR::ABL1, t(9;22)(q34;q11), 17p13.1, HLA-A*02:01, GRCh38 7674220.",
    "Adults aged 60 to 92 years; a median age of 61 years; patients aged 90 or over were excluded.",
    "Of 1209 patients, 625 (51.7%) had 15.7% ... 1,234,567 reads; 3 500 000 cells/kg.",
    "Li-Fraumeni syndrome, Philadelphia-negative ALL, Kaplan-Meier curves, Hodgkin lymphoma.",
    "Patient Characteristics and Outcomes After Allogeneic Transplantation",
    "Hyper-CVAD plus Ponatinib versus Blinatumomab, Phase II, Arm B, Cohort 2, Class I evidence.",
    "Is EC 2.7.11.1 inhibited by SR141716A at 100 mg, version 1.2.3.4 of the assay?",
    "My patient has Burkitt lymphoma; does Vitamin D matter? Hepatitis B Core antibody positive.",
    "Patient 3 relapsed on day 56; patient 12 died at 4.5 months; case 7 had a TP53 deletion.",
    "We thank Mrs Jane Miller for her help. Correspondence to Dr Peter Müller.",
    "Children born between 01/01/2000 and 31/12/2010 were eligible.",
    "the INO-VATE, ELIANA, ZUMA-3, E1910 and TOWER trials; ALL-REZ BFM 2002; GIMEMA LAL2317",
    "a 9-month-old, a 54-year-old man and a girl of 12 years with low hypodiploidy",
]


@pytest.mark.parametrize(("question", "wanted"), IDENTIFIED, ids=lambda v: str(v)[:30])
def test_what_identifies_somebody_is_found_and_masked(question, wanted):
    found = scan(question)
    masked = mask(question, found)
    for value, kind in wanted:
        start = question.index(value)
        hits = [f for f in found if f.start <= start and start + len(value) <= f.end]
        assert [f.kind for f in hits] == [kind], (value, found)
        assert value not in masked
    assert "[" in masked
    assert all(0.5 <= f.score <= 1 for f in found)


@pytest.mark.parametrize("text", CLINICAL, ids=lambda t: t[:30])
def test_clinical_text_is_no_personal_data(text):
    assert [(f.kind, text[f.start : f.end]) for f in scan(text)] == []


def test_no_alarm_in_the_shipped_library_and_the_questions_of_the_suites():
    alarms = []
    for path in sorted((ROOT / "corpus").glob("*/*.md")):
        text = path.read_text(encoding="utf-8")
        alarms += [(path.name, f.kind, text[f.start : f.end]) for f in scan(text)]
    asked = 0
    for path in sorted((ROOT / "eval" / "suites").glob("*.yaml")):
        for sample in yaml.safe_load(path.read_text(encoding="utf-8"))["samples"]:
            for turn in sample["turns"]:
                asked += 1
                alarms += [(sample["id"], f.kind) for f in scan(turn["question"])]
    assert asked > 200
    assert alarms == []


def test_a_question_is_scanned_in_milliseconds():
    question = " ".join(text for text, _ in IDENTIFIED)[:4000]
    scan(question)
    began = time.process_time()
    for _ in range(10):
        scan(question)
    assert (time.process_time() - began) / 10 < 0.15  # 4000 characters, on a slow machine


@pytest.mark.parametrize(
    "text",
    ["9" * 50_000, "1 " * 25_000, "a-1/" * 12_000, "MRN " * 12_000, "John " * 10_000, "A@" * 20_000,
     "12 Aa " * 8_000, "+1 (0)" * 8_000, "born " * 10_000, "(1)" * 15_000],
    ids=lambda t: t[:6],
)  # fmt: skip
def test_no_text_makes_a_recogniser_hang(text):
    began = time.process_time()
    scan(text)
    assert time.process_time() - began < 10


def test_checksums():
    assert is_nhs_number("943 476 5919")
    assert not is_nhs_number("943 476 5918")
    assert not is_nhs_number("000 000 0000")
    assert is_card_number("4007 0707 5369 0781")
    assert not is_card_number("4007070753690782")
    assert is_iban("GB29 NWBK 6016 1331 9268 19")
    assert not is_iban("GB30 NWBK 6016 1331 9268 19")


def test_one_wrong_digit_breaks_a_checksum():
    source = random.Random(7)
    for _ in range(200):
        body = [source.randrange(10) for _ in range(9)]
        check = (11 - sum(d * w for d, w in zip(body, range(10, 1, -1), strict=True)) % 11) % 11
        if check == 10 or len(set(body)) == 1:
            continue
        number = "".join(map(str, body)) + str(check)
        at = source.randrange(10)
        wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
        assert is_nhs_number(number)
        assert not is_nhs_number(wrong)


def test_masks_name_the_kind_and_keep_the_rest():
    text = "Mr Jones, MRN 123456, asks"
    assert mask(text, scan(text)) == "Mr [patient's name], MRN [record number], asks"
    assert told(scan(text)) == "patient's name, record number"
    assert mask(text, ()) == text


def test_blackening_keeps_every_offset():
    text = "Mr Jones, MRN 123456, asks"
    black = blacken(text, scan(text))
    assert len(black) == len(text)
    assert black == "Mr █████, MRN ██████, asks"


def test_overlapping_findings_are_masked_once():
    found = [Finding("phone", 0, 6, 0.5), Finding("nhs_number", 3, 9, 0.9)]
    assert mask("abcdefghi", found) == "abc[NHS number]"
