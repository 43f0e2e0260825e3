"""What QA looks at, as HTML: runs with their metrics, failed turns, feedback that waits."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.conversations.feedback import REASONS
from ragbot.evaluation.history import RunSummary
from ragbot.evaluation.runs import TurnResult
from ragbot.types import Feedback
from ragbot.ui.markup import element, scrolled, text
from ragbot.ui.place import Place

PASSES = {True: "✓ passes", False: "✕ does not pass", None: "– no baseline"}


def runs_html(runs: Sequence[RunSummary]) -> str:
    """The runs, newest first, one a row."""
    head = _row("th", ("Finished (UTC)", "Gate", "Mode", "Turns", "Model", "Revision", "Fell"))
    rows = [
        _row(
            "td",
            (
                run.finished[:16].replace("T", " "),
                PASSES[run.passes],
                run.mode,
                str(run.turns),
                run.model,
                run.revision[:12],
                ", ".join(run.fallen) or "–",
            ),
        )
        for run in sorted(runs, key=lambda run: run.finished, reverse=True)
    ]
    return _table(head, rows, "Evaluation runs")


def metrics_html(run: RunSummary) -> str:
    """The metrics of one run with their intervals."""
    head = _row("th", ("Metric", "Value", "95% interval", "Turns", "Unscored"))
    rows = [
        _row(
            "td",
            (
                name,
                f"{m.value:.3f}" if m.n else "–",
                f"{m.low:.3f} to {m.high:.3f}" if m.n else "–",
                str(m.n),
                str(m.unscored),
            ),
        )
        for name, m in run.metrics.items()
    ]
    return _table(head, rows, "Metrics of the last run")


def _table(head: str, rows: Sequence[str], name: str) -> str:
    return scrolled(element("table", head + "".join(rows), aria_label=name), name)


def _row(tag: str, cells: Sequence[str]) -> str:
    scope = "col" if tag == "th" else None
    return element("tr", "".join(text(tag, cell, scope=scope) for cell in cells))


def missed_by(turn: TurnResult) -> str:
    """The scores that are not full, in one line."""
    scores = turn.scores.items()
    return ", ".join(
        f"{name} {value:.2f}" for name, value in scores if value is not None and value < 1
    )


def failed_html(turn: TurnResult) -> str:
    """A failed turn: what was asked and answered on one side, what it was made of on the other."""
    answer = [text("h3", "Answer"), _named("Asked", turn.question)]
    if turn.standalone_question not in ("", turn.question):
        answer.append(_named("Understood as", turn.standalone_question))
    answer.append(_named("Missed", missed_by(turn)))
    if turn.note:
        answer.append(_named("The suite says", turn.note))
    claims = [
        text("li", f"{claim.text} [{'] ['.join(claim.citations)}] – {claim.verdict}")
        for claim in turn.claims
    ]
    said = element("ul", "".join(claims)) if claims else text("p", turn.text)
    answer.append(said)
    passages = [text("h3", f"Passages found ({len(turn.passages)})")]
    passages += [_passage(passage, turn.citations) for passage in turn.passages]
    sides = [
        element("div", "".join(side), class_="rb-side", tabindex="0", role="group", aria_label=name)
        for name, side in (("Answer", answer), ("Passages", passages))
    ]
    return element("div", "".join(sides), class_="rb-failed")


def _named(name: str, said: str) -> str:
    return element("p", text("span", f"{name}: ", class_="rb-muted") + text("span", said))


def _passage(passage: str, cited: Sequence[str]) -> str:
    document, _, words = passage.partition(": ")
    is_cited = any(one in words for one in (_quoted(c) for c in cited) if one)
    name = text("span", document + (" – cited" if is_cited else ""), class_="rb-muted")
    return element("p", name + "<br>" + text("span", words))


def _quoted(citation: str) -> str:
    return citation.partition(": ")[2]


def feedback_html(entry: Feedback) -> str:
    """What a reader said of an answer, with the question and a way to it."""
    answer = entry.turn.answer
    href = "/" + Place(article=answer.article, conversation=answer.conversation_id).href()
    reasons = [REASONS[entry.rating].get(code, code) for code in entry.reasons]
    thumb = {"up": "＋ Helpful", "down": "− Not right"}[entry.rating]
    said = text("p", f"{thumb}: {', '.join(reasons) or 'no reason given'}", class_="rb-role")
    asked = element("h3", text("a", answer.question, href=href, data_rb="go"))
    comment = element("p", text("q", entry.comment)) if entry.comment else ""
    state = "no answer" if answer.abstained else f"{len(answer.claims)} statements"
    when = text("p", f"{answer.article} · {state} · {entry.given[:16].replace('T', ' ')} UTC",
                class_="rb-muted")  # fmt: skip
    return said + asked + comment + when
