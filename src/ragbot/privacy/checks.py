"""Checksums and plausibility of numbers that identify somebody. Pure functions."""

from __future__ import annotations

NHS_LENGTH = 10
MONTHS, DAYS = 12, 31
CARD_STARTS = ("2", "3", "4", "5", "6", "1800")


def digits(text: str) -> str:
    """The digits of `text`."""
    return "".join(c for c in text if c.isdigit())


def is_nhs_number(text: str) -> bool:
    """Whether the ten digits of `text` end in their check digit, modulo 11."""
    found = digits(text)
    if len(found) != NHS_LENGTH or len(set(found)) == 1:
        return False
    weighed = sum(int(d) * w for d, w in zip(found, range(NHS_LENGTH, 1, -1), strict=False))
    return (11 - weighed % 11) % 11 == int(found[-1])


def is_card_number(text: str) -> bool:
    """Whether the digits of `text` begin as a card's do and pass Luhn's check."""
    found = digits(text)
    if not found.startswith(CARD_STARTS) or len(set(found)) == 1:
        return False
    doubled = [int(d) * 2 if at % 2 else int(d) for at, d in enumerate(reversed(found))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether `text` is an account number whose check digits hold, modulo 97."""
    plain = "".join(text.split()).upper()
    turned = plain[4:] + plain[:4]
    return turned.isalnum() and int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def is_social_security_number(text: str) -> bool:
    """Whether `text` is in the form of a US number that can have been given out."""
    area, group, serial = text.split("-")
    return area not in {"000", "666"} and group != "00" and serial != "0000"


def is_address_of_a_machine(text: str) -> bool:
    """Whether `text` is an IPv4 address, and no section or enzyme number."""
    parts = text.split(".")
    return all(int(part) <= 255 for part in parts) and len(digits(text)) >= 8


def is_date(text: str) -> bool:
    """Whether the figures of a written date can be a day, a month and a year."""
    parts = [int(part) for part in "".join(c if c.isdigit() else " " for c in text).split()]
    small = [part for part in parts if part <= DAYS]
    return len(parts) < 3 or (len(small) >= 2 and any(part <= MONTHS for part in small))
