from __future__ import annotations

import pytest

from ragbot.retrieval.condense import Context, condense
from ragbot.retrieval.measures import is_measure, names_subject, swap_measure
from ragbot.types import Message


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("CRS rates", True),
        ("the toxicity", True),
        ("grade 3 neurotoxicity", True),
        ("median OS", True),
        ("event-free survival", True),
        ("VOD risk with inotuzumab", False),
        ("inotuzumab", False),
        ("children", False),
        ("os", False),
    ],
)
def test_measures(text, measure):
    assert is_measure(text) is measure


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("How fast should blina be started?", True),
        ("Is it worse in B-ALL?", True),
        ("CRS rates in children?", False),
        ("How long does it take?", False),
    ],
)
def test_subjects_are_diseases_and_treatments(text, subject):
    assert names_subject(text) is subject


def test_a_measure_takes_the_place_of_another():
    assert swap_measure("What is the OS after CAR-T", "EFS") == "What is the EFS after CAR-T"
    swapped = swap_measure("What is the relapse rate after transplant", "the GvHD")
    assert swapped == "What is the GvHD rate after transplant"
    assert swap_measure("CRS rates with CAR-T", "VOD risk") == "VOD risk with CAR-T"
    assert swap_measure("Which products are approved", "CRS") is None


@pytest.mark.parametrize(
    ("before", "asked", "written"),
    [
        ("What is the OS after CAR-T?", "EFS?", "What is the EFS after CAR-T?"),
        ("Which CAR-T products are approved?", "CRS rates?", "CRS rates in CAR-T products?"),
        ("CRS rates in CAR-T?", "how about neurotoxicity?", "Neurotoxicity rates in CAR-T?"),
        ("Blina versus chemo OS?", "VOD risk with inotuzumab?", "VOD risk with inotuzumab?"),
        (
            "What is the OS with inotuzumab?",
            "and blinatumomab?",
            "What is the OS with blinatumomab?",
        ),
        ("What MRD level is positive?", "How fast is blina given?", "How fast is blina given?"),
    ],
)
def test_a_fragment_asks_for_a_measure_or_of_a_subject(before, asked, written):
    history = [Message("user", before), Message("assistant", "An answer.")]
    assert condense(asked, history, Context()).text == written
