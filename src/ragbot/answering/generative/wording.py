"""The text of a claim, made plain: markers are code's, so none of the model's survive.

Square brackets that hold a marker go; others become round ones. So the only square brackets in an
answer are the markers that code has set.
"""

from __future__ import annotations

import re
import unicodedata

_BRACKETS = str.maketrans({
    **dict.fromkeys("【〔［⟦〖「『⁅", "["), **dict.fromkeys("】〕］⟧〗」』⁆", "]"),
})  # fmt: skip
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_ADDRESS = re.compile(r"\b(?:https?|ftp|file|javascript|data)://?\S+|\bwww\.\S+", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_MARKER = re.compile(
    r"\s*\[\s*(?:\^?\s*(?:refs?\.?|references?|sources?|citations?|cites?|cit|note|passages?|"
    r"key|doi|pmid|see)?[\s:.#]*[A-Z]?\d{1,4}(?:(?:\s*[,;–—-]\s*|\s+)[A-Z]?\d{1,4})*\s*|"
    r"[A-Z]|citation needed|"
    r"[A-Za-z]+-[\w.-]+|[\w-]+:[^\[\]]*)\]",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\s*\(\s*(?:refs?\.?|references?|sources?|citations?|passages?|key)\s*[:#]?\s*"
    r"[\w,;\s–-]*\)",
    re.IGNORECASE,
)
_SUPERSCRIPT = re.compile(r"(?<=[A-Za-z.,;)])(?<![cmkd]m)(?<!\Wm)[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?![⁰-⁹¹²³])")
_BARE_POINT = re.compile(r"(?<=[\s<>=≤≥(])\.(?=\d)")
_EMPHASIS = re.compile(r"\*\*|__|`+|^\s*(?:#+|[-*•]|\d+[.)])\s+")


def plain_claim(text: str, keys: tuple[str, ...] = ()) -> str:
    """`text` in one line, without markers, links, tags, emphasis, or any of `keys`."""
    line = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    line = _TAG.sub("", line.translate(_BRACKETS))
    line = _ADDRESS.sub("", _LINK.sub(r"\1", line))
    for key in keys:
        line = re.sub(rf"[\[(]?\s*\b{re.escape(key)}\b\s*[\])]?", "", line, flags=re.IGNORECASE)
    line = _NAMED.sub("", _without_markers(line))
    line = _EMPHASIS.sub("", _SUPERSCRIPT.sub("", line))
    line = _BARE_POINT.sub("0.", line)  # "P = .03" would end a sentence
    line = line.replace("[", "(").replace("]", ")").replace("()", "")
    return re.sub(r"\s+([.,;:?!])", r"\1", " ".join(line.split()))


def _without_markers(line: str) -> str:
    """`line` after removing markers, also those that removing others leaves behind."""
    while (shorter := _MARKER.sub("", line)) != line:
        line = shorter
    return line
