"""A process that keeps answers in a database: python writing.py URL NAME CONVERSATION COUNT."""

import sys

from ragbot.conversations.store import ConversationStore
from ragbot.types import Answer

url, name, conversation, count = sys.argv[1:]
sys.stdin.readline()  # so that several begin at once
store = ConversationStore(url)
for number in range(int(count)):
    answer = Answer(
        question=f"{name} {number}?",
        standalone_question="",
        article="an-article",
        conversation_id=conversation,
        abstained=False,
        reason="",
        text=f"Answer {number} of {name}.",
        disclaimer="D",
        model="extractive",
        settings_digest="0",
    )
    store.append(answer, {f"source-of-{name}": "L1" if name == "one" else "L2"})
