"""What a figure in a text says, and why one is missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["number", "range", "ratio", "p", "date", "name"]
Reason = Literal["value", "unit", "comparator", "sign", "conversion"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity as it stands at `text[start:end]`.

    `value` is the number, the low end of a range or the first part of a ratio; `high` the other
    end; both are None for a date or a name, which `key` holds in one spelling. `unit` is in one
    spelling ("%", "mg/kg", "year"; "" for none) and `comparator` one of "", "<", "<=", ">", ">=".
    """

    kind: Kind
    text: str
    start: int
    end: int
    value: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    comparator: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class MissingQuantity:
    """A quantity of a claim that no quote carries, why, and the nearest one that a quote has."""

    quantity: Quantity
    reason: Reason
    nearest: Quantity | None = None
