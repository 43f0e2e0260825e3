"""Text to index tokens: folded, stemmed, with figures kept whole and synonyms added.

The same analysis is applied to passages and to questions, so a token needs no meaning of its own:
it only has to be equal where the words mean the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from ragbot.index.vocabulary import CASED, CONCEPTS, STOP_WORDS

CONCEPT_MARK = "="
_VERSION = "2"  # raise when the rules below or the constants of BM25 change
_LONGEST_JOIN = 30

_stemmer = Stemmer.Stemmer("english")

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_FRACTIONS = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75"})
_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("’‘ʼ`´", "'"),
        "·": ".",
        "∙": ".",
        "⋅": ".",
    }
)
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau",
    "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_GREEK_LETTER = re.compile("[α-ω]", re.IGNORECASE)
_MICRO = re.compile(r"(?<![A-Za-z])(?:[µμ]|u(?=g\b|l\b))(?=(?:g|l|L|m|M|mol|mole)\b)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_POWER = re.compile(
    r"(?:(?<=\d)|\b|(?<=[\sx]))x?\s?10(?:\s?(?:\^|\*\*?|e|E)\s?(-?\d+)|\((-?\d+)\))"
)
_DIGIT = re.compile(r"\d")
_BARE_DECIMAL = re.compile(r"(?<![\d.\w])\.(?=\d)")
_EQUALS = re.compile(r"\b([A-Za-z]{1,3})\s?=\s?(?=[\d.])")
_PERCENT = re.compile(r"(?<=\d)\s?(?:%|per\s?cent\b)", re.IGNORECASE)

_TOKEN = re.compile(
    r"""10\^-?\d+                                     # a power of ten
      | [A-Za-z]{1,3}=\d+(?:\.\d+)?                   # n=31
      | \d+(?:\.\d+)+%? | \d+%                        # 6.84, 45%
      | (?:t|inv|del|dup)\(\d[\dqp;:.]*\)             # a translocation, t(9;22)
      | [^\W_]+(?:['\-:/+][^\W_]+)*\+?                # a word, B-ALL, BCR::ABL1
    """,
    re.VERBOSE,
)
_YEARS = re.compile(r"(?<=\d)\s?-?\s?(?:yrs?|y)\b", re.IGNORECASE)
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        start=2,
    )
}  # not "one", which is more often a pronoun
_SPLIT = re.compile(r"[\-:/+]+")
_POSSESSIVE = re.compile(r"'s?$")
_NUMERIC = re.compile(r"^(?:[a-z]{1,3}=)?\d")

# British to American spelling, and digraphs. Applied alike to passages and questions, so a word
# that is folded without need ("rise" to "rize") still meets itself.
_SPELLING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"ae(?!ro)", "e"),
        (r"(?:(?<=^)|(?<=[a-z]))oe(?=dem|str|soph|tus|tal|lia)", "e"),
        (r"rrhoe", "rrhe"),
        (r"pnoe", "pne"),
        (r"(tum|col|fav|lab|behavi|hum|hon|flav|harb|neighb|vap|od|rum|vig)our", r"\1or"),
        (r"is(?=(?:e|ed|es|er|ers|ing|ation|ations)$)", "iz"),
        (r"ys(?=(?:e|ed|es|er|ing)$)", "yz"),
        (r"(cent|fib|lit|met|calib|theat)re(?=s?$)", r"\1er"),
        (r"sulph", "sulf"),
        (r"(?<=[a-z])ll(?=(?:ed|ing|er)$)", "l"),
        (r"^programme", "program"),
        (r"^ageing$", "aging"),
        (r"genic$", "geneic"),
    )
)


def normalise(text: str) -> str:
    """`text` with one spelling of each sign, figures unharmed.

    Superscripts become powers ("10⁹" is 10^9, never 109), hyphen variants "-", the middle dot of a
    decimal ".", Greek letters their names, micro "mc"; separators of thousands go, and Latin
    letters lose their accents.
    """
    if not text.isascii():
        text = _SUPERSCRIPT_RUN.sub(lambda run: "^" + run.group().translate(_SUPERSCRIPTS), text)
        text = text.translate(_FRACTIONS).translate(_PUNCTUATION)
        text = _MICRO.sub("mc", text)
        text = unicodedata.normalize("NFKC", text)
        text = _GREEK_LETTER.sub(lambda letter: _GREEK[letter.group().lower()], text)
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    else:
        text = _MICRO.sub("mc", text)
    has_figures = _DIGIT.search(text) is not None
    if has_figures:  # most text has none, and each pass over it takes its time
        text = _THOUSANDS.sub("", text) if "," in text else text
        if "10" in text:
            text = _POWER.sub(lambda power: f" 10^{power.group(1) or power.group(2)}", text)
        text = _BARE_DECIMAL.sub("0.", text)
    text = _EQUALS.sub(r"\1=", text) if "=" in text else text
    return _PERCENT.sub("%", _YEARS.sub("-year", text)) if has_figures else text


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    """The index form of one lower-case word: spelling folded, then Snowball's English stem."""
    for pattern, replacement in _SPELLING:
        word = pattern.sub(replacement, word)
    return str(_stemmer.stemWord(word))


def _figures(stem: str) -> tuple[str, ...]:
    """A figure also without its sign: "45%" is met by "45", "n=31" by "31"."""
    if stem.endswith("%"):
        return stem, stem[:-1]
    if "=" in stem:
        return stem, stem.split("=", 1)[1]
    return (stem,)


class _Word:
    """One run of letters or figures: `stem`, whether it stood in capitals, the tokens it gives.

    `tokens` are those of the word alone: none for a stop word.
    """

    __slots__ = ("capital", "lower", "stem", "tokens")

    def __init__(self, written: str) -> None:
        lower = written.lower()
        self.lower = _NUMBER_WORDS.get(lower, lower)
        self.capital = written.isupper()
        self.stem = self.lower if _NUMERIC.match(self.lower) else _stem(self.lower)
        self.tokens = () if self.lower in STOP_WORDS else _figures(self.stem)


@lru_cache(maxsize=200_000)
def _pieces(written: str) -> tuple[tuple[_Word, ...], str]:
    """The words within one run of non-blanks, and their joined form where there are several."""
    written = _POSSESSIVE.sub("", written).replace("'", "")
    if "=" in written or "^" in written or "(" in written or "%" in written:
        return (_Word(written),), ""
    tail = "+" if written.endswith("+") else ""
    parts = tuple(_Word(part) for part in _SPLIT.split(written) if part)
    if tail and len(parts) == 1:
        parts = (_Word(written),)
    joined = "".join(part.lower for part in parts)
    keep = len(parts) > 1 and "/" not in written and len(joined) <= _LONGEST_JOIN
    return parts, _stem(joined) if keep else ""


def _words(text: str) -> Iterator[tuple[tuple[_Word, ...], str]]:
    return map(_pieces, _TOKEN.findall(normalise(text)))


Forms = dict[str, list[tuple[tuple[str, ...], bool, str]]]


def _forms() -> Forms:
    """First stem -> (all stems, capitals needed, concept) of every written form."""
    forms: Forms = {}
    for concept, written_forms in CONCEPTS.items():
        for written in written_forms:
            words = [word for parts, _ in _words(written) for word in parts]
            stems = tuple(word.stem for word in words)
            cased = len(words) == 1 and words[0].lower.upper() in CASED
            forms.setdefault(stems[0], []).append((stems, cased, CONCEPT_MARK + concept))
    return forms


_FORMS = _forms()


def _concepts(words: list[_Word], at: int) -> tuple[list[tuple[str, int]], bool]:
    """Concepts whose forms start at `at`, with the words of the form; whether one is one word.

    Raises KeyError if no form starts with that word.
    """
    found: dict[str, int] = {}
    single = False
    for stems, cased, concept in _FORMS[words[at].stem]:
        if cased and not words[at].capital:
            continue
        size = len(stems)
        if size > 1 and tuple(word.stem for word in words[at : at + size]) != stems:
            continue
        single = single or size == 1
        found[concept] = max(size, found.get(concept, 0))
    return list(found.items()), single


def analyze(text: str) -> list[str]:
    """Index tokens of `text`, in its order.

    A single word that names a concept gives the concept's token in place of its own; a longer form
    adds it to its words. Hyphenated words give their parts and the joined word. Stop words are
    left out, unless in capitals they name a concept ("ALL").
    """
    words: list[_Word] = []
    joins: dict[int, str] = {}
    covered: dict[str, int] = {}  # concept -> end of its last form, which may hold a shorter one
    for parts, joined in _words(text):
        if joined:
            joins[len(words)] = joined
        words.extend(parts)
    tokens: list[str] = []
    for at, word in enumerate(words):
        if word.stem not in _FORMS:
            if at in joins:
                tokens.append(joins[at])
            tokens.extend(word.tokens)
            continue
        found, single = _concepts(words, at)
        new = [concept for concept, _ in found if covered.get(concept, 0) <= at]
        covered.update({concept: at + size for concept, size in found})
        tokens.extend(new)
        if at in joins and not any(size > 1 for _, size in found):
            tokens.append(joins[at])
        if not single:
            tokens.extend(word.tokens)
    return tokens


def analysis_fingerprint() -> str:
    """Digest (12 hex digits) of what decides the tokens: an index made with another is stale."""
    decides = [_VERSION, sorted(CONCEPTS.items()), sorted(CASED), sorted(STOP_WORDS)]
    return hashlib.sha256(repr(decides).encode()).hexdigest()[:12]
