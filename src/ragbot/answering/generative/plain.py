"""A claim said in plain words: taken only if it says the same, in figures, drugs and negations.

The claim itself is not touched: what is verified, cited and counted is its own text, the same for
every reader. So the choice of an audience changes the language, and nothing else.
"""

from __future__ import annotations

from ragbot.answering.caution import orders_in
from ragbot.answering.generative.drugs import drugs_named
from ragbot.answering.generative.wording import plain_claim
from ragbot.answering.grounding.rules import gate
from ragbot.answering.numbers import missing_quantities
from ragbot.answering.verify import ClaimCheck

ROOM = 160
"""How many characters plain words may be longer than twice the claim."""


def plain_words(written: str, claim: str, evidence: str, verifier: ClaimCheck) -> str:
    """`written` as plain words for `claim`, or "" if it says anything else than the claim."""
    plain = plain_claim(written)
    if not plain or plain.casefold() == claim.casefold() or len(plain) > 2 * len(claim) + ROOM:
        return ""
    if _figures_differ(plain, claim) or drugs_named(plain) != drugs_named(claim):
        return ""
    if gate(plain, (claim,)) or orders_in(plain, (claim,)):
        return ""
    verdict, _ = verifier.judge(plain, evidence)
    return plain if verdict in {"supported", "unverified"} else ""


def _figures_differ(plain: str, claim: str) -> bool:
    """Whether a figure is added or left out; names such as TP53 may be left out."""
    left_out = [m for m in missing_quantities(claim, (plain,)) if m.quantity.kind != "name"]
    return bool(left_out or missing_quantities(plain, (claim,)))
