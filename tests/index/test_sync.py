"""`sync`: what is counted, what is embedded, what stays."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ragbot.bot import Ragbot
from ragbot.errors import CorpusMissingError, IndexMismatchError, StorageError
from ragbot.index import generations
from ragbot.index.catalog import ChunkRecord
from ragbot.index.reader import LibraryIndex
from ragbot.index.sync import SyncReport, planned, sync
from ragbot.library.chunking import embedded_text
from ragbot.settings import Settings
from small_library import ALPHA, BETA, FIRST, SECOND, THIRD, SmallCorpus


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return (report.added, report.updated, report.removed, report.unchanged)


def all_records(index: LibraryIndex) -> dict[int, ChunkRecord]:
    return index.records(range(len(index.vectors)))


def check_whole(settings: Settings) -> LibraryIndex:
    """Every vector is that of its text, and Chroma holds the catalogue's ids with these vectors."""
    index = LibraryIndex(settings)
    records = all_records(index)
    assert sorted(records) == list(range(len(index.vectors)))
    wanted = index.embed([embedded_text(records[row].chunk) for row in sorted(records)])
    assert np.min(np.sum(wanted * index.vectors, axis=1)) > 0.9999
    lines = [line for row in sorted(records) for line in records[row].sentence_texts()]
    sentences = np.asarray(index.sentence_vectors, dtype=np.float32)
    assert np.min(np.sum(index.embed(lines) * sentences, axis=1)) > 0.999
    check_chroma(index)
    return index


def check_chroma(index: LibraryIndex) -> None:
    ids = index.catalog.chunk_ids()
    held = index.chroma._collection.get(include=["embeddings", "metadatas"])
    assert sorted(held["ids"]) == sorted(ids)
    rows = [ids.index(name) for name in held["ids"]]
    assert np.allclose(np.asarray(held["embeddings"]), index.vectors[rows], atol=1e-5)
    records = all_records(index)
    owners = [records[row].chunk.document_id for row in rows]
    assert [meta["document_id"] for meta in held["metadatas"]] == owners
    index.chroma.close()


def search(settings: Settings, question: str) -> list[str]:
    """Ids of the documents found, best first."""
    return [passage.chunk.document_id for passage in Ragbot(settings).search(question, k=3)]


def nearest(index: LibraryIndex, question: str) -> int:
    """Row of the nearest chunk by vectors, which the lexical index has too."""
    row = int(np.argmax(index.vectors @ index.embed([question])[0]))
    assert row in [found for found, _ in index.lexical.top(question, 5)]
    return row


def test_the_first_build_adds_everything(small):
    report = sync(small)
    assert counts(report) == (5, 0, 0, 0)
    assert (report.documents, report.failed) == (5, ())
    assert report.embedded == report.chunks > 5
    index = check_whole(small)
    assert index.articles() == sorted([ALPHA, BETA])
    assert index.stamp.chunks == report.chunks


def test_a_second_run_embeds_and_writes_nothing(small):
    first = sync(small)
    before = generations.current_generation(small.index)
    again = sync(small)
    assert counts(again) == (0, 0, 0, 5)
    assert (again.documents, again.chunks, again.embedded) == (5, first.chunks, 0)
    assert generations.current_generation(small.index) == before


def test_only_what_changed_is_embedded(small, small_corpus):
    sync(small)
    small_corpus.write_source("new-source", "Ponatinib was given to 12 patients.")
    small_corpus.write_source(FIRST, "Every word of it is new.")
    small_corpus.article(BETA).unlink()
    report = sync(small)
    assert counts(report) == (1, 1, 1, 3)
    assert report.embedded == 2
    assert report.documents == 5
    index = check_whole(small)
    assert index.articles() == [ALPHA]
    assert report.chunks == len(index.vectors)


def test_one_new_sentence_embeds_one_chunk(small, small_corpus):
    sync(small)
    path = small_corpus.article(ALPHA)
    path.write_text(path.read_text("utf-8") + "\n## Afterwards\n\nOne new sentence.\n", "utf-8")
    report = sync(small)
    assert counts(report) == (0, 1, 0, 4)
    assert report.embedded == 1
    check_whole(small)


def test_a_new_title_changes_the_vectors_in_chroma_too(small, small_corpus):
    """The chunks keep their ids then: the text and its place are the same."""
    sync(small)
    ids = LibraryIndex(small).catalog.chunk_ids()
    path = small_corpus.source(SECOND)
    path.write_text(path.read_text("utf-8").replace(f"title: {SECOND}", "title: Sarcoma"), "utf-8")
    assert sync(small).embedded == 1
    assert check_whole(small).catalog.chunk_ids() == ids


def test_the_same_words_in_other_blocks_have_their_own_sentences(small, small_corpus):
    """A row of a table is one sentence, the same words in a paragraph are two."""
    small_corpus.write_source(FIRST, "| A was seen. B was not. |\n|-|", "One title")
    sync(small)
    small_corpus.write_source(FIRST, "A was seen. B was not.", "One title")
    sync(small)
    check_whole(small)


def test_a_file_that_moves_changes_its_kind(small, small_corpus):
    sync(small)
    shutil.move(small_corpus.article(BETA), small_corpus.source(BETA))
    assert counts(sync(small)) == (0, 1, 0, 4)
    index = LibraryIndex(small)
    assert index.articles() == [ALPHA]
    assert index.document(BETA).bibliography is not None


def test_a_broken_file_is_named_and_its_last_good_version_stays(small, small_corpus):
    sync(small)
    before = LibraryIndex(small).document(BETA)
    small_corpus.article(BETA).write_text("---\ntitle: a: b\n---\nNew.", encoding="utf-8")
    small_corpus.write_source("new-source", "The rest is taken in.")
    for added in (1, 0):  # and again on the next run
        report = sync(small)
        assert (report.added, report.removed, report.documents) == (added, 0, 6)
        assert [Path(failure.path).name for failure in report.failed] == [f"{BETA}.md"]
    index = check_whole(small)
    assert index.document(BETA) == before
    assert index.document("new-source").text == "The rest is taken in."


def test_a_broken_file_keeps_its_last_good_version_also_when_all_is_built_anew(small, small_corpus):
    sync(small)
    before = LibraryIndex(small).document(BETA)
    small_corpus.article(BETA).write_text("broken", encoding="utf-8")
    other = small.model_copy(update={"chunk_words": 40})
    report = sync(other)
    assert len(report.failed) == 1
    assert report.embedded == report.chunks
    assert LibraryIndex(other).document(BETA) == before


def test_two_files_of_one_id_are_told_and_the_article_stays(small, small_corpus):
    sync(small)
    small_corpus.write_source(ALPHA, "An impostor.")
    report = sync(small)
    assert counts(report) == (0, 0, 0, 5)
    assert f"sources/{ALPHA}.md" in report.failed[0].path
    assert LibraryIndex(small).document(ALPHA).kind == "article"


def test_a_corpus_of_broken_files_is_refused_and_the_index_stays(small, small_corpus):
    for path in small_corpus.folder.rglob("*.md"):
        path.write_text("broken", encoding="utf-8")
    with pytest.raises(CorpusMissingError, match="has no front matter"):
        sync(small)
    assert not (small.index / generations.CURRENT).exists()


def test_a_missing_corpus_takes_nothing_from_the_index(small):
    sync(small)
    before = generations.current_generation(small.index)
    with pytest.raises(CorpusMissingError):
        sync(small.model_copy(update={"corpus": Path("/nowhere")}))
    assert generations.current_generation(small.index) == before
    assert LibraryIndex(small).articles()


def test_a_missing_corpus_leaves_no_folder(tmp_path, settings_for):
    settings = settings_for(tmp_path, index=tmp_path / "other")
    with pytest.raises(CorpusMissingError):
        sync(settings)
    assert not (tmp_path / "other").exists()


def test_documents_without_a_sentence_are_held_all_the_same(small, small_corpus):
    for path in small_corpus.folder.rglob("*.md"):
        path.unlink()
    small_corpus.write_article("headings", "# Only\n\n## Headings", {})
    report = sync(small)
    assert (report.documents, report.chunks) == (1, 0)
    assert LibraryIndex(small).document("headings").text == "Only\nHeadings"
    assert search(small, "headings") == []
    small_corpus.write_source("words", "A sentence at last.")
    sync(small)
    assert search(small, "a sentence") == ["words"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chunk_words": 40}, "40"),
        ({"embedding_model": "another-model"}, "another-model"),
        ({"embedding_int8": True}, "8 bits"),
    ],
)
def test_an_index_built_otherwise_is_refused_with_the_remedy(small, change, said):
    sync(small)
    with pytest.raises(IndexMismatchError, match="Run `ragbot index`") as caught:
        LibraryIndex(small.model_copy(update=change))
    assert said in str(caught.value)


def test_another_chunking_is_built_anew_by_the_next_run(small):
    sync(small)
    other = small.model_copy(update={"chunk_words": 20})
    report = sync(other)
    assert counts(report) == (5, 0, 0, 0)
    assert report.embedded == report.chunks
    check_whole(other)
    with pytest.raises(IndexMismatchError):
        LibraryIndex(small)


def test_the_progress_told_counts_every_text_once(small):
    told: list[tuple[str, int, int]] = []
    report = sync(small, lambda *step: told.append(step))
    steps = dict.fromkeys(step for step, _, _ in told)
    assert list(steps)[:2] == ["loading the embedding model", "reading documents"]
    last = {step: (done, total) for step, done, total in told}
    assert last["reading documents"] == (5, 5)
    assert last["embedding chunks"] == (report.chunks, report.chunks)
    sentences = LibraryIndex(small).stamp.sentences
    assert last["embedding sentences"] == (sentences, sentences)


def test_old_generations_go_and_an_opened_one_answers_on(small, small_corpus):
    sync(small)
    opened = LibraryIndex(small)
    texts = {row: record.chunk.text for row, record in all_records(opened).items()}
    before = nearest(opened, "CD19-negative relapse")
    for number in range(4):
        small_corpus.write_source("changing", f"Version {number} of it.")
        sync(small)
        folders = list((small.index / generations.GENERATIONS).iterdir())
        assert len(folders) <= generations.KEPT_GENERATIONS
    assert not opened.folder.exists()
    assert not opened.is_current
    assert nearest(opened, "CD19-negative relapse") == before
    assert {row: record.chunk.text for row, record in all_records(opened).items()} == texts
    assert opened.document(ALPHA).title == "TP53 and relapse of B-ALL"
    assert opened.words
    assert not opened.folder.exists(), "a reader must not bring back what was swept away"
    check_whole(small)


def test_readers_open_whole_generations_while_a_writer_switches(small, small_corpus):
    sync(small)
    errors: list[Exception] = []
    opened: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                index = LibraryIndex(small)
                assert len(all_records(index)) == index.stamp.chunks
                opened.add(index.folder.name)
            except Exception as error:  # noqa: BLE001
                errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(6):
        small_corpus.write_source("changing", f"Version {number} of it.")
        sync(small)
    done.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert len(opened) > 1


@pytest.mark.parametrize("where", ["index", "generations", "models", "lock"])
def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, small_corpus: SmallCorpus, settings_for: Callable[..., Settings], where: str
):
    """Root may write where permissions forbid it, so files stand where folders should."""
    index = tmp_path / "blocked"
    if where != "index":
        index.mkdir()
    if where == "lock":
        (index / "writer.lock").mkdir()
    else:
        (index if where == "index" else index / where).write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match=r"cannot be written") as caught:
        sync(settings_for(tmp_path, index=index))
    assert str(index) in str(caught.value)
    assert "--index" in caught.value.remedy


def test_a_folder_that_the_system_refuses_is_named(tmp_path, small_corpus, settings_for):
    with pytest.raises(StorageError, match="/proc/ragbot"):
        sync(settings_for(tmp_path, index=Path("/proc/ragbot")))


def test_sources_that_nobody_cites_are_found_too(small, small_corpus):
    small_corpus.write_source("uncited", "Zebrafish models of leukaemia are transparent.")
    sync(small)
    assert search(small, "transparent zebrafish")[0] == "uncited"
    assert THIRD in search(small, "germline TP53 in children with low hypodiploidy")


def test_a_dry_run_says_what_a_run_would_do_and_writes_nothing(
    small: Settings, small_corpus: SmallCorpus
):
    fresh = planned(small)
    assert (fresh.added, fresh.documents, fresh.unchanged) == (5, 5, 0)
    assert not (small.index / generations.GENERATIONS).exists()
    sync(small)
    before = generations.current_generation(small.index)
    small_corpus.write_source("another", "One more source.")
    small_corpus.write_source(FIRST, "Changed.")
    small_corpus.source(SECOND).unlink()
    small_corpus.source("broken").write_text("no front matter")
    plan = planned(small)
    assert generations.current_generation(small.index) == before
    done = sync(small)
    for name in ("documents", "added", "updated", "removed", "unchanged", "failed"):
        assert getattr(plan, name) == getattr(done, name), name
    assert (plan.added, plan.updated, plan.removed, len(plan.failed)) == (1, 1, 1, 1)
