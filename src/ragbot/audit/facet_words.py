"""The words that name a facet's values, as data: read and extended by people who know the field."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PATIENTS = r"(?:(?:[BT]-)?(?:ALL|AML|CLL)|leuk\w+|disease|adults?|child\w*|patients?)"
_MRD = r"(?:measurable |minimal )?(?:MRD|residual)"


def _any(*patterns: str, cased: bool = False) -> re.Pattern[str]:
    return re.compile("|".join(patterns), 0 if cased else re.IGNORECASE)


FACETS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "age": {
        "children": _any(
            r"\bchild(?:ren|hood)?\b",
            r"\bp(?:a)?ediatric",
            r"\binfants?\b",
            r"\bneonat",
            r"\bboys?\b",
            r"\bgirls?\b",
            r"\badolescents?\b",
        ),
        "adults": _any(r"\badults?\b", r"\belderly\b", r"\bolder (?:people|patients?)\b"),
    },
    "disease": {
        "B-ALL": _any(
            r"\b[Pp]?re?-?B[- ]ALL\b",
            r"\bB(?:CP)?-ALL\b",
            r"\bBCP-?ALL\b",
            r"\bB-?(?:cell|lineage|precursor|lymphoblastic)[\w -]*(?:ALL|leuk|lymphoblastic)",
            r"precursor-?B ALL",
            cased=True,
        ),
        "T-ALL": _any(r"\bT-?ALL\b", r"\bT-?(?:cell|lineage|lymphoblastic)\b", cased=True),
        "CLL": _any(r"\bCLL\b", r"\bchronic lymphocytic\b"),
        "AML": _any(r"\bAML\b", r"\bacute myel\w+"),
        "CML": _any(r"\bCML\b", r"\bchronic myel\w+"),
        "MDS": _any(r"\bMDS\b", r"\bmyelodysplas\w+"),
        "myeloma": _any(r"\bmyeloma\b"),
        "lymphoma": _any(
            r"\bDLBCL\b", r"\b(?:follicular|mantle|Hodgkin|B-cell|T-cell)[\w -]* lymphoma"
        ),
        "ALL": _any(r"(?<![A-Za-z]-)\bALL\b", r"\b[Ll]ymphoblastic leuk", cased=True),
    },
    "Philadelphia chromosome": {
        "negative": _any(
            r"\bPh(?:iladelphia)?(?:-| chromosome[- ])(?:negative|neg\b)", r"\bPh(?:-|−)(?=\W)"
        ),
        "positive": _any(r"\bPh(?:iladelphia)?(?:-| chromosome[- ])(?:positive|pos\b)", r"\bPh\+"),
    },
    "line of therapy": {
        "first line": _any(
            r"\bnewly[- ]diagnosed\b",
            r"\bfront-?line\b",
            r"\bfirst-line\b",
            r"\bup-?front\b",
            r"\b(?:previously )?untreated\b",
            r"\bde novo\b",
        ),
        "relapsed": _any(
            r"\brelapsed(?:/| or |-)refractory\b",
            r"\brefractory\b",
            r"\br/r\b",
            r"\bpretreated\b",
            rf"\brelapsed (?:\w+[- ]){{0,3}}{_PATIENTS}\b",
            r"\b(?:adults?|children|patients?)(?: \w+){0,3} (?:with|in|after) "
            r"(?:a |first |marrow )*relapsed?\b",
            r"\b(?:second|third)-line\b",
            r"\bsalvage\b",
        ),
    },
    "remission": {
        "first": _any(r"\bfirst (?:complete )?remission\b", r"\bCR1\b"),
        "later": _any(r"\b(?:second|third|later) (?:complete )?(?:remission|CR)\b", r"\bCR[23]\b"),
    },
    "sex": {
        "women": _any(r"\bwomen\b", r"\bfemales?\b"),
        "men": _any(r"\bmen\b", r"\bmales?\b"),
    },
    "donor": {
        "allogeneic": _any(r"\ballo(?:geneic|graft\w*|transplant\w*|-\w+)?\b", r"\bhaplo"),
        "autologous": _any(r"\bautologous\b", r"\bauto(?:graft\w*|-HSCT|-SCT)\b"),
    },
    "origin": {
        "germline": _any(r"\bgermline\b", r"\binherited\b"),
        "somatic": _any(r"\bsomatic\b", r"\bacquired\b"),
    },
    "residual disease": {
        "positive": _any(
            r"\b(?:MRD|residual disease)[- ]positive",
            rf"\bpositive (?:for )?{_MRD}",
            r"\bMRD was positive",
        ),
        "negative": _any(
            r"\b(?:MRD|residual disease)[- ]negativ",
            rf"\bnegative (?:for )?{_MRD}",
            r"\bMRD was negative",
        ),
    },
    "species": {
        "people": _any(r"\b(?:patients?|adults?|children|people|women|men)\b"),
        "animals or cells": _any(
            r"\b(?:mice|mouse|rats?|xenografts?|in vitro|ex vivo|cell lines?|preclinical)\b"
        ),
    },
}
