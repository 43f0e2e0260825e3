"""Exports shaped as Crossref, Zotero, EndNote, PubMed and a publisher shape them."""

from __future__ import annotations

from pathlib import Path

from ragbot.library.composing import composed
from ragbot.library.readers import File, Reading, read_file

EXPORTS = Path(__file__).parent / "exports"


def read(name: str) -> list[Reading]:
    return read_file(File(name, (EXPORTS / name).read_bytes()))


def text(reading: Reading) -> str:
    return composed(reading, {}, {}).text


def test_crossref_bibtex_on_one_line_with_markup_in_its_title():
    (reading,) = read("crossref.bib")
    about = reading.about
    assert reading.title == "Blinatumomab in the real world: a multicentre study of tests"
    assert about.authors == ("Kovács Z", "de la Cruz MJ", "Smith J")
    assert (about.journal, about.year, about.doi) == (
        "Blood Tests", 2021, "10.1000/blood.2021011111",
    )  # fmt: skip
    assert dict(reading.extra) == {"volume": "137", "issue": "5", "pages": "610-620"}
    assert about.content == "record"
    assert about.caveats
    assert "Blood Tests. 2021;137(5):610-620" in text(reading)


def test_zotero_bibtex_with_powers_groups_and_escaped_entities():
    (reading,) = read("zotero.bib")
    about = reading.about
    assert reading.title == "MRD in Ph-negative B-ALL: thresholds of 10^-4 and below"
    assert about.authors == ("Smith AB", "Jørgensen B", "EWALL Group")
    assert (about.pmid, about.pmcid) == ("90001234", "PMC9001234")
    assert about.licence == "CC BY-NC-ND 4.0"
    assert "below 10^-4 predicts survival. It holds in 5% of children & adults." in text(reading)


def test_endnote_ris_with_the_accession_number_and_labels_in_capitals():
    (reading,) = read("endnote.ris")
    about = reading.about
    assert about.authors == ("Brown AB", "Van Dyke C")
    assert (about.pmid, about.pmcid, about.sample_size) == ("33333333", "PMC7654321", 45)
    assert about.journal == "The Journal of Tests"
    headings = [part.text for part in reading.parts if part.kind == "heading"]
    assert headings == ["Abstract", "Background", "Methods", "Results"]
    assert "HR 0.5 (95% CI: 0.3-0.8; P = .02)." in text(reading)


def test_two_medline_records_with_wrapped_and_translated_titles():
    first, second = read("two.nbib")
    assert first.title.endswith("wrapped over two lines, as they are when long")
    assert second.title == "Un titre en francais"
    assert (first.about.year, second.about.year) == (2018, 2019)
    assert second.about.doi == "10.1000/two.19"
    assert second.about.design == "meta-analysis"
    assert "10(9)/L" in text(second)


def test_a_publishers_page_with_raised_links_and_spanned_cells():
    (reading,) = read("publisher.html")
    assert reading.title == "Survival & relapse: 10^-4 matters"
    assert reading.about.year == 2020
    assert [entry.doi for entry in reading.entries] == ["10.1000/r1"]
    whole = text(reading)
    assert "Leukemia is rare. It was shown by Brown et al. that 5% (n = 7) die." in whole
    assert "Arm | 1 y | 2 y\nA^a | 80% | 70%" in whole
