"""Edits of a sentence whose effect on its truth is known: the raw material of training pairs.

Each edit takes a sentence and a random source and returns the edited sentence, or None where it
does not apply. `MEANING` maps the name of an edit that breaks a claim to what it becomes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

Edit = Callable[[str, random.Random], str | None]

OPPOSITES: tuple[tuple[str, str], ...] = (
    ("increase", "decrease"), ("increases", "decreases"), ("increased", "decreased"),
    ("increasing", "decreasing"), ("higher", "lower"), ("high", "low"), ("highest", "lowest"),
    ("more", "less"), ("greater", "smaller"), ("improve", "worsen"), ("improves", "worsens"),
    ("improved", "worsened"), ("promote", "inhibit"), ("promotes", "inhibits"),
    ("promoted", "inhibited"), ("activate", "suppress"), ("activates", "suppresses"),
    ("activated", "suppressed"), ("activation", "suppression"), ("enhance", "impair"),
    ("enhances", "impairs"), ("enhanced", "impaired"), ("positive", "negative"),
    ("positively", "negatively"), ("upregulated", "downregulated"),
    ("upregulation", "downregulation"), ("before", "after"), ("gain", "loss"),
    ("effective", "ineffective"), ("common", "rare"), ("safe", "unsafe"), ("mild", "severe"),
    ("adults", "children"), ("women", "men"), ("female", "male"), ("early", "late"),
    ("acute", "chronic"), ("longer", "shorter"), ("long", "short"), ("better", "worse"),
    ("benefit", "harm"), ("beneficial", "harmful"), ("dominant", "recessive"),
    ("sensitive", "resistant"), ("sensitivity", "resistance"), ("present", "absent"),
    ("presence", "absence"), ("slow", "fast"), ("slower", "faster"), ("young", "old"),
    ("younger", "older"), ("first", "second"), ("major", "minor"), ("strong", "weak"),
    ("stronger", "weaker"), ("necessary", "unnecessary"), ("likely", "unlikely"),
    ("superior", "inferior"), ("risk", "protection"), ("reduce", "raise"), ("reduces", "raises"),
    ("reduced", "raised"), ("reduction", "rise"), ("same", "different"), ("similar", "different"),
    ("independent", "dependent"), ("allows", "prevents"), ("allow", "prevent"),
    ("causes", "prevents"), ("cause", "prevent"), ("survival", "death"), ("normal", "abnormal"),
    ("usually", "rarely"), ("often", "rarely"), ("always", "never"), ("most", "few"),
    ("many", "few"), ("gains", "losses"), ("benign", "malignant"), ("inside", "outside"),
    ("with", "without"), ("induce", "block"), ("induces", "blocks"), ("induced", "blocked"),
    ("elevated", "reduced"), ("significant", "insignificant"), ("hypertension", "hypotension"),
    ("well", "poorly"), ("larger", "smaller"), ("large", "small"), ("up", "down"),
    ("minimum", "maximum"), ("left", "right"), ("upper", "lower"), ("intravenous", "oral"),
)  # fmt: skip
SYNONYMS: tuple[tuple[str, str], ...] = (
    ("associated with", "linked to"), ("patients", "people"), ("individuals", "people"),
    ("increased risk", "higher risk"), ("myocardial infarction", "heart attack"),
    ("cancer", "malignancy"), ("demonstrated", "showed"), ("reveal", "show"),
    ("leads to", "results in"), ("lead to", "result in"), ("may", "might"),
    ("approximately", "about"), ("however, ", ""), ("because of", "due to"),
    ("essential for", "required for"), ("plays a role in", "is involved in"),
    ("during pregnancy", "in pregnant women"), ("children", "kids"), ("therapy", "treatment"),
    ("promotes", "drives"), ("inhibits", "blocks"), ("inhibit", "block"), ("reduces", "lowers"),
    ("reduced", "lowered"), ("reduce", "lower"), ("elevated", "raised"), ("caused by", "due to"),
    ("affects", "has an effect on"), ("mortality", "death"), ("women", "females"),
    ("men", "males"), ("improved", "bettered"), ("symptoms", "signs"), ("regulates", "controls"),
    ("regulate", "control"), ("such as", "like"), ("usually", "generally"), ("often", "commonly"),
    ("major", "main"), ("important", "key"), ("hypertension", "high blood pressure"),
    ("renal", "kidney"), ("hepatic", "liver"), ("cardiac", "heart"), ("pulmonary", "lung"),
    ("neoplasm", "tumor"), ("physician", "doctor"), ("compared with", "relative to"),
    ("compared to", "relative to"), ("significantly ", ""), ("also ", ""), ("very ", ""),
    ("mutations in", "changes in"), ("occurs", "happens"), ("begin", "start"), ("begins", "starts"),
    ("requires", "needs"), ("required", "needed"), ("prior to", "before"), ("whereas", "while"),
    ("additional", "further"), ("numerous", "many"), ("assess", "evaluate"), ("onset", "start"),
)  # fmt: skip
CAUSAL: tuple[tuple[str, str], ...] = (
    ("is associated with", "causes"), ("are associated with", "cause"),
    ("was associated with", "caused"), ("were associated with", "caused"),
    ("is linked to", "causes"), ("correlates with", "causes"), ("may ", "always "),
    ("can ", "always "), ("might ", "does "), ("suggest", "prove"), ("some ", "all "),
    ("in mice", "in patients"), ("in rats", "in humans"), ("in vitro", "in patients"),
    ("many ", "all "), ("most ", "all "), ("often ", "always "), ("usually ", "always "),
    ("sometimes ", "always "), ("about half", "nearly all"), ("in children", "at any age"),
    ("could ", "will "), ("potential ", "proven "), ("sometimes", "always"),
)  # fmt: skip
UNITS = ("mg", "g", "kg", "µg", "mcg", "ml", "mL", "l", "L", "mmHg", "mmol/l", "mg/dl", "cm", "mm")
TIMES = ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
WORD_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)")
_VERBS = "is|are|was|were|can|could|may|might|will|would|should|has|have|had|does|do|did"
_AUXILIARY = re.compile(rf"\b({_VERBS})\b(?! not\b)")
_NEGATED = re.compile(rf"\b({_VERBS}) not\b")
_LEAD = re.compile(
    r"^(?:(?:in conclusion|conclusions?|results?|findings|interpretation|background|objectives?|"
    r"significance|in summary|together|taken together|thus|therefore|moreover|furthermore|"
    r"in addition|additionally|finally|here|however|overall|collectively|also|hence)[,:]?\s+)+|"
    r"^(?:(?:these|our|the|this|its) (?:\w+ )?(?:results?|data|findings?|study|studies|"
    r"observations?|work|analysis|experiments?)|we)(?: also| here| thus| therefore| further)? "
    r"(?:show|shows|showed|suggests?|suggested|demonstrates?|demonstrated|indicates?|indicated|"
    r"reveals?|revealed|found|find|conclude|concluded|propose|report|provide evidence|confirm|"
    r"support the (?:hypothesis|idea|notion)|establish|identify|imply)"
    r"(?:,? (?:for the first time )?that) ",
    re.IGNORECASE,
)


def replace_word(text: str, old: str, new: str) -> str | None:
    """`text` with the first whole word `old` replaced, its capital kept; None if not there."""
    found = re.search(rf"(?<![\w-]){re.escape(old)}(?![\w-])", text, re.IGNORECASE)
    if found is None:
        return None
    if found.group()[:1].isupper() and new:
        new = new[0].upper() + new[1:]
    return text[: found.start()] + new + text[found.end() :]


def _one_of(pairs: tuple[tuple[str, str], ...], both_ways: bool) -> Edit:
    def edit(text: str, rng: random.Random) -> str | None:
        choices = list(pairs) + ([(b, a) for a, b in pairs] if both_ways else [])
        words = text.lower()
        fitting = [pair for pair in choices if pair[0].strip() in words]
        rng.shuffle(fitting)
        for old, new in fitting:
            if old.endswith(" "):
                done = replace_word(text, old.strip() + " ", new) if old in words else None
                done = done or (replace_word(text, old.strip(), new.strip()) if new else None)
            else:
                done = replace_word(text, old, new)
            if done is not None and done != text:
                return done
        return None

    return edit


opposite = _one_of(OPPOSITES, both_ways=True)
overstate = _one_of(CAUSAL, both_ways=False)


def synonyms(text: str, rng: random.Random) -> str | None:
    """Up to three synonyms put in."""
    edit = _one_of(SYNONYMS, both_ways=False)
    done = text
    for _ in range(rng.randint(1, 3)):
        done = edit(done, rng) or done
    return capitalise(done) if done != text else None


def change_number(text: str, rng: random.Random) -> str | None:
    """One figure changed: ten times, a tenth, or another near or far."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return _change_word_number(text, rng)
    pick = rng.choice(found)
    value = float(pick.group().replace(",", ""))
    factor = rng.choice((10, 0.1, 2, 0.5, 1.3, 0.7, 3))
    changed = value * factor if value else 5.0
    shown = f"{changed:.{len(pick.group().rsplit('.', 1)[1])}f}" if "." in pick.group() else ""
    shown = shown or f"{max(1, round(changed))}"
    if shown == pick.group():
        shown = f"{round(value) + rng.choice((1, 2, 5, 10))}"
    return text[: pick.start()] + shown + text[pick.end() :]


def _change_word_number(text: str, rng: random.Random) -> str | None:
    present = [word for word in WORD_NUMBERS if re.search(rf"\b{word}\b", text)]
    if not present:
        return None
    old = rng.choice(present)
    return replace_word(text, old, rng.choice([word for word in WORD_NUMBERS if word != old]))


def change_unit(text: str, rng: random.Random) -> str | None:
    """A unit or a unit of time behind a figure replaced by another of its kind."""
    for family in rng.sample((UNITS, TIMES), 2):
        options = "|".join(map(re.escape, family))
        found = re.search(rf"(?<=\d)( ?)({options})(?![\w/])", text)
        if found:
            other = rng.choice([unit for unit in family if unit.lower() != found.group(2).lower()])
            return text[: found.start(2)] + other + text[found.end(2) :]
    return None


def negate(text: str, rng: random.Random) -> str | None:
    """A negation taken out where there is one, put in where there is none."""
    negated = _NEGATED.search(text)
    if negated:
        return text[: negated.end(1)] + text[negated.end() :]
    for old, new in (("no significant", "a significant"), ("No ", "A "), ("without", "with")):
        if old in text and rng.random() < 0.7:
            return text.replace(old, new, 1)
    found = _AUXILIARY.search(text)
    if found:
        return text[: found.end()] + " not" + text[found.end() :]
    return None


def swap_sides(text: str, _rng: random.Random) -> str | None:
    """The two sides of a comparison or of an effect exchanged."""
    found = re.search(
        r"\b([\w-]+(?: [\w-]+)?) (than|compared with|compared to|versus|vs\.?|rather than|inhibits|"
        r"promotes|activates|regulates|induces|causes|precedes) ((?:the |a )?[\w-]+(?: [\w-]+)?)",
        text,
    )
    if found is None or found.group(1).lower() == found.group(3).lower():
        return None
    swapped = f"{found.group(3)} {found.group(2)} {found.group(1)}"
    return capitalise(text[: found.start()] + swapped + text[found.end() :])


def strip_lead(text: str) -> str:
    """The statement without "These results show that" and the like before it."""
    done = text
    for _ in range(3):
        shorter = _LEAD.sub("", done.strip("[] "), count=1)
        if shorter == done:
            break
        done = shorter
    done = re.sub(r"^[A-Z]{4,}(?:[ /]+(?:AND )?[A-Z]{4,})*:? (?=[A-Z])", "", done)
    return capitalise(done)


def shorten(text: str, rng: random.Random) -> str | None:
    """Asides dropped: brackets, adverbs, a trailing clause; what is left still holds."""
    done = re.sub(r" ?[(\[][^()\[\]]*[)\]]", "", strip_lead(text))
    if rng.random() < 0.5:
        done = re.sub(
            r"\b(?:particularly|significantly|markedly|strongly|also|further|likely) ", "", done
        )
    if rng.random() < 0.5:
        cut = re.match(
            r"^(.{40,}?)(?:, which|, including|, such as|; |, where|, while|, whereas)", done
        )
        done = cut.group(1) + "." if cut else done
    if rng.random() < 0.3:
        front = re.match(r"^(?:In|During|After|Among|For|By|Using|At) [^,]{3,60}, (.{30,})$", done)
        done = capitalise(front.group(1)) if front else done
    return done if done != text and len(done.split()) >= 5 else None


def move_front(text: str, rng: random.Random) -> str | None:
    """An opening phrase ("In mice, ...") moved to the end."""
    found = re.match(
        r"^((?:In|During|After|Among|For|By|At|When|If) [^,]{3,60}), (.{30,}?)\.?$", text
    )
    if found is None or rng.random() < 0.1:  # now and then left as it is
        return None
    front = found.group(1)
    return capitalise(found.group(2)) + " " + front[0].lower() + front[1:] + "."


def capitalise(text: str) -> str:
    """`text` with a capital first letter."""
    return text[:1].upper() + text[1:]


MEANING: Mapping[str, str] = {
    "number": "contradicted", "unit": "contradicted", "negation": "contradicted",
    "opposite": "contradicted", "sides": "contradicted", "overstated": "unsupported",
    "entity": "unsupported", "addition": "unsupported",
}  # fmt: skip
BREAKING: tuple[tuple[str, Edit, float], ...] = (
    ("number", change_number, 2.0), ("unit", change_unit, 2.0), ("negation", negate, 1.2),
    ("opposite", opposite, 2.0), ("sides", swap_sides, 1.5), ("overstated", overstate, 0.8),
)  # fmt: skip
KEEPING: tuple[Edit, ...] = (synonyms, shorten, move_front)
