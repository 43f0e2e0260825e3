"""Recognisers of postal addresses."""

from __future__ import annotations

from ragbot.privacy.recogniser import Recogniser, recogniser

_CAP = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w’'-]+"
_STREET = (
    r"(?:Street|Str|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Close|Crescent|Cres|"
    r"Court|Ct|Squares?|Sq|Terrace|Place|Pl|Way|Highway|Hwy|Gardens|Grove|Mews|Parkway|Pkwy|Row)"
)
_ABROAD = (
    r"(?:stra(?:ß|ss)e|str\.|gatan|gata|v[äe]gen|vej|veien|gade|tie|katu|laan|straat|weg|gasse)"
)
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY])"
)
_UNIT = r"(?:[Aa]pt|Apartment|Suite|Flat)\.? \d+[A-Za-z]?"
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}"
_REST = (
    rf"(?:[\s,]+{_UNIT}|[\s,]+{_CAP}){{0,6}}"
    rf"(?:[\s,]+(?:[A-Z]{{2}} )?(?:\d{{4,6}}(?:-\d{{4}})?\b|{_POSTCODE}\b))?"
)

ADDRESSES: tuple[Recogniser, ...] = (
    recogniser(
        "address",
        0.85,
        rf"(?<![\w.-])\d{{1,5}}[A-Za-z]?,? (?:[NSEW]\.? )?(?:{_CAP} ){{1,4}}{_STREET}\b{_REST}",
        cased=True,
    ),
    recogniser(
        "address",
        0.7,
        rf"\b{_CAP}(?: {_CAP}){{0,3}} (?:Road|Street|Avenue|Lane) \d{{1,4}}\b{_REST}",
        cased=True,
    ),
    recogniser(
        "address",
        0.7,
        rf"(?:(?<![\w.-])\d{{1,5}} )?\b(?:[A-ZÀ-Ž]\w+{_ABROAD}|(?:Rua|Via|Calle|Rue|Avenida|"
        rf"Piazza|Plaza)(?: \w+){{1,4}}|{_CAP} (?:u\.|utca|út|tér|ulica))\s\d{{1,5}}\b\.?{_REST}",
        cased=True,
    ),
    recogniser(
        "address",
        0.7,
        rf"(?:(?<![\w.-])\d{{1,5}}[\s,]+(?:[^\W\d_][\w.’'-]+[\s,]+){{1,5}}(?:\d{{1,4}}\.?[\s,]+)?)?"
        rf"\b{_UNIT}\b{_REST}",
        cased=True,
    ),
    recogniser(
        "address",
        0.75,
        r"\b(?:[Aa]ddress(?:es)?|[Ll]ives?|living|resid(?:es|ing)|located|sent|moved|delivered|"
        r"drops you off)\b[^\d\n.;?!]{0,40}?\b"
        r"(?P<v>\d{1,5}[A-Za-z]?,?\s[A-ZÀ-ž][a-zß-ž][^;?!]{3,90}?)(?=\.\s|[.;?!]?$|[;?!]|\sand\s)",
        cased=True,
    ),
    recogniser(
        "address",
        0.75,
        rf"\blives? (?:on|at) (?P<v>{_CAP}(?: {_CAP}){{0,3}} \d{{1,4}})\b",
        cased=True,
    ),
    recogniser(
        "address",
        0.9,
        r"\b(?:P\.? ?O\.? ?Box|(?:PSC|Unit) \d+,? Box) \d+(?:[\s,]+[A-Z]{2,3}){0,3}(?: \d{5})?",
    ),
    recogniser("address", 0.75, rf"\b{_CAP},? {_STATE},? \d{{5}}(?:-\d{{4}})?\b", cased=True),
    recogniser("address", 0.8, rf"\b{_CAP},? {_POSTCODE}\b", cased=True),
    recogniser(
        "address",
        0.8,
        r"\b(?:zip|(?:zip|post(?:al)?) ?-?code)\b[\s:]+(?:is |was )?"
        r"(?P<v>[A-Z]{0,2}\d[A-Z\d -]{2,8})\b",
    ),
)
