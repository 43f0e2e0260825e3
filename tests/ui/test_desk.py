"""The desk answers behind the pages, one question of a conversation after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from ragbot.errors import QuestionError
from ragbot.types import Answer, Claim, Event, StandaloneQuestion, Stated
from ragbot.ui.desk import UNEXPECTED, Desk, Job


def answer_to(question: str, conversation: str | None) -> Answer:
    return Answer(question, question, "a", conversation or "", False, "", "", "D.", "m", "0")


class Script:
    """A bot that says what it is told, when it is told."""

    def __init__(self, claims: int = 2) -> None:
        self.claims = claims
        self.go = threading.Semaphore(0)
        self.asked: list[str] = []
        self.closed = 0

    def stream(
        self, question: str, article: str, conversation_id: str | None, audience: str
    ) -> Iterator[Event]:
        self.asked.append(question)
        try:
            yield StandaloneQuestion(question, ((question, 1.0),))
            for number in range(self.claims):
                self.go.acquire()
                yield Stated(Claim(f"{question} {number}", (), "supported", 1.0), ())
            if question == "bad":
                raise QuestionError("It has no word.", remedy="Write one.")
            if question == "worse":
                raise ZeroDivisionError
            yield answer_to(question, conversation_id)
        finally:
            self.closed += 1


def until(condition) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def release(bot: Script, times: int) -> None:
    for _ in range(times):
        bot.go.release()


def test_claims_are_there_before_the_answer_is_whole() -> None:
    bot = Script()
    desk, job = Desk(bot), Job("why", "a", "c")
    desk.ask(job)
    release(bot, 1)
    until(lambda: len(job.stated) == 1)
    assert desk.live("c") == [job]
    assert job.understood is not None
    assert job.answer is None
    release(bot, 1)
    until(lambda: job.state == "done")
    until(lambda: not desk.live("c"))
    assert job.answer == answer_to("why", "c")
    assert desk.ended("c") == []


def test_questions_of_a_conversation_wait_for_each_other_and_others_do_not() -> None:
    bot = Script(claims=1)
    desk = Desk(bot)
    first, second, other = Job("one", "a", "c"), Job("two", "a", "c"), Job("else", "a", "d")
    for job in (first, second, other):
        desk.ask(job)
    until(lambda: sorted(bot.asked) == ["else", "one"])
    assert desk.live("c") == [first, second]
    assert second.state == "waiting"
    release(bot, 3)
    until(lambda: second.state == "done" and other.state == "done")
    assert bot.asked.index("two") == 2


def test_a_stopped_answer_ends_and_is_told_until_the_next_question() -> None:
    bot = Script(claims=3)
    desk, job = Desk(bot), Job("long", "a", "c")
    desk.ask(job)
    release(bot, 1)
    until(lambda: len(job.stated) == 1)
    job.stop()
    release(bot, 1)
    until(lambda: desk.ended("c") == [job])
    assert job.state == "stopped"
    assert bot.closed == 1
    assert job.answer is None
    desk.ask(Job("next", "a", "c"))
    assert desk.ended("c") == []
    release(bot, 3)


def test_what_waits_can_be_stopped_before_it_begins() -> None:
    bot = Script(claims=1)
    desk = Desk(bot)
    first, second = Job("one", "a", "c"), Job("two", "a", "c")
    desk.ask(first)
    desk.ask(second)
    second.stop()
    release(bot, 1)
    until(lambda: desk.ended("c") == [second])
    assert bot.asked == ["one"]


def test_an_error_is_told_with_its_remedy_and_an_unknown_one_without_its_inside() -> None:
    bot = Script(claims=0)
    desk = Desk(bot)
    bad, worse = Job("bad", "a", "c"), Job("worse", "a", "d")
    desk.ask(bad)
    desk.ask(worse)
    until(lambda: desk.ended("c") == [bad] and desk.ended("d") == [worse])
    assert bad.error == "It has no word. Write one."
    assert worse.error == UNEXPECTED
