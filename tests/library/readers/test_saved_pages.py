# ruff: noqa: E501
"""Saved and pasted pages of the imitated site, in different dresses, against what they say.

`held.html` was written before anything was tuned, and not looked at while it was.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ragbot.library.composing import composed
from ragbot.library.readers import File, Reading, read_file

PAGES = Path(__file__).parent / "pages"

LINKED = """
## Bottom Line
In TP53-altered patients of the INO-VATE trial, all 5 of 5 reached remission with inotuzumab, against 1 of 8 with standard chemotherapy (p=0.0047) [1]. The subgroup is tiny [1, 2].
## What was found
- White cells above 50 × 10^9/L were an adverse sign [2]
  - A residual disease level below 10^-4 at day 29 went with longer survival. [3]
  - The dose was 1.8 mg/m^2 in cycle 1 [1]
- Median overall survival was 7.7 months versus 4.0 months. [1]
### Cautions
1. Veno-occlusive disease of grade 3 or 4 was seen [2, 4].
2. No source gives the effect in children under 18.
Taken together, the evidence is thin [1, 2, 3].
"""
BARE = """
## Monitoring of Asparaginase in Adults
Trough activity should be measured after every dose, because silent inactivation occurs in 8% of adults and is not seen at the bedside [1].
## Dosing
- The usual dose is 2000 IU/m2 on day 4 of induction [1, 2].
  - A protein to creatinine ratio above 2 g/g [1]
  - Albumin below 20 g/L [2, 3]
  - In patients over 60 the dose is often reduced by 50% [3].
- Activity of at least 0.1 IU/mL on day 14 is the target [2].
- Bilirubin of grade 3 was seen in 12 of 51 adults, and grade 4 in 3 of 51 [4].
## When to Stop
1. Stop at pancreatitis of grade 3.
2. Pause with a bilirubin above 3 times normal [4, 5].
3. Resume at a dose of 500 IU/m2 in cycle 2.
Thrombosis occurred in 9 adults by month 6 [5]. The risk was higher in those over 40 [1, 5], whereas age below 18 was protective [5].
In summary, measure activity within 14 days and act on it [1, 2, 5].
"""
PASTED = """
## Monitoring of Asparaginase in Adults
Trough activity should be measured after every dose, because silent inactivation occurs in 8% of adults and is not seen at the bedside [1].
## Dosing
The usual dose is 2000 IU/m^2 on day 4 of induction [1, 2].
A protein to creatinine ratio above 2 g/g [1]
Albumin below 20 g/L [2, 3]
In patients over 60 the dose is often reduced by 50% [3].
White cells below 50 × 10^9/L at diagnosis [2, 3]
Activity of at least 0.1 IU/mL on day 14 is the target [2].
## When to Stop
1. Stop at pancreatitis of grade 3.
2. Pause with a bilirubin above 3 times normal [4, 5].
3. Resume at a dose of 500 IU/m^2 in cycle 2.
Thrombosis occurred in 9 adults by month 6 [5]. The risk was higher in those over 40 [1, 5], whereas age below 18 was protective [5].
In summary, measure activity within 14 days and act on it [1, 2, 5].
"""
BULLETED = """
## Bottom line
Offer transplantation in first remission to those with residual disease of 10^-4 or more after induction. [1, 2] Age above 55 and a comorbidity score of 3 argue against it. [3]
### Who benefits
- Residual disease at week 16, whatever the level at week 10.1
  - Survival at 3 years was 71% against 38%. [2]
  - The gain was absent in 24 of 98 with a level below 10^-5. [2, 4]
- Low hypodiploidy, in adults. [3]
- Ph-like disease: phase 2 data only. [4]
### Who does not
1. Children under 10 with a good response. [5]
2. Adults in whom grade 4 toxicity persists beyond day 100.
In short, decide by residual disease. [1, 5]
"""
HELD = """
## Role of Residual Disease After Blinatumomab
A level below 10^-4 after cycle 1 goes with longer relapse-free survival, and a level at or above 10^-4 calls for a change of plan. [1, 2]
## Measuring It
- Flow cytometry needs 4 × 10^6 cells to reach a sensitivity of 10^-5 [2]
  - The first sample is taken on day 15 of cycle 1 [1]
  - The second sample follows cycle 2, within 7 days [3]
- Sequencing found residual cells in 18 of 43 samples that were negative by flow [3, 4]
## Acting on It
### Adults
- With a level of 0.01% or more, offer transplantation in first remission [4]
- With urine protein above 2 g/g [1]
- CRP above 100 mg/L or ferritin above 500 µg/L [2, 4]
- Stop at neurological events of grade 4
- Inotuzumab is limited to cycles 1 and 2
### Children
In children, blinatumomab was given in phase 3 trials as 15 µg/m^2 per day over 4 weeks. [5] In those under 1 year data are lacking. [5]
Overall, measure at day 29 and after cycle 2. [1, 3, 5]
"""
SECOND = """
## Management of Cytokine Release Syndrome
Tocilizumab 8 mg/kg should be given for cytokine release of grade 2 or higher, and repeated after 8 hours if fever persists [1, 2].
### Grading and First Steps
- Grade 1: give antipyretics and look for infection [2]
- Grade 2: tocilizumab, up to 3 doses in 24 hours [1]
- Grade 3–4: add dexamethasone 10 mg every 6 hours [1, 3]
  - Taper it once the syndrome falls to grade 1
  - Ferritin above 10,000 µg/L calls for a look at haemophagocytosis [4]
### What to Expect
| Product | Any grade | Grade ≥3 |
| --- | --- | --- |
| A | 77% [3] | 22% |
| B | 89% | 24% [4] |
Onset is at a median of 3 days, with a range of 1 to 22. It lasts 8 days on average [3]. ICANS of grade 3 follows in 13% [5].
In conclusion, treat early, and watch for 10 days after infusion [1, 5].
"""
THIRD = """
## Prophylaxis of the Central Nervous System in Adults With B-ALL
All adults with B-ALL should be given intrathecal prophylaxis from the first lumbar puncture, since without it a third relapse in the central nervous system [1, 2].
## Schedule of Intrathecal Treatment
- Begin at diagnosis, with 8 to 12 doses over the first 6 months [1]
- Methotrexate 12 mg is the usual dose [1, 3]
  - Reduce to 6 mg through an Ommaya reservoir [4]
  - Add cytarabine 40 mg in those with white cells above 30 × 10^9/L [3]
- Continue in maintenance on day 1 of every second cycle
- Ph-positive disease needs up to 15 doses [5]
## High-Dose Systemic Treatment
1. Methotrexate of 3 g/m^2 or more reaches the cerebrospinal fluid [3, 5]
2. Give leucovorin from hour 42, until methotrexate is below 0.1 µmol/L [5]
3. Do not combine it with intrathecal methotrexate within 7 days
Cranial irradiation (18 Gy in fractions of 1.5–2) is no longer routine [2, 6]. It is reserved for involvement of cranial nerves [6], for masses [6], and before transplantation in CNS 3 disease.
The evidence comes from 4 cohorts and 1 trial; none randomised more than 2 arms [6].
"""
FOURTH = """
## Bottom line
Blinatumomab with reduced chemotherapy can replace intensive blocks in adults aged 60 or over, with 3-year survival of 65%. [1, 2] It does not do away with intrathecal treatment. [1]
## Evidence
### Trials
- Mini-hyper-CVD with inotuzumab, then blinatumomab in cycles 5 to 8: 74 adults, remission in 98%. [2]
- A single-arm trial gave blinatumomab in induction to 29 adults; 66% reached remission after cycle 1 or 2.3
- Deaths in remission fell from 33% to 9 of 74. [2, 4]
### Doses
- 28 µg per day as a continuous infusion, days 1–28.3
  - From 9 µg per day in week 1 where blasts exceed 50%. [3]
- Dexamethasone 20 mg before dose 1.
## Cautions
1. Neurological events of grade 3 or more in 5–9%. [4]
2. Extramedullary disease: no data beyond case series of 2 to 10.
In summary, age alone is no reason to withhold it. [1, 5]
"""
FIFTH = """
## Bottom Line
Adding rituximab 375 mg/m^2 in 16 to 18 infusions prolonged event-free survival in adults aged 18–59 with CD20 on at least 20% of blasts [1]. Overall survival differed only after censoring at transplantation [1, 2].
## Who Was Studied
- Adults under 60: 209 patients, of whom 105 received rituximab [1]
- Older adults: two single-arm series of 26 and 31, no comparison [3]
  - Infections of grade 3 or 4 in about 1 of 3 [3]
- Children: none younger than 15
## How It Is Given
1. Day 1 and day 7 of induction, then once per block [1]
2. Stop after dose 18
3. Premedicate, as reactions were seen in up to 14 of 105 [1, 4]
## Open Questions
- Whether it helps where fewer than 20% of blasts carry CD20 [5]
- Whether blinatumomab makes it redundant; the E1910 trial does not tell [5]
- The best number of doses: 4, 8, or 18
Summing up, give it with intensive chemotherapy in those with CD20 [1].
"""
SIXTH = """
## Diagnostic Work-Up
Every adult needs karyotype, FISH and RNA sequencing within 7 days [1], and flow cytometry with CD19, CD20 and CD22 [1, 2].
## Genetics
- BCR::ABL1 before day 8, since a kinase inhibitor is added then [2]
- TP53 sequencing, exons 4 to 11 [3]
  - Germline testing where TP53 is mutated and chromosomes number 30–39 [3, 4]
- Chromosome count: hypodiploidy is fewer than 40
## Baseline Risk
| Leukocytes | >30 × 10^9/L | adverse [1] |
| --- | --- | --- |
| Age | >35 | adverse [2] |
A lumbar puncture is done with the first intrathecal dose; more than 10 red cells/µL make it traumatic [5]. Risk is reassessed at week 10 and again at week 16 [1, 2, 3].
"""
SEVENTH = """
## Bottom Line
Hold pegaspargase at triglycerides above 1,000 mg/dL, at direct bilirubin above 3 mg/dL, and at any pancreatitis of grade 2 or more [1, 4]. The dose of 2,500 IU/m^2 is capped at 3,750 IU in those over 40 [2].
## Holding and Resuming
- Bilirubin of 3.1 to 5 mg/dL: hold, resume at 75% once below 2 [1]
  - Above 5 mg/dL: hold, and do not resume within 14 days [1, 3]
- Thrombosis: resume under heparin after day 15
- Antithrombin below 50% was replaced in 7 of 9 centres [5]
### Figures
| Event | Adults &lt;40 (n = 88) | Adults ≥40 (n = 41) |
| --- | --- | --- |
| Hepatic, grade 3–4 | 31% [2] | 54% |
| Pancreatitis | 4 (5%) | 3 (7%) [2] |
In all, toxicity is managed by delay, not by giving up; 80% of adults got all 6 doses [3].
"""
EIGHTH = """
## Bottom line
Measure at day 28, month 3 and month 6; a level below 10^-6 at day 28 goes with a median event-free survival not reached by month 18. [1, 2] A level that returns calls for a new plan within 2 weeks. [3]
## Timing
1. Day 28: by sequencing, in marrow. [1]
   1. Blood is 1 log less sensitive. [2]
   2. Use at least 2 million cells.
2. Month 3 and month 6. [1, 4]
3. Every 3 months up to year 2
## What the level means
- Undetectable at 10^-6: relapse in 9 of 38 by month 12.2
- Between 10^-6 and 10^-4: hazard ratio 4.87 (95% CI 2.18-10.8). [2, 5]
- Above 10^-4: 12 of 12 relapsed.
- B-cell aplasia lost before month 6: relapse in 5 of 11. [3, 4, 5]
Loss of CD19
Seen in 6 of 20 relapses; flow cytometry must not gate on CD19 alone. [4]
Extramedullary relapse
PET-CT at month 3 where a mass was 2 cm or more.
Taken together, sequencing of marrow at day 28 tells most; its cost is about 2,000 a sample. [5]
"""
NINTH = """
## Bottom line
G-CSF shortens neutropenia by 4 to 6 days [1, 2] but survival at 3 years was the same, 53% against 55% [3].
## How to give it
- 5 µg/kg from day 2 of induction [1]
  - Stop at neutrophils above 1.0 × 10^9/L on 2 days [1]
- Pegfilgrastim 6 mg once, on day 4
- Not in the 24 hours before a dose of vincristine [4]
### Numbers
| Outcome | G-CSF | None |
| --- | --- | --- |
| Days below 0.5 × 10^9/L | 16 | 22 [1] |
| Deaths in induction | 4 | 11 [3] |
“No trial was large enough to show fewer than 5 deaths in 100” [5]
On the whole, give it to those over 55 [3].
"""
TENTH = """
## Bottom Line
Only fusions of ABL1, ABL2, CSF1R or PDGFRB, some 3% of cases, call for imatinib or dasatinib from day 15. [1, 2] For fusions of CRLF2 it has no role. [3]
## Which Fusions
- ABL-class: imatinib 340 mg/m2 per day, or dasatinib 60 mg/m2 [1]
- NUP214::ABL1 in 5 of 13 with an induction failure [2, 4]
  - Residual disease above 1% at day 29 in 7 of 13 [4]
- JAK2 and EPOR: trials of ruxolitinib, phase 2 [5]
- Test all with residual disease above 0.01% at week 5
## Evidence
1. A registry of 122 children: 5-year event-free survival of 64% without a kinase inhibitor [2]
2. A single-arm study of 24 given dasatinib, median age 11 [4]
3. No randomised trial
Relapse occurred in 28% at 5 years [2], and transplantation in first remission, done in 2 of 3, did not change it [2]. Late toxicity beyond year 10 is unknown.
All in all, look for fusions by day 8 and add the inhibitor by day 15 [1, 4].
"""
EXPECTED = {
    "linked.html": ("Does inotuzumab help in TP53-altered B-ALL?", "2026-11-03", LINKED),
    "bare.html": (
        "How should asparaginase be monitored in adults with B-ALL?", "2026-10-02", BARE,
    ),
    "printed.pdf": (  # bare.html, printed to a PDF by a browser
        "How should asparaginase be monitored in adults with B-ALL?", "2026-10-02", BARE,
    ),
    "pasted.txt": (
        "How should asparaginase be monitored in adults with B-ALL?", "2026-10-02", PASTED,
    ),
    "bulleted.txt": (
        "Which patients with B-ALL should be offered transplantation in first remission?",
        "2026-09-30", BULLETED,
    ),
    "second.html": (
        "How should cytokine release after CAR-T cells be managed?", "2026-08-21", SECOND,
    ),
    "third.txt": (
        "When should prophylaxis for the central nervous system be given in adult B-ALL?",
        "2026-07-09", THIRD,
    ),
    "fourth.html": (
        "Can blinatumomab replace chemotherapy in older adults with Ph-negative B-ALL?",
        "2026-06-30", FOURTH,
    ),
    "fifth.txt": (
        "Is rituximab useful in CD20-positive B-ALL?", "2026-03-05", FIFTH,
    ),
    "sixth.html": (
        "What should be tested at diagnosis in adult B-ALL?", "2026-05-12", SIXTH,
    ),
    "seventh.html": (
        "When is pegaspargase held in adults with B-ALL?", "2026-04-18", SEVENTH,
    ),
    "eighth.html": (
        "How is minimal residual disease used after CAR-T cells in adults?", "2026-02-02", EIGHTH,
    ),
    "ninth.html": (
        "Is prophylactic G-CSF of use in induction of adult B-ALL?", "2026-01-30", NINTH,
    ),
    "tenth.txt": (
        "Does early imatinib change outcome in Ph-like B-ALL?", "2026-03-14", TENTH,
    ),
    "held.html": (
        "What is the role of residual disease after blinatumomab in B-ALL?", "2026-09-14", HELD,
    ),
}  # fmt: skip


def read(name: str) -> Reading:
    (reading,) = read_file(File(name, (PAGES / name).read_bytes()))
    return reading


def lines(markdown: str) -> list[str]:
    return [line for line in markdown.split("\n") if line.strip()]


@pytest.mark.parametrize("name", EXPECTED)
def test_headings_statements_numbers_and_citations_of_a_page(name):
    title, updated, body = EXPECTED[name]
    reading = read(name)
    assert reading.kind == "article"
    assert reading.title == title
    assert reading.page is not None
    assert reading.page.updated == updated
    written = composed(reading, {}, {}).markdown.split("---\n", 2)[2]
    assert lines(written) == lines(body)


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_of_the_page_around_the_article_is_taken_in(name):
    text = " ".join(part.text for part in read(name).parts)
    for word in ("disclaimer", "follow-up question", "Advisory Board", "describes you", "policy",
                 "Submitted", "Sign in", "Privacy", "__DATA__", "Imprint"):  # fmt: skip
        assert word.lower() not in text.lower(), word


def test_a_reference_list_is_kept_with_what_it_links_to():
    entries = read("linked.html").entries
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert (entries[0].doi, entries[0].pmid) == ("10.1000/test.1", None)
    assert entries[1].pmid == "10000002"
    assert entries[2].text == "Specimen E. Residual disease, a test. J Tests. 2022."
    listed = read("bulleted.txt").entries
    assert [entry.doi or entry.pmid for entry in listed] == [
        None, "90000011", None, "10.1000/fourth", None,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["seventh.html", "eighth.html", "ninth.html"])
def test_a_list_in_a_table_a_fold_or_paragraphs_is_kept_and_nothing_behind_it(name):
    entries = read(name).entries
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert not any("\u21a9" in entry.text or "Related" in entry.text for entry in entries)


def test_a_page_without_a_list_has_its_references_shown_as_missing():
    reading = read("bare.html")
    assert [entry.number for entry in reading.entries] == [1, 2, 3, 4, 5]
    assert all(entry.text == "" for entry in reading.entries)
    assert any("no reference list" in note for note in reading.notes)


def test_what_can_be_read_either_way_stays_text_and_is_reported():
    notes = read("bulleted.txt").notes
    assert [n for n in notes if "left as text" in n and "week 10.1" in n]


def test_the_claimed_status_of_a_page_is_no_status_of_ours():
    data = (PAGES / "linked.html").read_bytes()
    data = data.replace(b"<p>Last updated", b"<p>Review status: Approved</p><p>Last updated")
    (reading,) = read_file(File("x.html", data))
    assert reading.page is not None
    assert reading.page.status == "approved"
    assert not re.search("Approved", " ".join(part.text for part in reading.parts))
