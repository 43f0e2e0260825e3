"""The app over the real ragbot, which takes its time between the statements of an answer."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ragbot.bot import Ragbot
from ragbot.types import Audience, Event
from ragbot.ui import house
from ragbot.ui.app import main

SECONDS = 1.2


class SlowRagbot(Ragbot):
    """A ragbot as slow as a large model on a small machine."""

    def stream(
        self,
        question: str,
        article: str,
        conversation_id: str | None = None,
        audience: Audience = "clinician",
    ) -> Iterator[Event]:
        for event in super().stream(question, article, conversation_id, audience):
            yield event
            time.sleep(SECONDS)


house.Ragbot = SlowRagbot  # type: ignore[misc]
main()
