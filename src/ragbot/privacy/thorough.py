"""Documents are read twice: by ragbot's recognisers, and where they hold long numbers, by Presidio.

Importing Presidio takes seconds (it brings spaCy, and torch where that is installed), so that a
question is never scanned by it, and a document only if it holds a number of a length that one of
Presidio's identity numbers has and that is no publication's.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ragbot.privacy.finding import Finding, Kind, settled
from ragbot.privacy.patterns import PUBLIC
from ragbot.privacy.scanner import scan

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

LEAST_SCORE = 0.95  # its checksum holds
LANGUAGE = "en"
# Presidio's recognisers whose numbers carry a checksum, and what they find.
IDENTITY_NUMBERS: dict[str, Kind] = {
    "NhsRecognizer": "nhs_number",
    "AuMedicareRecognizer": "insurance_id",
    "DeHealthInsuranceRecognizer": "insurance_id",
    "DeSocialSecurityRecognizer": "national_id",
    "EsNifRecognizer": "national_id",
    "EsNieRecognizer": "national_id",
    "FiPersonalIdentityCodeRecognizer": "national_id",
    "InAadhaarRecognizer": "national_id",
    "ItFiscalCodeRecognizer": "national_id",
    "KrRrnRecognizer": "national_id",
    "PlPeselRecognizer": "national_id",
    "SePersonnummerRecognizer": "national_id",
    "ThTninRecognizer": "national_id",
    "TrNationalIdRecognizer": "national_id",
}
_LONG = re.compile(
    r"(?<![\w.,/-])(?=(?:[A-Z -]{0,2}\d){8})[A-Z\d](?:[ -]?[A-Z\d]){8,18}(?![\w%,/]|\.\d)"
)


def long_numbers(text: str) -> bool:
    """Whether `text` holds a number that may be somebody's and is no publication's or trial's."""
    public = [found.span() for found in PUBLIC.finditer(text)]
    return any(
        not any(a < found.end() and found.start() < b for a, b in public)
        for found in _LONG.finditer(text)
    )


def scan_thoroughly(text: str) -> tuple[Finding, ...]:
    """As `scan`, and identity numbers of many countries by Presidio's recognisers."""
    found = list(scan(text))
    if long_numbers(text):
        public = [span.span() for span in PUBLIC.finditer(text)]
        found += [
            one
            for one in by_presidio(text)
            if not any(a < one.end and one.start < b for a, b in public)
        ]
    return settled(found)


def by_presidio(text: str) -> list[Finding]:
    """What Presidio finds in `text`: identity numbers whose checksum holds."""
    kinds = _kinds()
    results = analyzer().analyze(
        text, language=LANGUAGE, entities=sorted(kinds), score_threshold=LEAST_SCORE
    )
    return [
        Finding(kinds[one.entity_type], one.start, one.end, min(0.9, float(one.score)))
        for one in results
    ]


@cache
def _recognizers() -> tuple[Any, ...]:
    from presidio_analyzer import predefined_recognizers

    return tuple(
        getattr(predefined_recognizers, name)(supported_language=LANGUAGE)
        for name in IDENTITY_NUMBERS
    )


@cache
def _kinds() -> dict[str, Kind]:
    return {
        one.supported_entities[0]: kind
        for one, kind in zip(_recognizers(), IDENTITY_NUMBERS.values(), strict=True)
    }


@cache
def analyzer() -> AnalyzerEngine:
    """Presidio's analyzer with ragbot's recognisers added, and no language model."""
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine
    from presidio_analyzer.recognizer_result import RecognizerResult

    class RagbotRecognizer(EntityRecognizer):
        """Ragbot's recognisers in the form that Presidio takes."""

        def load(self) -> None:
            """Nothing to load."""

        def analyze(
            self,
            text: str,
            entities: list[str],
            nlp_artifacts: object = None,  # noqa: ARG002
        ) -> list[RecognizerResult]:
            """The findings of `scan` as Presidio's results, their kinds in capitals."""
            found = ((one.kind.upper(), one) for one in scan(text))
            return [
                RecognizerResult(name, one.start, one.end, one.score)
                for name, one in found
                if name in entities
            ]

    from ragbot.privacy.finding import WORDS

    own = RagbotRecognizer([kind.upper() for kind in WORDS], supported_language=LANGUAGE)
    registry = RecognizerRegistry([*_recognizers(), own], supported_languages=[LANGUAGE])
    engine = NoOpNlpEngine([{"lang_code": LANGUAGE, "model_name": "none"}])
    engine.load()
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[LANGUAGE])
