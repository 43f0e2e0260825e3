"""Time from a chat model's last token to the checked answer, over many questions.

    python tools/last_token.py [--questions N] [--show strict|likely] [--cold] [--index DIR]

A server on this machine streams claims in other words than the sources', so that every check runs,
the shipped verifier among them. The last claim comes with the last token. Prints milliseconds:
of the first question, and of all the median, the 95th percentile and the longest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "answering" / "generative")]

from scripted_server import (  # noqa: E402
    Reply,
    Request,
    ScriptedServer,
    answer,
    claim,
    sentences,
    stream,
)

from ragbot import Ragbot  # noqa: E402
from ragbot.index.export import ensure_export  # noqa: E402
from ragbot.index.sync import sync  # noqa: E402
from ragbot.settings import SHIPPED_MODEL  # noqa: E402
from small_library import own_settings  # noqa: E402

ASKED = [
    ("How many had a TP53 mutation?", "tp53-b-all"),
    ("What was the rate of veno-occlusive disease?", "blinatumomab-inotuzumab-b-all"),
    ("Which relapse follows blinatumomab?", "tp53-b-all"),
    ("What does residual disease tell?", "mrd-in-b-all"),
    ("How many relapse after CAR-T cells?", "car-t-b-all"),
]
PAUSE = 0.01


def retold(request: Request) -> Reply:
    """Six claims, each a source's sentence with other words before it, at a hundred tokens/s."""
    made = []
    for key, text in list(request.passages.items())[:6]:
        if sentences(text):
            quote = sentences(text)[0]
            said = f"According to the study, {quote[0].lower()}{quote[1:]}"
            made.append(claim(said, (key, quote)))
    return Reply(stream(answer(made), size=24).parts, pause=PAUSE)


def measured(bot: Ragbot, server: ScriptedServer, count: int) -> list[tuple[float, float]]:
    """Milliseconds of each of `count` questions, by the clock and of processor time."""
    sent: list[tuple[float, float]] = []
    write = server._write

    def timed(connection: object, reply: Reply) -> None:
        for part in reply.parts[:-2]:  # the last token; the finish reason and [DONE] follow
            time.sleep(reply.pause)
            connection.sendall(part)  # type: ignore[attr-defined]
        sent.append((time.monotonic(), time.process_time()))
        write(connection, Reply(reply.parts[-2:]))  # type: ignore[arg-type]

    server._write = timed  # type: ignore[method-assign, assignment]
    spent = []
    for number in range(count):
        question, article = ASKED[number % len(ASKED)]
        *_, given = bot.stream(question, article)
        wall, processor = sent[-1]
        spent.append(((time.monotonic() - wall) * 1000, (time.process_time() - processor) * 1000))
        assert given.model == "openai:scripted", given.notes
    return spent


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--questions", type=int, default=100)
    options.add_argument("--show", default="strict", choices=["strict", "likely"])
    options.add_argument("--index", type=Path, help="folder of an index that is kept")
    options.add_argument("--cold", action="store_true", help="do not warm up before")
    chosen = options.parse_args()
    models = ROOT / ".cache" / "models"
    ensure_export(SHIPPED_MODEL, models)
    server = ScriptedServer(retold)
    with tempfile.TemporaryDirectory() as folder:
        settings = own_settings(Path(folder), models, corpus=ROOT / "corpus")
        if chosen.index is not None:
            settings = settings.model_copy(update={"index": chosen.index})
        sync(settings)
        given = {
            "chat_model": "scripted",
            "chat_base_url": server.url,
            "chat_show": chosen.show,
            "chat_standalone": False,
        }
        bot = Ragbot(settings.model_copy(update=given))
        if chosen.cold:
            _ = bot.chain
        else:
            bot.warm()
        spent = measured(bot, server, chosen.questions)
    server.close()
    for name, times in zip(
        ("by the clock", "of processor time"), zip(*spent, strict=True), strict=True
    ):
        print(f"{len(times)} answers, ms {name}: {told(times)}")


def told(times: Sequence[float]) -> str:
    """The first, the median, the 95th percentile and the longest."""
    ordered = sorted(times)
    late = ordered[int(0.95 * len(ordered))]
    return (
        f"first {times[0]:.1f}, median {statistics.median(times):.1f}, "
        f"95th percentile {late:.1f}, longest {ordered[-1]:.1f}"
    )


if __name__ == "__main__":
    main()
