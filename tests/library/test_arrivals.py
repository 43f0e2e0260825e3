"""Adding says which references the new documents are, and what is still missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragbot.library.adding import FileReport, Wishes, add_files
from ragbot.library.arrivals import added_ids, arrivals

BY_TITLE = "Ginger tea for the nausea of adults given etoposide"
RECORD = "TY  - JOUR\nTI  - {title}\nAU  - Example, Ann\nPY  - 2021\n{more}AB  - {text}\nER  - \n"


def record(title: str, more: str) -> str:
    return RECORD.format(title=title, more=more, text="Nausea was eased by it in most adults.")


ARTICLE = f"""---
title: An article on vomiting
status: submitted
updated: 2026-01-05
references:
  1: held-source
  2:
    missing: true
    citation: "Example A. Ginger and vomiting. J Tests. 2021. doi:10.1000/ginger"
  3:
    missing: true
    citation: "Example A. {BY_TITLE}. J Tests. 2021;3:1-9."
  4:
    missing: true
    citation: "Stranger Q. {BY_TITLE}. J Tests. 1991;3:1-9."
  5:
    missing: true
    citation: "Nobody N. Something else that no file holds at all. J Tests. 1999."
---
One [1]. Two [2]. Three [3]. Four [4]. Five [5].
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "articles").mkdir(parents=True)
    (folder / "sources").mkdir()
    (folder / "sources" / "held-source.md").write_text("---\ntitle: Held\n---\nText.\n")
    return folder


def add(corpus: Path, name: str, text: str) -> list[FileReport]:
    path = corpus.parent / name
    path.write_text(text, encoding="utf-8")
    return add_files([path], corpus, Wishes())


def test_added_sources_are_told_for_the_references_they_are(corpus):
    (corpus / "articles" / "vomiting.md").write_text(ARTICLE, encoding="utf-8")
    doi = record(title="Of ginger", more="DO  - 10.1000/ginger\n")
    reports = add(corpus, "a.ris", doi + record(title=BY_TITLE, more=""))
    first, second = sorted(added_ids(reports), key=lambda name: name != "example-2021-ginger")
    now = arrivals(corpus, added_ids(reports))
    seen = [(one.number, one.match.source_id, one.match.by, one.is_certain) for one in now.found]
    assert seen[:2] == [(2, first, "doi", True), (3, second, "title", True)]
    assert seen[2:] == [(4, second, "title", False)]
    assert now.missing == 2
    lines = now.told()
    assert lines[0].startswith("reference 2 of vomiting (Example A. Ginger and vomiting.")
    assert lines[0].endswith(f") is {first} (by doi, 1.00)")
    assert f"may be {second}" in lines[2]
    assert "`ragbot link vomiting --apply`" in lines[3]
    assert "--set NUMBER=SOURCE" in lines[3]
    assert lines[4].startswith("2 references have no source in the library: `ragbot missing`")
    assert "missing: true" in (corpus / "articles" / "vomiting.md").read_text()


def test_an_added_article_is_held_against_all_sources(corpus):
    (added,) = added_ids(add(corpus, "a.ris", record(title=BY_TITLE, more="")))
    now = arrivals(corpus, added_ids(add(corpus, "vomiting.md", ARTICLE)))
    assert [(one.number, one.match.source_id) for one in now.found] == [(3, added), (4, added)]
    assert now.missing == 3


def test_nothing_is_said_where_nothing_lacks(corpus):
    reports = add(corpus, "a.ris", record(title=BY_TITLE, more=""))
    assert arrivals(corpus, added_ids(reports)).told() == []
