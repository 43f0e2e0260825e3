"""Measures one process that serves many readers at once, without a browser's own work.

python tools/page_crowd.py --index FOLDER [--readers 20]

Each reader speaks Streamlit's protocol: opens the article, asks, asks again, and looks at the
answer in the making as often as a browser does. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
from typing import Any

from page_speed import ARTICLE, ASKED, begin, median, wait_for, with_index
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

ANSWER_SECONDS = 120.0
LARGEST = 2**26


class Reader:
    """One reader's session."""

    def __init__(self, socket: ClientConnection, query: str) -> None:
        self.socket = socket
        self.query = query
        self.box = ""
        self.turns = 0
        self.errors = 0
        self.finished = asyncio.Event()
        self.answered = asyncio.Event()
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._kept: dict[str, ForwardMsg] = {}
        self._whole: set[str] = set()

    async def run(self, question: str = "", fragment: str = "") -> None:
        """Ask for a run of the page, or of one fragment."""
        message = BackMsg()
        wanted = message.rerun_script
        wanted.query_string = self.query
        wanted.fragment_id = fragment
        wanted.is_auto_rerun = bool(fragment)
        if question:
            state = wanted.widget_states.widgets.add()
            state.id = self.box
            state.chat_input_value.data = question
        await self.socket.send(message.SerializeToString())

    async def listen(self) -> None:
        """Take in what the server sends, until the connection is closed."""
        with contextlib.suppress(Exception):
            async for data in self.socket:
                message = ForwardMsg()
                message.ParseFromString(bytes(data) if not isinstance(data, str) else data.encode())
                await self._take(message)

    async def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message = self._kept.get(message.ref_hash, message)
            kind = message.WhichOneof("type")
        elif message.hash:
            self._kept[message.hash] = message
        if kind == "delta":
            self._draw(message)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "new_session" and not message.metadata.run.fragment_ids:
            self.stop_looking()
        elif kind == "auto_rerun":
            again = message.auto_rerun
            if again.fragment_id not in self._looking:
                look = asyncio.create_task(self._look(again.fragment_id, again.interval))
                self._looking[again.fragment_id] = look
        elif kind == "script_finished":
            self.finished.set()

    def stop_looking(self) -> None:
        """Look again at no part of the page."""
        for task in self._looking.values():
            task.cancel()
        self._looking.clear()

    async def _look(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.run(fragment=fragment)

    def _draw(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "chat_input":
            self.box = element.chat_input.id
        elif kind == "exception":
            self.errors += 1
        elif kind == "html":
            body = element.html.body
            self.errors += "rb-error" in body and not body.startswith("<style")
            if body.startswith("<section") and "rb-turn" in body and "rb-disclaimer" in body:
                self._whole.add(body.partition('aria-label="')[2].partition('"')[0])
                if len(self._whole) >= self.turns:
                    self.answered.set()

    async def ask(self, question: str) -> float:
        """Seconds from sending a question to its whole answer."""
        self.turns += 1
        self.answered.clear()
        began = time.perf_counter()
        await self.run(question)
        await asyncio.wait_for(self.answered.wait(), ANSWER_SECONDS)
        return time.perf_counter() - began


async def crowd(url: str, readers: int) -> dict[str, float]:
    """Every reader opens the article, then all ask at once, twice."""
    address = url.replace("http", "ws") + "/_stcore/stream"
    async with contextlib.AsyncExitStack() as stack:
        people, opened = [], []
        for _ in range(readers):
            socket = await stack.enter_async_context(
                connect(address, max_size=LARGEST, subprotocols=["streamlit"])  # type: ignore[list-item]
            )
            reader = Reader(socket, f"article={ARTICLE}")
            people.append(reader)
            opened.append(asyncio.create_task(reader.listen()))
            began = time.perf_counter()
            await reader.run()
            await asyncio.wait_for(reader.finished.wait(), ANSWER_SECONDS)
            page_s = time.perf_counter() - began
        await asyncio.sleep(10)  # models load, and the article is audited
        taken: list[float] = []
        for turn in (0, 1):
            asked = [p.ask(ASKED[(n + turn) % len(ASKED)]) for n, p in enumerate(people)]
            taken += await asyncio.gather(*asked)
            await asyncio.sleep(3)
        for task in opened:
            task.cancel()
        for person in people:
            person.stop_looking()
        ordered = sorted(taken)
        return {
            "answers": len(taken),
            "errors": sum(person.errors for person in people),
            "last_page_s": page_s,
            "p50_s": median(ordered),
            "p95_s": ordered[max(0, round(len(ordered) * 0.95) - 1)],
            "worst_s": ordered[-1],
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20)
    given = with_index(parser)
    process, url = begin(given.index)
    try:
        wait_for(url)
        before = os.getloadavg()
        found: dict[str, Any] = asyncio.run(crowd(url, given.readers))
    finally:
        process.terminate()
        process.wait()
    report = {"cores": os.cpu_count(), "load": before, **found}
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
