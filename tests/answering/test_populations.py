from __future__ import annotations

import pytest

from ragbot.answering.populations import Facets, conflict, is_preclinical


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("3-year OS in children with ALL", {"child"}),
        ("adults given blinatumomab", {"adult"}),
        ("children and adults", {"child", "adult"}),
        ("children and young adults", {"child", "young"}),
        ("adults on a paediatric-type regimen", {"adult"}),
        ("adults on a pediatric-inspired protocol", {"adult"}),
        ("median OS was 7.7 months", set()),
    ],
)
def test_ages(text, ages):
    assert Facets.of(text).ages == ages


@pytest.mark.parametrize(
    ("text", "below", "above"),
    [
        ("patients under 60", 60, None),
        ("aged 60 or over", None, 60),
        ("age over 40", None, 40),
        ("younger than 18", 18, None),
        ("white cells above 50 x10^9/L", None, None),
        ("more than 90% had an antibody", None, None),
        ("p<0.01", None, None),
    ],
)
def test_age_limits(text, below, above):
    facets = Facets.of(text)
    assert (facets.below, facets.above) == (below, above)


@pytest.mark.parametrize(
    ("question", "sentence", "document", "conflicts"),
    [
        ("outcome in children?", "In adults OS was 50%.", "", True),
        ("outcome in children?", "OS was 50%.", "adults with B-ALL", True),
        ("outcome in children?", "In children OS was 80%.", "adults and children", False),
        ("outcome?", "In adults OS was 50%.", "", False),
        ("TP53 in B-ALL?", "TP53 in CLL predicts poor response.", "CLL", True),
        ("TP53 in B-ALL?", "In CLL, not ALL, TP53 matters.", "CLL", True),
        ("TP53 in B-ALL?", "In CLL and ALL TP53 matters.", "CLL", False),
        ("remission above 50?", "82% in children and young adults.", "", True),
        ("remission above 50?", "82% in children, 70% in adults.", "", False),
        ("remission in adults?", "82% in children and young adults.", "", True),
        ("remission in adults?", "70% in young adults.", "", False),
        ("he is 8 years old", "Survival in adults was 50%.", "", True),
        ("a 45-year-old man", "Survival in children was 80%.", "", True),
        ("a 45-year-old man", "Survival in adults was 50%.", "", False),
        ("remission in young adults?", "70% in adults.", "", False),
        ("remission in AYA?", "70% in non-AYA adults.", "", True),
        ("remission in adults?", "70% in non-AYA adults.", "", False),
        ("remission above 60?", "70% in non-AYA adults.", "", False),
        ("remission in children?", "70% in young adults.", "", True),
        ("she is under 60", "Aged 60 or over: OS 28%.", "", True),
        ("she is under 60", "Under 60: OS 70%.", "", False),
        ("he is over 70", "In patients under 60 OS was 70%.", "", True),
    ],
)
def test_another_population_is_a_conflict(question, sentence, document, conflicts):
    found = conflict(Facets.of(question), Facets.of(sentence), Facets.of(document))
    assert bool(found) is conflicts


@pytest.mark.parametrize(
    ("sentence", "document", "preclinical"),
    [
        ("Ibrutinib did not prolong life in mice.", "", True),
        ("The authors conclude it is not the drug.", "mice with leukaemia", True),
        ("It helped one patient.", "mice with leukaemia", False),
        ("The response rate was 40%.", "adults with B-ALL", False),
        ("The response rate was 40%.", "", False),
    ],
)
def test_findings_in_animals_are_told_from_those_in_people(sentence, document, preclinical):
    assert is_preclinical(Facets.of(sentence), Facets.of(document)) is preclinical
