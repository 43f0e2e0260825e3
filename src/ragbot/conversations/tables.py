"""The tables of the conversations. A file from before a table was added gets it when opened."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, Text

NAME_LENGTH = 120

METADATA = MetaData()
CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("article", String(128), nullable=False, index=True),
    Column("name", String(NAME_LENGTH), nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False, index=True),
)
TURNS = Table(
    "turns",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("asked", String(32), nullable=False),
    Column("answer", Text, nullable=False),
)
# The marker of a source that the article does not cite: given once, kept for good.
MARKERS = Table(
    "markers",
    METADATA,
    Column("conversation", ForeignKey("conversations.id"), primary_key=True),
    Column("document", String(128), primary_key=True),
    Column("marker", String(16), nullable=False),
)
# What readers say of answers; `case` names what has become of it, "" while it waits.
FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("turn", ForeignKey("turns.id"), nullable=False, unique=True),
    Column("given", String(32), nullable=False),
    Column("rating", String(8), nullable=False),
    Column("reasons", String(200), nullable=False),
    Column("comment", Text, nullable=False),
    Column("case", String(200), nullable=False),
)
