"""Words of the same kind for another: entity swaps from the backbone's own word vectors."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from training_paths import backbone_folder

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9-]{3,}")
_DRUG = re.compile(
    r"(?:mab|nib|pril|sartan|olol|statin|azole|mycin|cillin|vir|parin|gliptin|gliflozin|tidine|"
    r"prazole|setron|triptan|azepam|barbital|oxetine|caine|phylline|dronate|platin|taxel|rubicin)$"
)
_SYMBOL = re.compile(r"^(?=.*[A-Z].*[A-Z0-9])[A-Za-z0-9-]{3,10}$")


class Neighbours:
    """Replacements for a word: close in the backbone's input vectors, or of the same form."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(word for text in texts for word in set(_TOKEN.findall(text)))
        self._drugs = sorted(w for w, n in counts.items() if _DRUG.search(w.lower()) and n > 1)
        self._symbols = sorted(w for w, n in counts.items() if _SYMBOL.match(w) and n > 2)
        self._counts = counts
        self._load_vectors(backbone_folder())
        self._cache: dict[str, list[str]] = {}

    def _load_vectors(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        tensors = load_file(str(folder / "model.safetensors"))
        name = next(key for key in tensors if key.endswith("word_embeddings.weight"))
        vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
        words = [w for w in vocabulary if w.isalpha() and len(w) > 3 and self._seen(w)]
        matrix = tensors[name][[vocabulary[w] for w in words]].astype(np.float32)
        matrix -= matrix.mean(axis=0)
        self._matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
        self._words = words
        self._index = {word: i for i, word in enumerate(words)}

    def _seen(self, word: str) -> bool:
        return self._counts[word] + self._counts[word.capitalize()] >= 3

    def of(self, word: str) -> list[str]:
        """Up to 25 replacements for `word`; empty if none is known."""
        if _DRUG.search(word.lower()):
            return [other for other in self._drugs if other.lower() != word.lower()]
        if _SYMBOL.match(word):
            return [other for other in self._symbols if other.lower() != word.lower()]
        key = word.lower()
        if key not in self._cache:
            self._cache[key] = self._nearest(key)
        return self._cache[key]

    def _nearest(self, word: str) -> list[str]:
        row = self._index.get(word)
        if row is None:
            return []
        order = np.argsort(-(self._matrix @ self._matrix[row]))[1:40]
        same_end = [self._words[i] for i in order if self._words[i][:4] != word[:4]]
        plural = word.endswith("s")
        return [w for w in same_end if w.endswith("s") == plural][2:25]

    def swap(self, text: str, rng: random.Random, evidence: str) -> str | None:
        """`text` with one of its longer words swapped for another that `evidence` lacks."""
        words = [found for found in _TOKEN.finditer(text) if len(found.group()) > 4]
        rng.shuffle(words)
        lowered = evidence.lower()
        for found in words[:6]:
            options = [w for w in self.of(found.group()) if w.lower() not in lowered]
            if options:
                new = rng.choice(options)
                if found.group()[0].isupper() and not _SYMBOL.match(new):
                    new = new.capitalize()
                return text[: found.start()] + new + text[found.end() :]
        return None
