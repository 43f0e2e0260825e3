"""A thousand true sentences of the library made false: the checks of a generated claim see it.

Each goes through the checks that a server's answer goes through, with the shipped verifier. The
counts are printed; RAGBOT_TEST_MUTATIONS makes them larger.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache

import pytest
from mutations import Sentence, mutations, true_claims

from ragbot.answering.generative.checks import ClaimChecks
from ragbot.answering.generative.claims import RawClaim, RawEvidence
from ragbot.answering.generative.keys import keyed
from ragbot.answering.grounding import load_verifier
from ragbot.answering.verify import GroundedCheck
from ragbot.settings import DISCLAIMER
from ragbot.types import Block, Document

COUNT = int(os.environ.get("RAGBOT_TEST_MUTATIONS", "1000"))
ARTICLE = Document("article", "article", "An article", "", (Block("paragraph", 0, 0),), "")


@cache
def verifier() -> GroundedCheck:
    return GroundedCheck(load_verifier())


def shown(sentence: Sentence, said: str, *, strict: bool) -> list[str]:
    """What of `said`, a claim that quotes `sentence`, would be shown."""
    passages = keyed([sentence.passage], b"fixed")
    checks = ClaimChecks(passages, ARTICLE, verifier(), DISCLAIMER, must_be_sure=strict)
    raw = RawClaim("claim", said, (RawEvidence(passages.names(), sentence.text),))
    return [made.text for made in checks.check(raw) if made.claim and not made.problems]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("strict", [True, False], ids=["strict", "likely"])
def test_what_was_made_false_is_not_shown(strict):
    given, missed = Counter(), []
    for kind, sentence, false in mutations(COUNT):
        given[kind] += 1
        if any(text != sentence.text for text in shown(sentence, false, strict=strict)):
            missed.append((kind, false))
    print(f"{dict(given)}: missed {len(missed)} of {COUNT}: {missed}")
    assert min(given.values()) >= COUNT // 8
    assert len(missed) <= 0.005 * COUNT
    assert not [false for kind, false in missed if kind == "tenfold"]


@pytest.mark.timeout(900)
def test_what_was_only_said_otherwise_is_not_refused():
    given, refused = Counter(), []
    for way, sentence, said in true_claims(COUNT // 2):
        given[way] += 1
        if not shown(sentence, said, strict=False):
            refused.append((way, said))
    print(f"{dict(given)}: refused {Counter(way for way, _ in refused)}: {refused[:20]}")
    assert not [said for way, said in refused if way == "word for word"]
    assert len(refused) <= 0.02 * sum(given.values())
