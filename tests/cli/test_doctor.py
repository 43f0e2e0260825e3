"""`ragbot doctor` and `ragbot verify`, as their user sees them."""

from __future__ import annotations

import json

import pytest

from ragbot.index.sync import sync


def test_a_healthy_library_is_said_to_be_so(ragbot, small):
    sync(small)
    done = ragbot(small, "doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 0
    assert all(check["is_well"] for check in checks.values())
    assert "extractive" in checks["answers"]["detail"]


def test_each_thing_that_is_missing_is_named_with_its_remedy(ragbot, small):
    done = ragbot(small, "doctor")
    assert done.returncode == 3
    assert "MISSING  index" in done.stdout
    assert "ragbot index" in done.stdout
    assert "ok       corpus" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_key_of_a_chat_model_is_never_printed(ragbot, small):
    more = {"RAGBOT_CHAT_MODEL": "m", "RAGBOT_CHAT_API_KEY": "sk-very-secret"}
    done = ragbot(small, "doctor", **more)
    assert "openai:m" in done.stdout
    assert "sk-very-secret" not in done.stdout + done.stderr


def test_pairs_are_judged_line_by_line(ragbot, small, tmp_path):
    evidence = "Median overall survival was 7.7 months with blinatumomab."
    pairs = tmp_path / "pairs.jsonl"
    lines = [
        {"id": 1, "claim": evidence, "evidence": evidence},
        {"id": "b", "claim": evidence.replace("7.7", "77"), "evidence": evidence},
        {"id": "c", "claim": "", "evidence": evidence},
    ]
    pairs.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    done = ragbot(small, "verify", str(pairs))
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [entry["id"] for entry in said] == [1, "b", "c"]
    assert said[0]["label"] == "supported"
    assert said[1]["label"] != "supported"
    assert said[2]["label"] == "unsupported"
    assert all(0 <= entry["score"] <= 1 for entry in said)


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', "3"])
def test_a_line_that_is_no_pair_is_named(ragbot, small, tmp_path, line):
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(line)
    done = ragbot(small, "verify", str(pairs))
    assert done.returncode == 2
    assert "pairs.jsonl:1" in done.stderr
    assert "Traceback" not in done.stderr
