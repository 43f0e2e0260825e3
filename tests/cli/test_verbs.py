"""Every verb as the contract says: its JSON, its exit codes, its one line on what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ragbot.cli.main import app
from ragbot.settings import DISCLAIMER, SHIPPED_MODEL, Settings
from small_library import ALPHA, BETA, SECOND, THIRD

QUESTION = "Does TP53 still matter if she is under 60 and gets inotuzumab or blinatumomab up front?"
FOLLOW_UP = "And which kind of relapse should I look for after blinatumomab?"
UNANSWERABLE = "What is the venetoclax dose in children?"
ARTICLE = "tp53-b-all"
ANSWER_FIELDS = {
    "question", "standalone_question", "article", "conversation_id", "abstained", "reason", "text",
    "disclaimer", "model", "settings_digest", "claims", "citations", "timings_ms",
}  # fmt: skip
CITATION_FIELDS = {
    "marker", "kind", "document_id", "title", "section", "quote", "start", "end", "url", "doi",
    "pmid",
}  # fmt: skip

Run = Callable[..., Result]


def variables(settings: Settings) -> dict[str, str]:
    return {
        "RAGBOT_CORPUS": str(settings.corpus),
        "RAGBOT_INDEX": str(settings.index),
        "RAGBOT_DATABASE_URL": settings.database_url,
        "RAGBOT_THREADS": "2",
    }


@pytest.fixture
def run(shipped: Settings, tmp_path: Path) -> Run:
    """`run("ask", ..., NAME=value)`: a verb on the shipped library, in this process."""
    given = variables(shipped) | {"RAGBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'c.sqlite'}"}

    def invoke(*arguments: str, **more: str) -> Result:
        result = CliRunner().invoke(app, arguments, env=given | more)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def run_small(small: Settings) -> Run:
    """The same on the small corpus, which the test may change."""

    def invoke(*arguments: str, **more: str) -> Result:
        result = CliRunner().invoke(app, arguments, env=variables(small) | more)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def document(result: Result, code: int = 0) -> Any:
    """The one JSON document on stdout."""
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)


def complaint(result: Result, code: int) -> str:
    """The one line on stderr of a verb that was refused."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("ragbot: ")
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 700
    return result.stderr


# --- ask


def test_an_answer_has_the_fields_of_the_contract_and_quotes_that_stand_in_the_text(run):
    answer = document(run("ask", QUESTION, "--article", ARTICLE, "--json"))
    assert set(answer) >= ANSWER_FIELDS
    assert (answer["question"], answer["article"]) == (QUESTION, ARTICLE)
    assert not answer["abstained"]
    assert answer["claims"]
    markers = {citation["marker"] for citation in answer["citations"]}
    for claim in answer["claims"]:
        assert set(claim) >= {"text", "citations", "verdict", "score"}
        assert claim["verdict"] in {"supported", "contradicted", "unsupported", "unverified"}
        assert claim["citations"]
        assert set(claim["citations"]) <= markers
        assert claim["text"].rstrip(".") in answer["text"]
    for citation in answer["citations"]:
        assert set(citation) >= CITATION_FIELDS
        shown = document(run("show", citation["document_id"], "--json"))
        assert citation["quote"]
        assert shown["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert shown["kind"] == citation["kind"]
    assert set(answer["timings_ms"]) >= {"condense", "retrieve", "answer", "verify", "total"}
    assert re.fullmatch(r"[0-9a-f]{12}", answer["settings_digest"])


def test_a_conversation_goes_on_and_abstains_where_nothing_is_known(run):
    first = document(run("ask", QUESTION, "--article", ARTICLE, "--json"))
    talk = first["conversation_id"]
    second = document(run("ask", FOLLOW_UP, "--article", ARTICLE, "--conversation", talk, "--json"))
    assert second["conversation_id"] == talk
    assert "CD19-negative" in second["text"]
    third = document(
        run("ask", UNANSWERABLE, "--article", ARTICLE, "--conversation", talk, "--json")
    )
    assert third["abstained"]
    assert third["reason"]
    assert (third["claims"], third["citations"]) == ([], [])


@pytest.mark.parametrize("question", [QUESTION, UNANSWERABLE])
def test_the_disclaimer_is_there_once_in_either_form(run, question):
    plain = run("ask", question, "--article", ARTICLE)
    assert plain.exit_code == 0
    assert " ".join(plain.stdout.split()).count(DISCLAIMER) == 1
    assert plain.stderr == ""
    as_json = run("ask", question, "--article", ARTICLE, "--json")
    assert as_json.stdout.count(DISCLAIMER) == 1
    assert document(as_json)["disclaimer"] == DISCLAIMER
    assert as_json.stderr == ""


def test_a_disclaimer_of_ones_own_takes_its_place(run, tmp_path):
    (tmp_path / "own.txt").write_text("Our own words.\n", encoding="utf-8")
    result = run(
        "ask", QUESTION, "--article", ARTICLE, RAGBOT_DISCLAIMER_FILE=str(tmp_path / "own.txt")
    )
    assert result.stdout.count("Our own words.") == 1
    assert "Professional medical disclaimer" not in result.stdout


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "no word in it"),
        ("   \n\t", "no word in it"),
        ("?!...", "no word in it"),
        ("🙂🙂", "no word in it"),
        ("\u200b\u202e", "no word in it"),
        ("x" * 100_000, "100000 characters, more than 4000"),
        ("why " * 1001, "more than 4000"),
    ],
)
def test_a_question_that_is_none_is_refused(run, question, says):
    for verb in (("ask", question, "--article", ARTICLE), ("search", question)):
        for form in ((), ("--json",)):
            assert says in complaint(run(*verb, *form), 2)


@pytest.mark.parametrize(
    "question",
    [
        "TP53突变的B-ALL预后如何？",
        "ما هو إنذار ابيضاض الدم؟",
        "Каков прогноз при мутации TP53?",
        "🙂 TP53 🙂 prognosis?",
        "זה עובד?",
        "e\u0301\u0301\u0301" * 100,
        "TP53\x00\x1b[31m\x07 prognosis?",
        "'; DROP TABLE turns; --",
        '{"role": "system"} "\\',
        "a" * 4000,
        "<script>alert(1)</script> prognosis?",
    ],
)
def test_a_question_in_any_script_is_answered_or_abstained_from(run, question):
    answer = document(run("ask", question, "--article", ARTICLE, "--json"))
    assert answer["disclaimer"] == DISCLAIMER
    assert answer["abstained"] == (not answer["claims"])
    assert "\x1b" not in answer["question"]
    plain = run("ask", question, "--article", ARTICLE)
    assert plain.exit_code == 0
    assert "\x1b" not in plain.stdout


@pytest.mark.parametrize(
    ("slug", "near"),
    [("tp53-ball", "tp53-b-all"), ("mrd", "mrd-in-b-all"), ("", "Known are"), ("🙂", "Known are")],
)
def test_an_unknown_article_is_named_with_its_neighbours(run, slug, near):
    for verb in ("ask", "search"):
        message = complaint(run(verb, "Why?", "--article", slug), 2)
        assert f"no article {slug!r}" in message
        assert near in message


def test_a_source_is_no_article(run):
    assert "no article 'tower-2017'" in complaint(run("ask", "Why?", "--article", "tower-2017"), 2)


def test_the_conversation_of_another_article_is_refused(run):
    document(run("ask", QUESTION, "--article", ARTICLE, "--conversation", "talk", "--json"))
    message = complaint(
        run("ask", "Why?", "--article", "mrd-in-b-all", "--conversation", "talk"), 2
    )
    assert "'talk' is on the article 'tp53-b-all'" in message
    assert "cannot be the id" in complaint(
        run("ask", "Why?", "--article", ARTICLE, "--conversation", "a b"), 2
    )


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("sqlite:////proc/ragbot/c.sqlite", 3, "/proc/ragbot"),
        ("sqlite:////dev/null/c.sqlite", 3, "/dev/null"),
        ("mysql://u:secret@localhost/db", 3, "mysql://u:***@localhost/db"),
        ("nonsense", 2, "'nonsense', which is no database URL"),
    ],
)
def test_a_database_that_cannot_be_used_is_named(run, url, code, says):
    result = run("ask", QUESTION, "--article", ARTICLE, "--json", RAGBOT_DATABASE_URL=url)
    message = complaint(result, code)
    assert says in message
    assert "RAGBOT_DATABASE_URL" in message
    assert "secret" not in message


# --- search


def test_search_gives_ranked_results_that_stand_in_the_text(run):
    results = document(run("search", "CD19-negative relapse", "-k", "5", "--json"))["results"]
    assert [found["rank"] for found in results] == [1, 2, 3, 4, 5]
    scores = [found["score"] for found in results]
    assert scores == sorted(scores, reverse=True)
    for found in results:
        assert set(found) >= {"rank", "score", "document_id", "section", "text", "start", "end"}
        shown = document(run("show", found["document_id"], "--json"))
        assert shown["text"][found["start"] : found["end"]] == found["text"]


def test_search_within_an_article_keeps_to_it_and_what_it_cites(run):
    references = document(run("show", ARTICLE, "--json"))["article"]["references"]
    allowed = {reference["source_id"] for reference in references} | {ARTICLE}
    results = document(run("search", "relapse", "--article", ARTICLE, "-k", "1000", "--json"))
    assert len(results["results"]) > 20
    assert {found["document_id"] for found in results["results"]} <= allowed


def test_search_for_people_prints_the_passages(run):
    result = run("search", "venetoclax")
    assert result.exit_code == 0
    assert result.stdout.startswith("1. ")


@pytest.mark.parametrize("k", ["0", "-1", "1001", "many"])
def test_a_number_of_passages_out_of_range_is_wrong_usage(run, k):
    result = run("search", "relapse", "-k", k)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Invalid value for '-k'" in result.stderr


# --- show


def test_show_gives_the_document_in_either_form(run):
    shown = document(run("show", ARTICLE, "--json"))
    assert {"id", "kind", "title", "text", "blocks", "sha256", "markers", "article"} <= set(shown)
    plain = run("show", ARTICLE)
    assert plain.stdout == f"{shown['title']}\n\n{shown['text']}\n"


def test_an_unknown_document_is_named_with_its_neighbours(run):
    message = complaint(run("show", "tower-2018", "--json"), 2)
    assert "no document 'tower-2018'" in message
    assert "tower-2017" in message
    assert "no document ''" in complaint(run("show", ""), 2)


# --- index


def test_index_reports_what_it_did(run_small, small_corpus):
    first = document(run_small("index", "--json"))
    assert {key: first[key] for key in ("documents", "added", "updated", "removed")} == {
        "documents": 5, "added": 5, "updated": 0, "removed": 0,
    }  # fmt: skip
    assert first["unchanged"] == 0
    assert first["chunks"] > 5
    assert first["seconds"] > 0
    small_corpus.source(THIRD).unlink()
    small_corpus.write_source(SECOND, "All of it is new.")
    second = document(run_small("index", "--json"))
    assert [second[key] for key in ("added", "updated", "removed", "unchanged")] == [0, 1, 1, 3]
    for reference in ("--article", ALPHA), ("--article", BETA):
        assert document(run_small("search", "TP53", *reference, "--json"))["results"]


def test_index_names_each_broken_file_and_takes_the_rest_in(run_small, small_corpus):
    small_corpus.article(BETA).write_text("---\ntitle: a: b\n---\nText.", encoding="utf-8")
    small_corpus.write_article("cites-more", "Text [7].", {1: THIRD})
    result = run_small("index", "--json")
    report = document(result, 1)
    assert report["documents"] == 4
    assert [Path(failure["path"]).name for failure in report["failed"]] == [
        "cites-more.md",
        f"{BETA}.md",
    ]
    lines = [line for line in result.stderr.splitlines() if line.startswith("ragbot: not taken in")]
    assert len(lines) == 2
    assert "cites [7], which its references do not have" in lines[0]
    assert "line 2" in lines[1]
    assert document(run_small("show", ALPHA, "--json"))["id"] == ALPHA


def test_index_says_where_there_is_no_corpus(run_small, tmp_path):
    message = complaint(run_small("index", "--corpus", str(tmp_path / "nowhere"), "--json"), 3)
    assert str(tmp_path / "nowhere") in message
    assert "--corpus or RAGBOT_CORPUS" in message


def test_options_stand_above_variables(run_small, tmp_path):
    result = run_small("index", "--index", str(tmp_path / "index"), RAGBOT_INDEX="/proc/nothing")
    assert result.exit_code == 0
    assert (tmp_path / "index" / "CURRENT").is_file()


@pytest.mark.parametrize(
    "verb", [("ask", "Why?", "--article", "a"), ("search", "why"), ("show", "a")]
)
def test_without_an_index_each_verb_says_how_to_get_one(run, tmp_path, verb):
    message = complaint(run(*verb, "--index", str(tmp_path / "none"), "--json"), 3)
    assert "Run `ragbot index` first" in message
    assert str(tmp_path / "none") in message


def test_an_index_in_a_file_cannot_be_written(run_small, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    message = complaint(run_small("index", "--index", str(tmp_path / "file")), 3)
    assert "cannot be written" in message
    assert str(tmp_path / "file") in message


# --- variables


@pytest.mark.parametrize(
    ("name", "value", "code", "says"),
    [
        ("RAGBOT_CHUNK_WORDS", "many", 2, "'many'"),
        ("RAGBOT_CHUNK_WORDS", "0", 2, "'0'"),
        ("RAGBOT_THREADS", "-1", 2, "'-1'"),
        ("RAGBOT_PASSAGES", "1000", 2, "'1000'"),
        ("RAGBOT_QUESTION_LIMIT", "1e9", 2, "'1e9'"),
        ("RAGBOT_PASSAGES", "", 2, "''"),
        ("RAGBOT_EMBEDDING_MODEL", "/nowhere/model", 3, "/nowhere/model"),
        ("RAGBOT_CHUNK_WORDS", "50", 3, "v2-50w"),
        ("RAGBOT_DISCLAIMER_FILE", "/nowhere/d.txt", 2, "/nowhere/d.txt"),
        ("RAGBOT_DISCLAIMER_FILE", "/dev/null", 2, "is empty"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named_with_its_value(run, name, value, code, says):
    message = complaint(run("ask", QUESTION, "--article", ARTICLE, "--json", **{name: value}), code)
    assert says in message
    assert name in message or "Run `ragbot index`" in message


def test_a_raised_question_limit_holds(run):
    question = "What is the prognosis with a TP53 mutation? " * 110
    assert "more than 4000" in complaint(run("ask", question, "--article", ARTICLE), 2)
    assert document(
        run("ask", question, "--article", ARTICLE, "--json", RAGBOT_QUESTION_LIMIT="10000")
    )["disclaimer"]


def test_a_model_that_is_not_there_is_named_by_index(run_small):
    message = complaint(run_small("index", RAGBOT_EMBEDDING_MODEL="/nowhere/model"), 3)
    assert "/nowhere/model" in message
    assert SHIPPED_MODEL not in message


# --- usage


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", "Why?"),
        ("ask", "Why?", "--article", "a", "--audience", "nurse"),
        ("search",),
        ("show",),
        ("nonsense",),
        ("index", "--nonsense"),
        ("ui", "--port", "0"),
        ("ui", "--port", "x"),
    ],
)
def test_wrong_usage_ends_with_two_and_an_empty_stdout(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.search("Missing|Invalid value for|No such (command|option)", result.stderr)


@pytest.mark.parametrize("audience", ["clinician", "trainee", "patient"])
def test_each_audience_gets_an_answer(run, audience):
    answer = document(run("ask", QUESTION, "--article", ARTICLE, "--audience", audience, "--json"))
    assert not answer["abstained"]


@pytest.mark.parametrize("verb", ["index", "ask", "search", "show", "ui"])
def test_each_verb_has_its_help(run, verb):
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert "--corpus" in result.stdout
    assert "--index" in result.stdout
