"""Value types of the field, frozen: what flows between the rooms of the house.

Offsets are character offsets (Python string indices) into `Document.text`, start included, end
excluded, so that `document.text[start:end]` is the text meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

DocumentKind = Literal["article", "source"]
ReviewStatus = Literal["submitted", "under_review", "approved"]
BlockKind = Literal["heading", "paragraph", "item", "table", "code"]
Scope = Literal["article", "cited", "library"]
Verdict = Literal["supported", "contradicted", "unsupported", "unverified"]
Role = Literal["user", "assistant"]
Audience = Literal["clinician", "trainee", "patient"]
Rating = Literal["up", "down"]

REVIEW_STEPS: tuple[ReviewStatus, ...] = ("submitted", "under_review", "approved")


@dataclass(frozen=True, slots=True)
class Marker:
    """A citation marker of an article: it stood at `offset`, and is no part of the text."""

    offset: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table or code block: `text[start:end]` of its document.

    `level` is the depth of a heading (1-6) or of a list item (1 = outermost); `number` is set for
    the items of a numbered list.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    number: int | None = None
    heading_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of an article's reference list; `source_id` is None where the library lacks it."""

    number: int
    source_id: str | None
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Bibliography:
    """What a source file says of its publication. None and () mean: not known."""

    authors: tuple[str, ...] = ()
    journal: str | None = None
    year: int | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None
    licence: str | None = None
    design: str | None = None
    population: str | None = None
    age_group: str | None = None
    disease: str | None = None
    sample_size: int | None = None
    content: str | None = None
    identity: str | None = None
    title_complete: bool = True
    retracted: bool = False
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleDetails:
    """What an article's front matter says of its review and its reference list."""

    status: ReviewStatus
    updated: str
    audience: str
    editorial_policy: str
    references: tuple[Reference, ...]
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """An article or a source as plain text with its structure kept beside it.

    `text` holds headings, paragraphs and list items, one block a line, without Markdown and
    without citation markers; `sha256` is the digest of the file's bytes.
    """

    id: str
    kind: DocumentKind
    title: str
    text: str
    blocks: tuple[Block, ...]
    sha256: str
    path: str = ""
    markers: tuple[Marker, ...] = ()
    article: ArticleDetails | None = None
    bibliography: Bibliography | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences under one heading: `text == document.text[start:end]`.

    `sentences` are (start, end) offsets into the document's text, `heading_path` the headings
    above from the outermost in, `markers` the article's markers that fall within.
    """

    id: str
    document_id: str
    kind: DocumentKind
    title: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    sentences: tuple[tuple[int, int], ...]
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as retrieved: `rank` from 1, `score` higher is better, `scope` where it lies."""

    chunk: Chunk
    score: float
    rank: int
    scope: Scope
    row: int = -1


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation as the chain sees it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """A follow-up made to stand alone.

    `text` is what a reader is shown as "understood as"; `queries` are the weighted queries whose
    rankings are fused; `carried` names what was taken over from earlier turns or the article.
    """

    text: str
    queries: tuple[tuple[str, float], ...]
    carried: tuple[str, ...] = ()
    method: str = "none"


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact passage a claim rests on: `quote == document.text[start:end]`.

    `marker` is the number of the source in the article's own reference list, "A" for the article
    itself, "L1", "L2", ... for sources of the library that the article does not cite.
    `key` tells two passages of one source apart.
    """

    key: str
    marker: str
    kind: DocumentKind
    document_id: str
    title: str
    section: str
    quote: str
    start: int
    end: int
    url: str | None = None
    doi: str | None = None
    pmid: str | None = None
    population: str | None = None
    design: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a cited source holds for a statement of an article.

    `spans` are the passages that best carry it, offsets into the source's text; none where nothing
    there comes near. `lacking` are the statement's figures that do not stand in them, `others` the
    numbers that the article cites with this one. The verdict is "supported" only where the
    statement stands there word for word; `note` says how far an unverified one was checked. Where
    only a `part` of the statement was found there, it is that part which was judged.
    """

    statement: str
    number: int
    others: tuple[int, ...]
    source_id: str
    spans: tuple[tuple[int, int], ...]
    verdict: Verdict
    score: float
    lacking: tuple[str, ...] = ()
    note: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Population:
    """Whom a text speaks of, each in words: "adults", "relapsed or refractory", "ALL".

    Empty where neither the sentence nor its document says it.
    """

    people: str = ""
    line: str = ""
    disease: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """What one document says: `text` word for word, and the `key` of its citation."""

    text: str
    marker: str
    key: str
    population: Population


@dataclass(frozen=True, slots=True)
class Contrast:
    """An article's statement and the cited source's own sentence, where the two differ.

    `kind` is number, negation, direction, arms or drug; `detail` says what differs.
    """

    kind: str
    detail: str
    article: Side
    source: Side


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, with the markers and keys of its citations and its verdict.

    `score` is the probability that the cited passage supports the claim. `role` is the claim's
    place in the answer; a `note` tells the reader what to know about it ("source missing", ...).
    `plain` says the same in plain words, for readers who are no specialists: its figures, drugs and
    negations are those of `text`, its wording is not verified. A `contrast` shows what the cited
    source says where that differs from the article.
    """

    text: str
    citations: tuple[str, ...]
    verdict: Verdict
    score: float
    evidence: tuple[str, ...] = ()
    role: str = "detail"
    note: str = ""
    plain: str = ""
    contrast: Contrast | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What `ragbot ask` gives: claims and citations, or an abstention with its reason.

    `notes` are sentences about the answer that its reader must see (they also end `text`), such as
    that it fell back to the extractive answerer. `incomplete` says that more was to come. `gaps`
    are the parts of the question that have no answer, in its own words; `choices` are what an
    unclear question may mean, where the answer asks which.
    """

    question: str
    standalone_question: str
    article: str
    conversation_id: str
    abstained: bool
    reason: str
    text: str
    disclaimer: str
    model: str
    settings_digest: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    carried: tuple[str, ...] = ()
    verifier: str = "none"
    searched: tuple[str, ...] = ()
    incomplete: bool = False
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The text without the notes on how the answer came about."""
        return self.text.removesuffix("\n".join(self.notes)).rstrip("\n")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form, in the order of the fields."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stated:
    """One claim of an answer that is being streamed, checked, with the citations it carries."""

    claim: Claim
    citations: tuple[Citation, ...]


Event = StandaloneQuestion | Stated | Answer
"""What a streamed answer gives: the question as understood, each claim, and the whole answer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One kept question with its answer; `asked` is ISO 8601, UTC."""

    id: int
    asked: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said of a kept answer: a thumb, the codes of reasons, and a comment.

    `given` is ISO 8601, UTC; `case` names what has become of it, "" while it waits for QA.
    """

    id: int
    turn: Turn
    rating: Rating
    reasons: tuple[str, ...]
    comment: str
    given: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation on one article; `created` and `updated` are ISO 8601, UTC."""

    id: str
    article: str
    name: str
    created: str
    updated: str
    turns: int
