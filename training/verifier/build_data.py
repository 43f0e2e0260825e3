"""Builds the training and development pairs of the verifier.

`python training/verifier/build_data.py --data DIR --snli FILE --out DIR` reads the labelled sets
(`grounding/*.jsonl`), abstracts (`retrieval/scifact-dev/corpus.jsonl`), answered questions
(`library/medquad.jsonl`) and pairs of SNLI, and writes `train.jsonl` and `more.jsonl` for training,
`dev.jsonl` and a file for each set in `dev/`, with the fields `id, set, kind, claim, evidence,
label`. No evidence text and no claim occurs in both parts; synthetic pairs and captions are for
training only. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import bm25s
from edits import BREAKING, KEEPING, MEANING, capitalise, strip_lead
from mirrors import mirror
from words import Neighbours

from ragbot.answering.grounding.sentences import overlaps, split_sentences

SETS = {
    "scifact-train": "scifact",
    "check-covid-train": "check-covid",
    "check-covid-dev": "check-covid",
    "wice-dev": "wice",
    "expertqa-other": "expertqa",
}
CAPTION_LABELS = {
    "entailment": "supported",
    "contradiction": "contradicted",
    "neutral": "unsupported",
}
DEV_SHARE = 0.2
MORE_ROUNDS = 2
ANSWERS = 4500
_DECLARATIVE = re.compile(
    r"\b(?:is|are|was|were|can|does|do|has|have|promotes?|inhibits?|reduces?|increases?|regulates?|"
    r"controls?|mediates?|induces?|causes?|leads?|reveals?|improves?|prevents?|requires?|drives?|"
    r"activates?|suppresses?|protects?|contributes?|modulates?|enhances?|predicts?|limits?|impairs?|"
    r"interacts?|binds?|links?|determines?|affects?|triggers?|restricts?|maintains?|facilitates?|"
    r"plays?|acts?|confers?|associates?|encodes?|forms?|blocks?|delays?|stimulates?|attenuates?)\b"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim beside a passage, and whether the passage supports it."""

    id: str
    set: str
    kind: str
    claim: str
    evidence: str
    label: str


def read_jsonl(path: Path) -> list[dict[str, str]]:
    """The lines of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def labelled(folder: Path) -> list[Pair]:
    """All pairs that people labelled."""
    return [
        Pair(row["id"], name, "human", row["claim"].strip(), row["evidence"], row["label"])
        for file, name in SETS.items()
        for row in read_jsonl(folder / f"{file}.jsonl")
    ]


def captions(path: Path) -> Iterator[Pair]:
    """The pairs of SNLI's own JSONL form on whose label the annotators agreed."""
    for row in read_jsonl(path):
        label = CAPTION_LABELS.get(row["gold_label"])
        if label:
            claim, evidence = row["sentence2"].strip(), row["sentence1"].strip()
            yield Pair(f"snli-{row['pairID']}", "snli", "caption", claim, evidence, label)


def split(pairs: list[Pair], rng: random.Random) -> tuple[list[Pair], list[Pair]]:
    """Training and development parts: pairs that share a claim or an evidence stay together."""
    parent = list(range(len(pairs)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    seen: dict[str, int] = {}
    for at, pair in enumerate(pairs):
        for key in (f"c:{pair.claim.lower()}", f"e:{evidence_key(pair.evidence)}"):
            parent[root(at)] = root(seen.setdefault(key, at))
    groups: dict[str, dict[int, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for at, pair in enumerate(pairs):
        groups[pair.set][root(at)].append(pair)
    train: list[Pair] = []
    dev: list[Pair] = []
    for name in sorted(groups):
        members = [groups[name][key] for key in sorted(groups[name])]
        rng.shuffle(members)
        wanted = DEV_SHARE * sum(map(len, members))
        taken = 0
        for group in members:
            (dev if taken < wanted else train).extend(group)
            taken += len(group) if taken < wanted else 0
    return train, dev


def evidence_key(text: str) -> str:
    """What makes two evidence texts the same: their first letters, without case or marks."""
    return re.sub(r"\W+", "", text.lower())[-160:]


def break_claim(
    claim: str, evidence: str, words: Neighbours, rng: random.Random
) -> tuple[str, str] | None:
    """A claim made false, and the name of the edit that did it."""
    options = [*BREAKING, ("entity", lambda text, r: words.swap(text, r, evidence), 2.5)]
    order = sorted(options, key=lambda option: rng.random() ** (1 / option[2]), reverse=True)
    for name, edit, _ in order:
        done = edit(claim, rng)
        if done is not None and done.lower() != claim.lower() and done not in evidence:
            return done, name
    return None


def keep_claim(claim: str, rng: random.Random) -> str:
    """A light paraphrase: one or two edits that keep the meaning."""
    done = strip_lead(claim) if rng.random() < 0.8 else claim
    for edit in rng.sample(KEEPING, rng.randint(0, len(KEEPING))):
        done = edit(done, rng) or done
    return done


class Maker:
    """Makes synthetic pairs and numbers them."""

    def __init__(self, words: Neighbours, rng: random.Random, mirrors: bool) -> None:
        self.words = words
        self.rng = rng
        self.mirrors = mirrors
        self.pairs: list[Pair] = []

    def add(self, name: str, kind: str, claim: str, evidence: str, label: str) -> None:
        """Keep one pair, if it reads as a claim."""
        if 4 <= len(claim.split()) <= 70 and evidence.strip():
            number = f"{name}-{kind}-{len(self.pairs)}"
            self.pairs.append(Pair(number, name, kind, claim, evidence, label))

    def broken(self, name: str, claim: str, evidence: str) -> None:
        """Add the claim broken by one edit."""
        done = break_claim(claim, evidence, self.words, self.rng)
        if done is not None:
            self.add(name, done[1], done[0], evidence, MEANING[done[1]])

    def square(self, name: str, sentences: list[str], at: int) -> None:
        """The four of one edit: claim and evidence each as it was or edited.

        The edit's words alone tell nothing then: only both texts together do.
        """
        original, sentence = strip_lead(sentences[at]), sentences[at]
        done = break_claim(original, "", self.words, self.rng)
        if done is None or original.lower() not in sentence.lower():
            return
        edited, kind = done
        start = sentence.lower().index(original.lower())
        changed = sentence[:start] + edited + sentence[start + len(original) :]
        passage = " ".join(sentences)
        other = " ".join([*sentences[:at], changed, *sentences[at + 1 :]])
        self.add(name, "square", keep_claim(original, self.rng), passage, "supported")
        self.add(name, "square", edited, other, "supported")
        self.add(name, kind, edited, passage, MEANING[kind])
        self.add(name, kind, original, other, MEANING[kind])

    def mirrored(self, name: str, claim: str, sentences: list[str]) -> None:
        """Add the pairs of one edit made in the claim and in the evidence alike."""
        scores = overlaps(claim, split_sentences("\n".join(sentences)))
        if len(scores) != len(sentences):
            return
        best = max(range(len(scores)), key=lambda i: scores[i])
        done = mirror(claim, sentences, best, self.words, self.rng)
        if done is None:
            return
        passage = " ".join(sentences)
        self.add(name, "mirror", done.claim, done.evidence, "supported")
        self.add(name, done.kind, done.claim, passage, MEANING[done.kind])
        self.add(name, done.kind, claim, done.evidence, MEANING[done.kind])

    def from_sentences(self, name: str, sentences: list[str], strangers: list[str]) -> None:
        """Pairs of one passage: kept, broken, removed and added to."""
        rng = self.rng
        fit = [i for i, text in enumerate(sentences) if 7 <= len(text.split()) <= 45]
        if not fit:
            return
        if len(sentences) == 1:
            self.square(name, sentences, 0)
            return
        at = rng.choice(fit)
        claim, passage = keep_claim(sentences[at], rng), " ".join(sentences)
        draw = rng.random()
        if draw < 0.4:
            self.square(name, sentences, at)
        elif draw < 0.7:
            self.add(name, "kept", claim, passage, "supported")
            self.broken(name, claim, passage)
        elif draw < 0.85:
            self.add(name, "kept", claim, passage, "supported")
            rest = " ".join([*sentences[:at], *sentences[at + 1 :]])
            self.add(name, "removed", claim, rest, "unsupported")
        else:
            self._joined(name, claim, sentences, strangers)

    def _joined(self, name: str, claim: str, sentences: list[str], strangers: list[str]) -> None:
        rng, passage = self.rng, " ".join(sentences)
        stranger = strip_lead(rng.choice(strangers)) if strangers else ""
        other = strip_lead(rng.choice(sentences))
        self.add(name, "joined", join(claim, other), passage, "supported")
        if stranger and stranger not in passage:
            parts = (claim, stranger) if rng.random() < 0.6 else (stranger, claim)
            self.add(name, "addition", join(*parts), passage, "unsupported")
            self.add(name, "stranger", stranger, passage, "unsupported")


def join(first: str, second: str) -> str:
    """Two statements as one sentence."""
    return f"{first.rstrip('. ')}, and {second[:1].lower()}{second[1:]}"


def span(sentences: list[str], rng: random.Random) -> list[str]:
    """A run of sentences, mostly short: what is compared is learned from short passages first."""
    size = rng.choice((1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8))
    size = min(len(sentences), size)
    start = rng.randint(0, len(sentences) - size)
    return sentences[start : start + size]


def abstract_pairs(maker: Maker, documents: list[dict[str, str]]) -> None:
    """Pairs of abstracts: titles and conclusions against the body, sentences against a part."""
    texts = [f"{row['title']} {row['text']}" for row in documents]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
    asked = bm25s.tokenize([row["title"] for row in documents], show_progress=False)
    near, _ = index.retrieve(asked, k=6, show_progress=False)
    bodies = [[s.text for s in split_sentences(row["text"])] for row in documents]
    for at, row in enumerate(documents):
        others = [int(i) for i in near[at] if int(i) != at]
        if len(bodies[at]) < 3 or not others:
            continue
        neighbour = maker.rng.choice(others)
        title, body = row["title"].strip("[] ").rstrip(".") + ".", bodies[at]
        if _DECLARATIVE.search(title) and "?" not in title and len(title.split()) > 6:
            gist(maker, "title", capitalise(title), body, bodies[neighbour])
        conclusion = strip_lead(body[-1])
        if 8 <= len(conclusion.split()) <= 40 and maker.rng.random() < 0.6:
            gist(maker, "conclusion", conclusion, [title, *body[:-1]], bodies[neighbour])
        maker.from_sentences("abstracts", span(body, maker.rng), bodies[neighbour])
        if maker.rng.random() < 0.5:
            maker.from_sentences("abstracts", span([title, *body], maker.rng), bodies[neighbour])


def gist(maker: Maker, kind: str, claim: str, body: list[str], neighbour: list[str]) -> None:
    """An abstractive claim: held by its own body, broken by an edit, not held by a neighbour's."""
    rng = maker.rng
    said = keep_claim(claim, rng)
    passage = " ".join(body)
    maker.add("abstracts", kind, said, passage, "supported")
    if maker.mirrors:
        maker.mirrored("abstracts", said, body)
    for _ in range(2 if kind == "title" else 1):
        maker.broken("abstracts", said if rng.random() < 0.5 else claim, passage)
    if neighbour and rng.random() < 0.7:
        maker.add("abstracts", f"{kind}-other", claim, " ".join(neighbour), "unsupported")


def answer_pairs(maker: Maker, rows: list[dict[str, str]]) -> None:
    """Pairs of consumer answers: sentences against a part, strangers from the same focus."""
    by_focus: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_focus[row["focus"]].append(row)
    usable = [row for row in rows if 25 < len(row["answer"].split()) < 1500]
    for row in maker.rng.sample(usable, min(ANSWERS, len(usable))):
        sentences = [s.text for s in split_sentences(row["answer"][:6000])]
        if len(sentences) < 2:
            continue
        siblings = [other for other in by_focus[row["focus"]] if other["answer"] != row["answer"]]
        stranger = maker.rng.choice(siblings or usable)
        strangers = [s.text for s in split_sentences(stranger["answer"][:3000])]
        maker.from_sentences("answers", span(sentences, maker.rng), strangers)


def relative_pairs(maker: Maker, pairs: list[Pair]) -> None:
    """More pairs from labelled ones: claims broken, evidence exchanged, deciding parts removed."""
    rng = maker.rng
    evidence = sorted({(pair.set, pair.evidence) for pair in pairs})
    index = bm25s.BM25()
    index.index(
        bm25s.tokenize([text for _, text in evidence], show_progress=False), show_progress=False
    )
    asked = bm25s.tokenize([pair.claim for pair in pairs], show_progress=False)
    near, _ = index.retrieve(asked, k=8, show_progress=False)
    said = defaultdict(set)
    for pair in pairs:
        said[pair.claim].add(pair.evidence)
    for pair, ranked in zip(pairs, near, strict=True):
        if pair.label != "supported":
            continue
        name = f"{pair.set}+"
        maker.broken(name, pair.claim, pair.evidence)
        if maker.mirrors:
            maker.mirrored(name, pair.claim, [s.text for s in split_sentences(pair.evidence)])
        others = [evidence[int(i)] for i in ranked if evidence[int(i)][1] not in said[pair.claim]]
        others = [text for where, text in others if where == pair.set]
        if others:
            maker.add(name, "exchanged", pair.claim, others[0], "unsupported")
        sentences = split_sentences(pair.evidence)
        scores = overlaps(pair.claim, sentences)
        order = sorted(range(len(sentences)), key=lambda i: -scores[i])
        rest = " ".join(sentences[i].text for i in sorted(order[3:]))
        if len(order) > 6:
            maker.add(name, "removed", pair.claim, rest, "unsupported")
        best = sentences[order[0]].text
        if rng.random() < 0.5 and 7 <= len(best.split()) <= 45:
            maker.add(name, "kept", keep_claim(best, rng), pair.evidence, "supported")
            maker.broken(name, strip_lead(best), pair.evidence)


def write(path: Path, pairs: Iterable[Pair]) -> None:
    """Write pairs, one JSON object a line."""
    lines = (json.dumps(asdict(pair), ensure_ascii=False) for pair in pairs)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def free_documents(rows: list[dict[str, str]], kept_back: list[Pair]) -> Iterator[dict[str, str]]:
    """The abstracts that are no development evidence."""
    keys = {evidence_key(pair.evidence) for pair in kept_back}
    return (row for row in rows if evidence_key(row["text"]) not in keys)


def build(data: Path, snli: Path, out: Path, seed: int) -> dict[str, dict[str, int]]:
    """Build both parts into `out`; returns the number of pairs by set and label."""
    rng = random.Random(seed)
    train, dev = split(labelled(data / "grounding"), rng)
    corpus = read_jsonl(data / "retrieval" / "scifact-dev" / "corpus.jsonl")
    documents = list(free_documents(corpus, dev))
    answers = read_jsonl(data / "library" / "medquad.jsonl")
    texts = [row["text"] for row in documents] + [row["answer"][:2000] for row in answers]
    words = Neighbours(texts)
    first = Maker(words, rng, mirrors=False)
    again = [Maker(words, random.Random(f"{seed}-{k}"), mirrors=True) for k in range(MORE_ROUNDS)]
    for maker in (first, *again):
        abstract_pairs(maker, documents)
        answer_pairs(maker, answers)
        relative_pairs(maker, train)
    out.mkdir(parents=True, exist_ok=True)
    everyday = list(captions(snli))
    broad = [*train, *first.pairs, *everyday]
    write(out / "train.jsonl", broad)
    more = [pair for maker in again for pair in maker.pairs]
    write(out / "more.jsonl", [*train, *more, *everyday])
    write(out / "dev.jsonl", dev)
    (out / "dev").mkdir(exist_ok=True)
    for name in sorted({pair.set for pair in dev}):
        write(out / "dev" / f"{name}.jsonl", (pair for pair in dev if pair.set == name))
    counts: dict[str, dict[str, int]] = {}
    for part, pairs in (("train", broad), ("more", more), ("dev", dev)):
        for (name, label), number in sorted(Counter((p.set, p.label) for p in pairs).items()):
            counts.setdefault(f"{part}/{name}", {})[label] = number
    (out / "counts.json").write_text(json.dumps(counts, indent=1), encoding="utf-8")
    return counts


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--snli", type=Path, required=True, help="a JSONL file of SNLI 1.0")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=13)
    given = parser.parse_args()
    print(json.dumps(build(given.data, given.snli, given.out, given.seed), indent=1))


if __name__ == "__main__":
    main()
