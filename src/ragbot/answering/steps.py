"""Steps of the chain as LangChain runnables that stream, in the sync and the async form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from langchain_core.runnables import Runnable, RunnableGenerator

from ragbot.answering.draft import Draft, RetrievedTurn

In = TypeVar("In")
Out = TypeVar("Out")
Transform = Callable[[Iterator[In]], Iterator[Out]]
PieceStep = Callable[[Draft, RetrievedTurn], Draft]


def streamed(transform: Transform[In, Out]) -> Runnable[In, Out]:
    """A step that turns a stream of pieces into another; its async form works in a thread."""

    async def in_thread(pieces: AsyncIterator[In]) -> AsyncIterator[Out]:
        loop = asyncio.get_running_loop()
        done = object()

        def pull() -> Iterator[In]:
            while True:
                piece = asyncio.run_coroutine_threadsafe(anext(pieces, done), loop).result()
                if piece is done:
                    return
                yield piece  # type: ignore[misc]

        made = transform(pull())
        while (out := await asyncio.to_thread(next, made, done)) is not done:
            yield out  # type: ignore[misc]

    return RunnableGenerator(transform, in_thread)


def per_piece(step: PieceStep) -> Runnable[Draft, Draft]:
    """A step over each piece by itself, once the first has told the turn."""

    def transform(pieces: Iterator[Draft]) -> Iterator[Draft]:
        turn: RetrievedTurn | None = None
        for piece in pieces:
            turn = turn or piece.turn
            yield step(piece, turn) if turn is not None else piece

    return streamed(transform)


def from_turn(answer: Callable[[RetrievedTurn], Iterator[Draft]]) -> Runnable[RetrievedTurn, Draft]:
    """The step that begins the stream: from the one turn to the pieces of its answer."""

    def transform(turns: Iterator[RetrievedTurn]) -> Iterator[Draft]:
        for turn in turns:
            yield from answer(turn)

    return streamed(transform)
