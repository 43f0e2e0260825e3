"""Changes single values in the front matter of a corpus file; all else stays as it was written."""

from __future__ import annotations

import re
from pathlib import Path

from ragbot.errors import DocumentError, StorageError
from ragbot.library.front_matter import FENCE
from ragbot.library.originals import write_whole
from ragbot.library.reader import read_document
from ragbot.types import DocumentKind

SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def read_text(path: Path) -> str:
    """The text of a corpus file. Raises StorageError."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path} cannot be read ({error}).", remedy="Check the file.") from error


def with_value(text: str, name: str, value: str) -> str:
    """`text` with `name: value` in its front matter, replaced or added; `value` is a plain word."""
    if not SIMPLE.fullmatch(value):
        raise DocumentError(f"{value!r} is no plain word.", remedy="Give another value.")
    head, body = _parts(text)
    line = re.compile(rf"(?m)^{re.escape(name)}:.*$")
    if line.search(head):
        return line.sub(f"{name}: {value}", head, count=1) + body
    return f"{head.rstrip()}\n{name}: {value}\n{body}"


def with_reference(text: str, number: int, source_id: str) -> str:
    """`text` whose reference `number` names the source; what it was written as is kept.

    Raises DocumentError if the front matter has no such reference on lines of its own.
    """
    if not SIMPLE.fullmatch(source_id):
        raise DocumentError(f"{source_id!r} is no id of a source.", remedy="Give its file's name.")
    head, body = _parts(text)
    entry = re.compile(
        rf"(?m)^(?P<lead>[ \t]+){number}:(?P<rest>[^\n]*)(?P<more>(?:\n(?P=lead)[ \t]+[^\n]*)*)"
    )
    found = entry.search(head, head.find("\nreferences:") + 1)
    if found is None or "\nreferences:" not in head:
        raise DocumentError(
            f"The front matter has no reference {number} on a line of its own.",
            remedy=f"Write `{number}: {source_id}` under references.",
        )
    kept = [line for line in found["more"].split("\n") if line.strip() and not _is_own(line)]
    written = found["lead"] + f"{number}: {source_id}"
    if kept:
        deeper = re.match(r"[ \t]*", kept[0])
        indent = deeper[0] if deeper else "    "
        written = "\n".join([f"{found['lead']}{number}:", f"{indent}source: {source_id}", *kept])
    return head[: found.start()] + written + head[found.end() :] + body


def _is_own(line: str) -> bool:
    return line.strip().startswith(("missing:", "source:"))


def _parts(text: str) -> tuple[str, str]:
    """The front matter up to its closing line, and the rest with that line."""
    closing = re.compile(rf"(?m)^{FENCE}[ \t]*\r?$")
    fences = list(closing.finditer(text))
    if len(fences) < 2:
        raise DocumentError("The file has no front matter.", remedy="Begin it with --- lines.")
    return text[: fences[1].start()], text[fences[1].start() :]


def rewrite(path: Path, text: str, kind: DocumentKind) -> None:
    """Replace a corpus file by `text`, whole or not at all.

    Raises DocumentError, with the file as it was, if the new text does not read back.
    """
    before = path.read_bytes()
    write_whole(path, text.encode("utf-8"))
    try:
        read_document(path, kind)
    except DocumentError:
        write_whole(path, before)
        raise
