"""The passage that answers a question best, and how sure that is, from signs that people can check.

Candidates come from both indexes. The signs: how near the passage, its title and its best sentence are in meaning,
which share of the question's words the passage has, by letter or by meaning (rare words weigh more), and the worst
matched word, which is what tells "the price of the kettle" from "the colour of the kettle".
"""

from collections.abc import Mapping, Sequence
from math import exp
from typing import Final

import msgspec
import numpy as np

from streams.support.expecting import fit
from streams.support.library import Library
from streams.support.meaning import Meaning, Vectors
from streams.support.passages import sentences_in
from streams.support.words import asked_words, question_tokens, word_tokens, words_of

_EACH: Final = 20
_LOOKED_AT: Final = 12
_READ: Final = 5
_SHRINK: Final = 2.0
"""So much weight of words is missing from every question: two common words alone prove nothing."""
_SAME_LANGUAGE: Final = 0.15
_MOST_WORDS: Final = 8


class Signs(msgspec.Struct, frozen=True):
    """What speaks for a passage.

    `passage`, `title` and `nearest` are cosines with the question, the last that of the nearest of passage, title and
    sentences; `shared` is the share of the question's weight that the passage has word by word, `matched` that which it
    has in meaning, `worst` how well the worst word is matched, `asked` the number of these words, of eight; `fit` is
    that of the kind of thing asked for.
    """

    passage: float
    title: float
    nearest: float
    shared: float
    matched: float
    worst: float
    asked: float
    fit: float


class Found(msgspec.Struct, frozen=True):
    """A candidate: its number in the library, its signs (None for a search by words alone), its score, its sureness."""

    number: int
    signs: Signs | None
    score: float
    sureness: float


class Weights(msgspec.Struct, frozen=True):
    """A logistic regression over `Signs`, and the probability from which an answer is given."""

    intercept: float
    passage: float
    title: float
    nearest: float
    shared: float
    matched: float
    worst: float
    asked: float
    fit: float
    threshold: float

    def sureness(self, signs: Signs) -> float:
        """Return the probability that the passage answers the question."""
        total = self.intercept + sum(getattr(self, name) * getattr(signs, name) for name in signs.__struct_fields__)
        return 1.0 / (1.0 + exp(-max(min(total, 30.0), -30.0)))


def find(question: str, lang: str, library: Library, meaning: Meaning, weights: Weights) -> list[Found]:
    """Return the best passages for a question, best first.

    Args:
        question: as it was asked.
        lang: "en" or "zh".
    """
    words = asked_words(question, lang)
    tokens = question_tokens(question, words)
    vector = meaning.question(question, lang)
    numbers = sorted({*library.lexical.search(tokens, _EACH), *library.nearest(vector, _EACH)})
    if not numbers:
        return []
    langs = [library.passage(number).lang for number in numbers]
    near = library.centred(library.vectors(numbers), langs) @ vector
    shared = np.array([_shared(library, number, tokens) for number in numbers])
    same = np.array([_SAME_LANGUAGE * (found == lang) for found in langs])
    first = near + 0.3 * shared + same
    looked_at = [int(i) for i in np.argsort(-first, kind="stable")[:_LOOKED_AT]]
    sentence = {i: _best_sentence(library, numbers[i], vector, meaning) for i in looked_at}
    read = sorted(looked_at, key=lambda i: (-(first[i] + sentence[i]), i))[:_READ]
    asked = _asked(words, library, meaning)
    titles = _titles(library, [numbers[i] for i in read], vector, meaning)
    found = []
    for i, title in zip(read, titles, strict=True):
        matched, worst = _matched(library, numbers[i], asked, meaning)
        nearest = max(float(near[i]), title, sentence[i])
        passage = library.passage(numbers[i])
        fits = fit(question, passage.title, passage.text)
        many = min(len(words), _MOST_WORDS) / _MOST_WORDS
        signs = Signs(float(near[i]), title, nearest, float(shared[i]), matched, worst, many, fits)
        score = float(first[i] + sentence[i] + 0.5 * matched + 0.2 * fits)
        found.append(Found(numbers[i], signs, score, weights.sureness(signs)))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.number))


def _shared(library: Library, number: int, tokens: Sequence[str]) -> float:
    """Return the share of the question's weight that the passage has word by word."""
    weights = [library.lexical.weight(token) for token in tokens]
    held = sum(w for token, w in zip(tokens, weights, strict=True) if library.lexical.has(number, token))
    return held / (sum(weights) + _SHRINK)


def _best_sentence(library: Library, number: int, vector: Vectors, meaning: Meaning) -> float:
    passage = library.passage(number)
    sentences = sentences_in(passage.text)
    vectors = library.centred(meaning.texts(sentences), [passage.lang] * len(sentences))
    return float((vectors @ vector).max())


def _titles(library: Library, numbers: Sequence[int], vector: Vectors, meaning: Meaning) -> list[float]:
    """Return how near the titles of passages are to a question, 0 for one without."""
    passages = [library.passage(number) for number in numbers]
    vectors = library.centred(meaning.texts([p.title for p in passages]), [p.lang for p in passages])
    near = (vectors @ vector).tolist()
    return [value if passage.title else 0.0 for passage, value in zip(passages, near, strict=True)]


class _Word(msgspec.Struct, frozen=True):
    tokens: tuple[str, ...]
    weight: float


_Asked = tuple[list[_Word], Vectors]


def _asked(words: Sequence[str], library: Library, meaning: Meaning) -> _Asked | None:
    if not words:
        return None
    found = []
    for word in words:
        tokens = word_tokens(word)
        found.append(_Word(tuple(tokens), max(library.lexical.weight(token) for token in tokens)))
    return found, meaning.words(words)


def _matched(library: Library, number: int, asked: _Asked | None, meaning: Meaning) -> tuple[float, float]:
    """Return the share of the question that the passage has in meaning, and how well its worst word is matched."""
    if asked is None:
        return 0.0, 0.0
    words, vectors = asked
    passage = library.passage(number)
    said = words_of(f"{passage.title}\n{passage.text}", passage.lang)
    near = (vectors @ meaning.words(said).T).max(axis=1).clip(0.0, 1.0) if said else np.zeros(len(words))
    matched = []
    for word, nearness in zip(words, near.tolist(), strict=True):
        exact = sum(library.lexical.has(number, token) for token in word.tokens) / len(word.tokens)
        matched.append(max(exact, nearness))
    weight = sum(word.weight for word in words)
    held = sum(word.weight * match for word, match in zip(words, matched, strict=True))
    return held / (weight + _SHRINK), min(matched)


def fitted(rows: Sequence[tuple[Signs, bool]], declined: float) -> Weights:
    """Fit the regression (Newton's method, ridge 1 on standardised signs) and choose the threshold.

    Args:
        rows: signs of the best passage of a question, and whether the question can be answered.
        declined: share of the unanswerable that must fall below the threshold.
    """
    names = Signs.__struct_fields__
    values = np.array([[getattr(signs, name) for name in names] for signs, _ in rows])
    wanted = np.array([answerable for _, answerable in rows], float)
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    inputs = np.c_[(values - middle) / spread, np.ones(len(values))]
    ridge = np.diag([*[1.0] * len(names), 0.0])
    weights = np.zeros(len(names) + 1)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (chance - wanted) + ridge @ weights
        weights -= np.linalg.solve((inputs.T * (chance * (1 - chance))) @ inputs + ridge, slope)
    scaled = weights[:-1] / spread
    fields: Mapping[str, float] = dict(zip(names, scaled.tolist(), strict=True))
    intercept = float(weights[-1] - scaled @ middle)
    chance = 1 / (1 + np.exp(-(values @ scaled + intercept)))
    threshold = float(np.quantile(chance[wanted == 0], declined))
    rounded = {name: round(value, 3) for name, value in fields.items()}
    return Weights(round(intercept, 3), **rounded, threshold=round(threshold, 3))
