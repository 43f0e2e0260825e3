"""XML with everything off that reaches out of the file, or blows it up."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from ragbot.errors import DocumentError
from ragbot.library.readers.cleaning import raised

DEFINES = re.compile(rb"<!ENTITY", re.I)


def tree_of(data: bytes) -> Any:
    """The root element of `data`. Raises DocumentError if it is not well-formed.

    Entities are neither defined nor expanded, no DTD and no network is used.
    """
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if DEFINES.search(data) or (wide and DEFINES.search(data.replace(b"\0", b""))):
        raise DocumentError(
            "It defines XML entities, which can blow up a small file.",
            remedy="Take the <!ENTITY> lines out.",
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(
            f"It is not well-formed XML ({' '.join(str(error).split())[:200]}).",
            remedy="Get it again: it may be cut off.",
        ) from error
    unresolved = next(root.iter(etree.Entity), None)
    if unresolved is not None:
        raise DocumentError(
            f"It uses the entity &{unresolved.name};, which it does not define.",
            remedy="Write the sign itself.",
        )
    return root


def name_of(element: Any) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def words(element: Any, skip: frozenset[str] = frozenset()) -> str:
    """The text of an element; what is raised or lowered is told apart, `skip` is left out."""
    if element is None:
        return ""
    pieces: list[str] = []
    events = etree.iterwalk(element, events=("start", "end"))
    for event, child in events:
        name = name_of(child)
        if event == "start":
            if child is not element and name in skip:
                events.skip_subtree()
            elif name == "sup":
                pieces.append(raised("".join(pieces[-4:])[-40:], "".join(child.itertext())))
                events.skip_subtree()
            else:
                pieces.append(child.text or "")
        elif child is not element:
            pieces.append(child.tail or "")
    return "".join(pieces)
