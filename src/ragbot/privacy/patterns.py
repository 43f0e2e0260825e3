"""Recognisers of numbers, dates of birth and ages that identify somebody.

Each one either carries the words that make a number an identifier ("MRN", "born on"), or a
checksum, or a form that no clinical figure has.
"""

from __future__ import annotations

import re

from ragbot.privacy.checks import (
    is_address_of_a_machine,
    is_card_number,
    is_date,
    is_iban,
    is_nhs_number,
    is_social_security_number,
)
from ragbot.privacy.recogniser import Recogniser, recogniser

# Numbers of publications and trials: what overlaps one of these is none of anybody's.
PUBLIC = re.compile(
    r"\b(?:PMID|PubMed(?: ID)?|MEDLINE|ISSN|ISBN(?:-1[03])?|UMIN|CRD|CAS|arXiv)[ :#]*[\d.X-]+|"
    r"\bPMC ?\d+|\b10\.\d{4,9}/\S+|"
    r"\b(?:NCT|ISRCTN|ACTRN|DRKS|NTR|UMIN|CTRI|TCTR|KCT|IRCT|jRCTs?|ChiCTR)[ :-]?[\w/-]*\d+|"
    r"\b(?:EudraCT|EUCT|CTIS)?[ :]*(?:number|no\.?)?[ :]*\b20\d\d-\d{6}-\d\d(?:-\d\d)?\b|"
    r"(?:ctr|trials?|registr\w+|gov) (?:identifier|number|no\.?|id)[ :#]*[\w-]+|"
    r"\b\d{1,4}\(\d{1,3}\):\d+",
    re.IGNORECASE,
)
_LINK = r"(?:[\s:=#().’'-]|(?:is|was|are|no|nos|nr|number|num|id|code|reads|s)\b){0,10}"


def _id(least: int) -> str:
    """A token with at least `least` digits, also grouped by spaces or hyphens."""
    token = rf"(?=(?:[A-Z/-]*\d){{{least}}})[A-Z0-9][A-Z0-9/-]{{{least - 1},19}}"
    return rf"(?P<v>\d{{2,4}}(?:[ -]\d{{2,4}}){{2,4}}|{token})(?![\w%])"


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = (
    rf"(?P<v>\b\d{{1,4}}([/.-])\d{{1,2}}\2\d{{2,4}}\b|"
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?{_MONTH},?[ -]\d{{2,4}}\b|"
    rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b)"
)
_DIGIT_GROUPS = r"\+?\(?\d{1,4}\)?(?:[ ./-]?\(?\d{2,5}\)?){1,5}(?: ?(?:x|ext\.?) ?\d{1,5})?"


def _enough_digits(text: str) -> bool:
    return 7 <= sum(c.isdigit() for c in text) <= 19


NUMBERS: tuple[Recogniser, ...] = (
    recogniser("email", 1.0, r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}(?<![.-])"),
    recogniser("record_number", 0.95, rf"\b(?:MRN|UHID|CHI|PAS|EMPI)\b{_LINK}{_id(4)}"),
    recogniser(
        "record_number",
        0.95,
        r"\b(?:medical record|hospital|patient(?:['’]s)?|clinic|chart|case ?note|file|accession|"
        r"specimen|encounter|admission|health record|unit|UPN)"
        rf"[ -]?(?:no\b\.?|nr\b\.?|number|num\b|id\b|identifier|#){_LINK}{_id(4)}",
    ),
    recogniser(
        "nhs_number",
        1.0,
        rf"\bNHS(?: (?:no\.?|number|id))?\b{_LINK}(?P<v>\d{{3}}[ -]?\d{{3}}[ -]?\d{{4}})\b",
    ),
    recogniser("nhs_number", 0.85, r"(?<![\w.+-])\d{3}[ -]\d{3}[ -]\d{4}(?![\w.-])", is_nhs_number),
    recogniser("nhs_number", 0.7, r"(?<![\w.+/-])\d{10}(?![\w.%/-])", is_nhs_number),
    recogniser(
        "national_id", 0.9, r"(?<![\w-])(?!9)\d{3}-\d{2}-\d{4}(?![\w-])", is_social_security_number
    ),
    recogniser(
        "national_id",
        0.9,
        r"\b(?:SSN|social security|passport|driv(?:er|ing)['’]?s? licen[cs]e|"
        r"national insurance|NINO|national id|identity card|id card|tax id|CPR|"
        r"personnummer|aadhaar|PESEL|BSN)"
        rf"\b{_LINK}{_id(5)}",
    ),
    recogniser(
        "national_id",
        0.8,
        r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)"
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} \d{2} \d{2} ?[A-D]\b",
        cased=True,
    ),
    recogniser(
        "insurance_id",
        0.9,
        r"\b(?:insurance|policy|member(?:ship)?|subscriber|health ?plan|beneficiary|medicare|"
        r"medicaid|krankenkasse|versicherten)"
        r"(?:[ -]?(?:policy|card|member|plan|no\b\.?|number|nummer|id\b|#)){0,3}"
        rf"{_LINK}{_id(5)}",
    ),
    recogniser(
        "insurance_id",
        0.85,
        r"(?<![\w-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?"
        r"[AC-HJKMNP-RT-Y]{2}\d{2}(?![\w-])",
        cased=True,
    ),
    recogniser(
        "date_of_birth",
        1.0,
        r"\b(?:d\.?o\.?b\b\.?|dates? of birth|birth ?date|birthday|born|geboren|geb\.)"
        rf"(?:(?!between|after|before|from|since|until)[^\d\n]){{0,25}}?{_DATE}",
        is_date,
    ),
    recogniser(
        "age_over_89",
        0.8,
        r"(?:\b(?:a|an|my|our|this|that|the|is|was|he['’]s|she['’]s|patient)|,|^) (?:now )?"
        r"(?P<v>9\d|1[01]\d)[- ]?(?:years?|yrs?|y)[- /]?(?:old|o\b)(?! (?:and|or) )",
    ),
    recogniser(
        "age_over_89",
        0.8,
        r"\b(?:he|she|who|patient|man|woman|lady|gentleman|(?:grand)?(?:mother|father)|mum|dad)"
        r"(?:['’]s)?,? (?:is |was )?(?:now )?aged? (?:of )?(?P<v>9\d|1[01]\d)\b"
        r"(?! ?(?:%|or|and|to|[-–]))",
    ),
    recogniser(
        "phone",
        0.85,
        r"(?<![\w.+])\+\d{1,3}[ .()-]{0,2}(?:\(0\))?"
        r"(?:[ .()/-]{0,2}\d){6,12}(?: ?(?:x|ext\.?) ?\d{1,5})?(?![\w%])",
    ),
    recogniser(
        "phone",
        0.75,
        r"(?<![\w.+/-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}"
        r"(?: ?(?:x|ext\.?) ?\d{1,5})?(?![\w%.-]*\d)",
    ),
    recogniser(
        "phone",
        0.7,
        r"(?<![\w.+/-])\(?0\d{2,4}\)?[ .-]\d{2,4}(?:[ .-]\d{2,4}){1,3}(?![\w%])",
        _enough_digits,
    ),
    recogniser(
        "phone",
        0.8,
        r"\b(?:phone|telephone|tel|mobile|cell|desk|fax|pager|bleep|call|calling|ring|text|whatsapp|"
        r"contact|reach|reached|messages? to|answering at|number is|my registered|dial)\b"
        r"(?:[\s:.,#]|\b(?:at|on|to|me|him|her|us|is|number|no|the|their|my|his|line)\b){0,6}"
        rf"(?P<v>{_DIGIT_GROUPS})(?![\w%/]|\.\d)",
        _enough_digits,
    ),
    recogniser(
        "phone",
        0.7,
        rf"(?<![\w.+/-]){_DIGIT_GROUPS}(?=[ -](?:office|mobile|fax|desk|home|cell)\b)",
        _enough_digits,
    ),
    recogniser(
        "payment_card",
        0.9,
        r"(?<![\w.-])(?!97[89])\d(?:[ -]?\d){12,18}(?![\w.-]*\d)",
        is_card_number,
    ),
    recogniser(
        "payment_card",
        0.9,
        r"\bcard\b(?:[\s:#]|\b(?:is|no|number)\b){0,5}(?P<v>\d(?:[ -]?\d){11,18})\b",
        is_card_number,
    ),
    recogniser(
        "bank_account", 0.95, r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b", is_iban
    ),
    recogniser(
        "ip_address",
        0.7,
        r"(?<![\w.])(?<!version )(?<!EC )\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)",
        is_address_of_a_machine,
    ),
)
