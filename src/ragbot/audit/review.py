"""The review of an article: submitted, under review, approved, each step with a name and a log.

The log is a file beside the corpus, one JSON line a step, only ever appended to. Each line holds
the digest of the line before, so that a line that was changed or taken out later shows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from filelock import FileLock, Timeout

from ragbot.audit.report import AuditReport
from ragbot.errors import CheckFailedError, StorageError, UsageError
from ragbot.library.editing import read_text, rewrite, with_value
from ragbot.library.reader import read_document
from ragbot.types import REVIEW_STEPS, ReviewStatus

LOG = "reviews.jsonl"
LOCK_WAIT_SECONDS = 5
START = "0" * 64
_NAME = re.compile(r"(?=.*[^\W\d_]{2})[^\n\r\t]{2,100}")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a review. `figures` are the audit's counts; digests are those of the file."""

    article: str
    before: ReviewStatus
    after: ReviewStatus
    name: str
    when: str
    figures: dict[str, int]
    sha256_before: str
    sha256_after: str
    note: str = ""
    accepted: str = ""
    previous: str = START


@dataclass(frozen=True, slots=True)
class Wish:
    """A step that is asked for: where to, by whom, with a remark, and what is accepted and why."""

    to: str
    name: str
    note: str = ""
    accept: str = ""


def move(corpus: Path, report: AuditReport, wish: Wish) -> Step:
    """Move an article one step on, or back to submitted; gives the step as it was logged.

    It is approved only if its audit has nothing contradicted, unsupported or missing and no faulty
    reference, or `wish.accept` says why that is accepted. Raises UsageError, CheckFailedError for
    what may not be approved, StorageError.
    """
    wanted, person = _status(wish.to), _person(wish.name)
    path = corpus / "articles" / f"{report.slug}.md"
    with _locked(corpus):
        held = read_document(path, "article")
        if held.article is None or held.sha256 != report.sha256:
            raise UsageError(
                f"The file {path} is not the one that was audited.", remedy="Run `ragbot index`."
            )
        _check_order(held.article.status, wanted, wish.note)
        if wanted == "approved":
            _check_audit(report, wish.accept)
        text = with_value(read_text(path), "status", wanted)
        step = Step(
            article=report.slug,
            before=held.article.status,
            after=wanted,
            name=person,
            when=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            figures=report.counts,
            sha256_before=held.sha256,
            sha256_after=hashlib.sha256(text.encode()).hexdigest(),
            note=_line(wish.note),
            accepted=_line(wish.accept),
            previous=_last_digest(corpus / LOG),
        )
        _append(corpus / LOG, step)  # first: a step that is not logged must not be taken
        rewrite(path, text, "article")
    return step


def steps(corpus: Path, slug: str | None = None) -> list[Step]:
    """The logged steps, oldest first, of one article or of all.

    Raises StorageError where the log does not read back, or a line was changed or taken out.
    """
    found: list[Step] = []
    previous = START
    for number, line in enumerate(_lines(corpus / LOG), 1):
        try:
            step = Step(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise _damaged(corpus / LOG, number) from error
        if step.previous != previous:
            raise _damaged(corpus / LOG, number)
        previous = hashlib.sha256(line).hexdigest()
        found.append(step)
    return [step for step in found if slug in (None, step.article)]


def to_dict(step: Step) -> dict[str, Any]:
    """Plain JSON-ready form."""
    return asdict(step)


def _status(to: str) -> ReviewStatus:
    known: tuple[ReviewStatus, ...] = get_args(ReviewStatus)
    for status in known:
        if status == to:
            return status
    raise UsageError(f"There is no step {to!r}.", remedy=f"Use one of {', '.join(known)}.")


def _person(name: str) -> str:
    plain = " ".join(name.split())
    if not _NAME.fullmatch(plain):
        raise UsageError(
            f"{name!r} is no name.", remedy="Give the name of who takes the step (--by NAME)."
        )
    return plain


def _line(text: str) -> str:
    return " ".join(text.split())[:2000]


def _check_order(before: ReviewStatus, after: ReviewStatus, note: str) -> None:
    at = REVIEW_STEPS.index(before)
    onward = REVIEW_STEPS[at + 1 : at + 2]
    if after in onward:
        return
    if after == "submitted" and at > 0:
        if note.strip():
            return
        raise UsageError(
            "It goes back to submitted only with a reason.", remedy="Give a remark (--note)."
        )
    allowed = [*onward, *(["submitted"] if at else [])]
    raise UsageError(
        f"It is {before} and cannot become {after}.", remedy=f"Next can be: {', '.join(allowed)}."
    )


def _check_audit(report: AuditReport, accept: str) -> None:
    against = [
        f"{report.counts[verdict]} {verdict}"
        for verdict in ("contradicted", "unsupported", "missing")
        if report.counts[verdict]
    ]
    if not report.passes(0.0):
        against.append("faulty references")
    if against and not accept.strip():
        raise CheckFailedError(
            f"{report.slug} cannot be approved: its audit has {', '.join(against)}.",
            remedy="Mend the article, or say why that is accepted (--accept).",
        )


@contextlib.contextmanager
def _locked(corpus: Path) -> Iterator[None]:
    lock = FileLock(corpus / ".reviews.lock", timeout=LOCK_WAIT_SECONDS)
    try:
        lock.acquire()
    except (Timeout, OSError) as error:
        raise StorageError(
            f"The log {corpus / LOG} cannot be locked ({error}).",
            remedy="Another review may be under way: try again.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(
            f"The log {path} cannot be read ({error.strerror}).", remedy="Check its permissions."
        ) from error


def _last_digest(path: Path) -> str:
    lines = _lines(path)
    return hashlib.sha256(lines[-1]).hexdigest() if lines else START


def _append(path: Path, step: Step) -> None:
    line = json.dumps(asdict(step), ensure_ascii=False).encode() + b"\n"
    try:
        with path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(
            f"The log {path} cannot be written ({error.strerror}).", remedy="Make it writable."
        ) from error


def _damaged(path: Path, number: int) -> StorageError:
    return StorageError(
        f"Line {number} of the log {path} is not as it was written.",
        remedy="Take the log from a backup or the version history.",
    )
