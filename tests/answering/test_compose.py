from __future__ import annotations

import pytest

from ragbot.answering.compose import claim_line
from ragbot.answering.draft import Draft
from ragbot.answering.steps import per_piece, streamed
from ragbot.answering.verify import VerbatimCheck
from ragbot.types import Claim


@pytest.mark.parametrize(
    ("text", "markers", "line"),
    [
        ("OS was 50%.", ("4",), "OS was 50% [4]."),
        ("OS was 50%", ("4", "A"), "OS was 50% [4] [A]"),
        ("Really?", (), "Really?"),
    ],
)
def test_markers_stand_before_the_full_stop(text, markers, line):
    assert claim_line(Claim(text, markers, "supported", 1.0)) == line


def test_pieces_add_up():
    parts = [Draft(timings=(("a", 1.0),)), Draft(timings=(("b", 2.0),)), Draft()]
    whole = parts[0] + parts[1] + parts[2]
    assert whole.timings == (("a", 1.0), ("b", 2.0))


def test_the_verbatim_check_says_nothing_of_other_words():
    check = VerbatimCheck()
    assert check.judge("OS was 50%.", "Before. OS was 50%. After.") == ("supported", 1.0)
    assert check.judge("OS was 51%.", "OS was 50%.") == ("unverified", 0.0)
    assert check.judge(" ", "anything") == ("unverified", 0.0)


async def _numbers(count):
    for number in range(count):
        yield number


def test_a_streamed_step_gives_the_same_sync_and_async():
    import asyncio

    def doubled(pieces):
        for piece in pieces:
            yield [piece * 2]

    step = streamed(doubled)

    async def gather():
        return [out async for out in step.atransform(_numbers(4))]

    assert list(step.transform(iter(range(4)))) == asyncio.run(gather()) == [[0], [2], [4], [6]]


def test_a_step_without_a_turn_passes_pieces_on():
    def fail(_piece, _turn):
        raise AssertionError

    assert list(per_piece(fail).transform(iter([Draft()]))) == [Draft()]
