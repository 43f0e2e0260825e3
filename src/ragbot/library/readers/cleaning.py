"""Text as it is kept: raised digits stay apart, invisible signs go, look-alikes are reported."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from ragbot.library.reader import INVISIBLE
from ragbot.library.readers.model import CLOSE, OPEN

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾", "0123456789+-()")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()")
RAISED_RUN = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+(?:[,\u2009 ]{1,2}[¹²³⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]*)*")
LOWERED_SIGN = re.compile(r"[₀-₉₊₋₌₍₎]")
# Forms that only look different: ligatures, full width, mathematical letters, squared units.
# The rest is left as written; NFKC on all of it would turn a raised digit or "½" into another
# number.
FORMS = re.compile("[\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff\u3380-\u33df]")
FRACTION = re.compile(r"(\d?)([¼½¾⅐-⅞])")
SPACE = re.compile(r"\s+")
WORD = re.compile(r"[^\W\d_]{3,}")
GREEK_ALIKE = set("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο")

TEN = re.compile(r"(?:^|[^\d.,])10\s?$")
LABELLED = re.compile(
    r"\b(?:day|cycle|week|month|year|grade|phase|stage|table|figure|visit|of|in)s?\s10\s?$", re.I
)
LENGTH = re.compile(r"(?:^|[\s\d/(.])(?:[mcdkµμn]?m)\s?$")
EXPONENT = re.compile(r"[+-]?\d{1,3}")
CITED = re.compile(r"\d{1,3}(?:\s?[,;\u2013-]\s?\d{1,3})*")
FOOTNOTE = re.compile(r"[a-z](?:\s?,\s?[a-z])*")
TAGS = re.compile(
    r"</?(?:jats:)?(?:i|b|em|strong|sub|p|title|scp|italic|bold|u|span|sec)\s*/?>", re.IGNORECASE
)
SUP = re.compile(r"<(?:jats:)?sup>([^<>]{0,40})</(?:jats:)?sup>", re.I)
MINUS = str.maketrans("\u2212\u2013\u2012\u2011", "----")


def raised(before: str, inside: str) -> str:
    """`inside`, which stands raised behind `before`, as text.

    A power becomes "^6" and a footnote's letter "^a"; digits that may be citations are set
    between OPEN and CLOSE; anything else is appended as it is.
    """
    plain = inside.translate(RAISED).translate(MINUS).strip()
    if EXPONENT.fullmatch(plain) and _is_power(before, plain):
        return f"^{plain}"
    if FOOTNOTE.fullmatch(plain):
        return f"^{plain}"
    bare = inside.translate(RAISED).strip().strip("[]").strip(" ,;")
    if CITED.fullmatch(bare):
        return f"{OPEN}{bare}{CLOSE}"
    return inside.translate(RAISED)


def _is_power(before: str, plain: str) -> bool:
    if plain[0] in "+-":
        return before[-1:].isalnum()
    if TEN.search(before):
        return len(plain) <= 2 and not LABELLED.search(before)
    return plain in {"2", "3"} and LENGTH.search(before) is not None


def plain_markup(text: str) -> str:
    """`text` of a record without the HTML that exports leave in it: "10<sup>-4</sup>" is 10^-4."""
    if "<" in text:
        text = SUP.sub(lambda f: raised(text[max(0, f.start() - 40) : f.start()], f[1]), text)
        text = TAGS.sub("", text)
    return html.unescape(text) if "&" in text else text


def without_signs(text: str) -> str:
    """`text` without the citation digits that `raised` has marked."""
    return re.sub(f"{OPEN}[^{CLOSE}]*{CLOSE}", "", text)


@dataclass
class Cleaner:
    """Cleans the texts of one document and keeps what is to be reported."""

    removed: Counter[str] = field(default_factory=Counter)
    alike: dict[str, str] = field(default_factory=dict)

    def clean(self, text: str) -> str:
        """`text` in one line, without invisible signs, in NFC, with powers as "^6"."""
        text = self.visible(text)
        if not text.isascii():
            text = FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
            text = FRACTION.sub(_fraction, text)
            text = RAISED_RUN.sub(
                lambda f: raised(text[max(0, f.start() - 20) : f.start()], f[0]), text
            )
            text = LOWERED_SIGN.sub(lambda found: found[0].translate(LOWERED), text)
            text = unicodedata.normalize("NFC", text)
            self._look_for_alikes(text)
        return SPACE.sub(" ", text).strip()

    def visible(self, text: str) -> str:
        """`text` without signs that show nothing; line ends stay."""

        def drop(found: re.Match[str]) -> str:
            if found[0] not in {OPEN, CLOSE}:
                self.removed["NUL bytes" if found[0] == "\0" else _kind(found[0])] += 1
                return ""
            return found[0]

        return INVISIBLE.sub(drop, text)

    def _look_for_alikes(self, text: str) -> None:
        for found in WORD.finditer(text):
            word = found[0]
            if word.isascii() or word in self.alike:
                continue
            scripts = {_script(sign) for sign in word} - {""}
            if len(scripts) > 1:
                self.alike[word] = " and ".join(sorted(scripts))

    def notes(self) -> tuple[str, ...]:
        """What was removed, and which words mix alphabets."""
        found = [f"{count} {what} removed" for what, count in sorted(self.removed.items())]
        if self.alike:
            shown = ", ".join(f"{w!r} ({s} letters)" for w, s in list(self.alike.items())[:5])
            more = f" and {len(self.alike) - 5} more" if len(self.alike) > 5 else ""
            found.append(f"words that mix alphabets, left as written: {shown}{more}")
        return tuple(found)


def _kind(sign: str) -> str:
    if sign == "\u00ad":
        return "soft hyphens"
    if unicodedata.category(sign) == "Cc":
        return "control characters"
    if sign in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        return "signs that turn the direction of the text"
    return "invisible characters"


def _script(sign: str) -> str:
    if sign.isascii() or "\u00c0" <= sign <= "\u024f":
        return "Latin"
    name = unicodedata.name(sign, "").split(" ")[0]
    if name in {"CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"}:
        return name.capitalize()
    return "Greek" if sign in GREEK_ALIKE else ""


def _fraction(found: re.Match[str]) -> str:
    written = unicodedata.normalize("NFKC", found[2]).replace("\u2044", "/")
    return f"{found[1]} {written}" if found[1] else written
