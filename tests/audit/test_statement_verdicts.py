"""What each check of a statement says, on texts made for it."""

from __future__ import annotations

import pytest

from ragbot.audit.facets import mismatches
from ragbot.audit.figures import figures_of
from ragbot.audit.names import unnamed
from ragbot.audit.references import audit_reference, is_doi, is_pmid
from ragbot.types import Reference

SENTENCE = (
    "Median overall survival was 7.7 months with blinatumomab versus 4.0 months with chemotherapy "
    "(HR 0.71, 95% CI 0.55-0.93; p=0.01) in 405 adults, and 88 of 113 (78%) responded."
)


@pytest.mark.parametrize(
    "statement",
    [
        "Survival rose from 4.0 to 7.7 months.",
        "The hazard was 0.71-fold (95% CI 0.55 to 0.93).",
        "Survival was 7.7 against 4.0 months.",
        "88/113 responded.",
        "Nearly eight in ten responded.",
        "About 80% responded.",
        "Twice as many responded, p=0.01.",
        "Four hundred five... of 405 adults, more than half responded.".removeprefix(
            "Four hundred five... of "
        ),
    ],
)
def test_figures_may_be_written_otherwise(statement):
    assert [f.text for f in figures_of(statement, [SENTENCE]) if not f.held_by] == []


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("Survival was 7.1 months.", "7.1 months"),
        ("Survival was 7.7 years.", "7.7 years"),
        ("The hazard ratio was 0.17.", "0.17"),
        ("The p value was p=0.001.", "0.001"),
        ("88 of 131 responded.", "131"),
        ("In 78 adults there was a response.", "78"),
        ("One in three responded.", "One in three"),
    ],
)
def test_a_changed_figure_is_named(statement, wrong):
    lacking = [f.text for f in figures_of(statement, [SENTENCE]) if not f.held_by]
    assert len(lacking) == 1
    assert lacking[0].startswith(wrong)


def test_a_figure_knows_the_sentence_that_gives_it():
    found = figures_of("Survival was 7.7 months in 405 adults.", ["Nothing.", SENTENCE])
    assert {f.held_by for f in found} == {(1,)}


def named(statement, sentence, about="adults with ALL", whole=""):
    return [m.facet for m in mismatches(statement, [sentence], about, whole or sentence)]


@pytest.mark.parametrize(
    ("statement", "sentence", "facet"),
    [
        ("In children it was 7.7 months.", "In adults it was 7.7 months.", "age"),
        ("In T-ALL it was 7.7 months.", "In B-ALL it was 7.7 months.", "disease"),
        ("In AML it was 7.7 months.", "In ALL it was 7.7 months.", "disease"),
        ("In Ph-positive ALL it held.", "In Ph-negative ALL it held.", "Philadelphia chromosome"),
        (
            "In newly diagnosed ALL it held.",
            "In relapsed/refractory ALL it held.",
            "line of therapy",
        ),
        ("In patients under 60 it held.", "In patients aged 60 or over it held.", "age"),
        ("In second remission it held.", "In first complete remission it held.", "remission"),
        ("In MRD-negative adults it held.", "In MRD-positive adults it held.", "residual disease"),
        ("Somatic variants were found.", "Germline variants were found.", "origin"),
        ("In women it held.", "In men it held.", "sex"),
        ("In children it held.", "It held.", "age"),
    ],
)
def test_other_patients_are_told(statement, sentence, facet):
    assert facet in named(statement, sentence)


@pytest.mark.parametrize(
    ("statement", "sentence", "about"),
    [
        ("In adults it held.", "It held.", "adults with ALL"),
        ("In adults it held.", "It held.", ""),
        ("In B-ALL it held.", "In ALL it held.", "ALL"),
        ("In ALL it held.", "In B-ALL it held.", "B-ALL"),
        ("In CLL, not ALL, it held.", "In CLL it held.", "patients with CLL"),
        ("On a paediatric-type regimen adults did well.", "Adults did well.", "adults"),
        ("Adults relapsed later.", "Adults relapsed later.", "newly diagnosed adults"),
        ("It held.", "In children it held.", "children"),
    ],
)
def test_the_same_patients_in_other_words_are_no_mismatch(statement, sentence, about):
    assert named(statement, sentence, about) == []


def test_a_part_of_a_mixed_population_is_told():
    assert named("In children it held.", "It held.", "children and adults with ALL") == ["age"]


def test_drugs_genes_and_trials_that_the_source_does_not_name():
    text = "In ELIANA tisagenlecleucel was given to patients with TP53 alterations (OS, EFS)."
    assert unnamed(text, text) == []
    assert unnamed("In ZUMA-3 brexucabtagene was given.", text)[0] == "ZUMA-3"
    assert unnamed("Patients with IKZF1 deletion did worse.", text) == ["IKZF1"]
    assert unnamed("Inotuzumab was given.", text) == ["Inotuzumab"]
    assert unnamed("OS and EFS were short.", "Overall survival was short.") == []


@pytest.mark.parametrize("text", ["10.1182/blood.2025030498", "10.1016/S0140-6736(19)30222-2"])
def test_dois(text):
    assert is_doi(text)


@pytest.mark.parametrize("text", ["10.11/x", "11.1182/blood", "blood.2025030498", "10.1182/", ""])
def test_no_dois(text):
    assert not is_doi(text)


def test_pmids():
    assert is_pmid("39820649")
    assert not is_pmid("9999999999")
    assert not is_pmid("0123")
    assert not is_pmid("PMC123")


@pytest.mark.parametrize(
    ("citation", "kinds"),
    [
        ("Hof J. J Clin Oncol 2011;29:3185. doi:10.1200/JCO.2011.34.8144", []),
        ("Example A. Blood 2044.", ["identifier"]),
        ("Example A. Blood 2021. doi:10.11/x", ["identifier"]),
        ("Example A. Blood 2021. PMID: 9999999999", ["identifier"]),
    ],
)
def test_a_written_reference_is_checked_for_what_cannot_be(citation, kinds):
    checked = audit_reference(Reference(1, None, citation), {}, 1, 2026)
    assert [problem.kind for problem in checked.problems] == kinds
    assert checked.status == "declared_missing"


def test_a_source_that_is_not_there_and_never_cited():
    checked = audit_reference(Reference(7, "made-up-2024"), {}, 0, 2026)
    assert checked.status == "not_in_library"
    assert [(p.kind, p.number) for p in checked.problems] == [("source", 7), ("unused", 7)]
