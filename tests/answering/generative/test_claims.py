"""Reading claims out of streamed text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.answering.generative.claims import ClaimReader, RawClaim, RawEvidence, read_claims

ONE = '{"kind": "claim", "text": "A is 5%.", "evidence": [{"key": "S1", "quote": "A: 5%"}]}'
TWO = '{"text": "B \\"b\\" {c}.", "keys": ["S2"], "quotes": ["b {"]}'
CLAIMS = [
    RawClaim("claim", "A is 5%.", (RawEvidence(("S1",), "A: 5%"),)),
    RawClaim("claim", 'B "b" {c}.', (RawEvidence(("S2",), "b {"),)),
]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"claims": [{ONE},\n{TWO}]}}',
        f"{ONE}\n{TWO}\n",
        f"[{ONE}, {TWO}]",
        f'Sure, here it is:\n```json\n{ONE}\n{TWO}\n```\nThat\'s "all" {{of it.',
        f'<think>{ONE} or {{"a</think>{ONE}{TWO}',
        f'{{"claims": [{ONE},\n"broken\n {TWO}',
        json.dumps({"answer": {"claims": [json.loads(ONE), json.loads(TWO)]}}, indent=2),
        f"{{\n{ONE}\n{TWO}",
    ],
    ids=["object", "lines", "array", "fence", "thought", "broken", "nested", "open"],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_every_whole_claim_is_read_once(text, size):
    reader = ClaimReader()
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    assert [claim for part in parts for claim in reader.feed(part)] == CLAIMS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"kind": "cannot_answer"}', "cannot_answer"),
        ('{"cannot_answer": true}', "cannot_answer"),
        ('{"kind": "gap", "text": "doses"}', "gap"),
        ('{"kind": "ask", "options": ["a", "b"]}', "ask"),
    ],
)
def test_other_statements_are_told_apart(text, kind):
    assert [claim.kind for claim in read_claims(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    ["", "no", "{}", "[]", '{"claims": []}', '{"text": 5}', '{"kind": "claim"', "{" * 5000, "}}}"],
)
def test_what_is_no_claim_gives_none(text):
    assert [claim for claim in read_claims(text) if claim.text] == []


def test_an_open_object_is_told():
    reader = ClaimReader()
    list(reader.feed(ONE[:-1]))
    assert reader.is_open
    list(reader.feed("}"))
    assert not reader.is_open


def test_keys_and_quotes_of_unequal_number_are_kept_apart():
    found = read_claims('{"text": "t", "keys": ["S1", "S2"], "quotes": ["q"]}')
    assert found[0].evidence == (RawEvidence(("S1", "S2"), "q"),)


@given(st.text(max_size=300), st.integers(1, 20))
def test_any_text_is_read_alike_in_any_pieces(text, size):
    reader = ClaimReader()
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    assert [claim for part in parts for claim in reader.feed(part)] == read_claims(text)
