"""Why a score: what each word adds to a head's logits, exactly.

Pooling is a mean over tokens and a head is linear, so a logit is a bias and a sum over tokens: nothing is estimated.
What a token stands for was mixed with its neighbours by the encoder; that a word adds much does not mean that the score
would fall by as much without it.
"""

import unicodedata
from collections.abc import Sequence

import msgspec
import numpy as np

from streams.scoring.encoder import Encoder
from streams.scoring.heads import Floats, Head
from streams.scoring.tokens import TextTokenizer, is_blank

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


class CannotExplain(ValueError):
    """The model does not tell what tokens add, or has no such head; the text says which."""


class Word(msgspec.Struct, frozen=True, array_like=True):
    """A part of a text, what stands between parts included, and what it adds to each label's logit. In JSON a pair."""

    text: str
    adds: tuple[float, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A head's view of a text. For each label: `logits` = `bias` + `frame` + what the words add.

    `frame` is what the tokens add that belong to no word, those that begin and end every text. `words` make up the text
    as far as it was read; `truncated` says that there was more.
    """

    head: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    logits: tuple[float, ...]
    bias: tuple[float, ...]
    frame: tuple[float, ...]
    words: tuple[Word, ...]
    truncated: bool

    @property
    def likeliest(self) -> int:
        """Number of the label with the largest probability."""
        return max(range(len(self.labels)), key=self.probabilities.__getitem__)

    def toward(self, label: int) -> list[float]:
        """Return for each word what it adds to a label, against the mean of all labels where these share one.

        A softmax does not see what is added to all labels alike.
        """
        if len(self.labels) == 1:
            return [word.adds[label] for word in self.words]
        return [word.adds[label] - sum(word.adds) / len(word.adds) for word in self.words]


def explain(encoder: Encoder, tokenizer: TextTokenizer, text: str, head_name: str | None = None) -> Explanation:
    """Return why a head says what it says of a text.

    Args:
        head_name: the model's first head if absent.

    Raises:
        CannotExplain: see there.
    """
    head = _head_of(encoder, head_name)
    if is_blank(text):
        raise CannotExplain("there is nothing to read in this text")
    tokens, spans, shown = tokenizer.placed(text)
    ids = np.array([tokens.ids], np.int64)
    adds, probabilities = encoder.contributions(ids, np.ones_like(ids), head)
    whole = adds[0].astype(np.float64)
    inside = [(span, whole[number]) for number, span in enumerate(spans) if span is not None]
    words = words_of(shown, inside)
    frame = sum((whole[number] for number, span in enumerate(spans) if span is None), np.zeros(len(head.labels)))
    logits = whole.sum(axis=0) + np.array(head.bias)
    return Explanation(
        head=head.name,
        labels=head.labels,
        probabilities=tuple(probabilities[0].astype(float).tolist()),
        logits=tuple(logits.tolist()),
        bias=head.bias,
        frame=tuple(frame.tolist()),
        words=tuple(words),
        truncated=tokens.truncated,
    )


def explainable(heads: Sequence[Head]) -> list[str]:
    """Return the names of heads that can be explained."""
    return [head.name for head in heads if head.contributions is not None]


def _head_of(encoder: Encoder, name: str | None) -> Head:
    able = explainable(encoder.heads)
    if not able:
        raise CannotExplain("the model in use does not tell what tokens add, so its scores cannot be explained")
    head = next((head for head in encoder.heads if head.name == (name or able[0])), None)
    if head is None or head.contributions is None:
        raise CannotExplain(f"head {name} cannot be explained; those that can: {', '.join(able)}")
    return head


def words_of(text: str, placed: Sequence[tuple[tuple[int, int], Floats]]) -> list[Word]:
    """Unite tokens of one word, and give to each word the text up to the next, so that the words make up the text."""
    starts: list[int] = []
    sums: list[Floats] = []
    for (place, _), adds in placed:
        # A token may begin with the space before its word, or stand for no character of its own.
        begin = place
        while begin < len(text) and text[begin].isspace():
            begin += 1
        if starts and (begin <= starts[-1] or _goes_on(text, begin)):
            sums[-1] = sums[-1] + adds
        else:
            starts.append(begin if starts else 0)
            sums.append(adds)
    ends = [*starts[1:], *([max(end for (_, end), _ in placed)] if placed else [])]
    return [Word(text[begin:end], tuple(adds.tolist())) for begin, end, adds in zip(starts, ends, sums, strict=True)]


def _goes_on(text: str, place: int) -> bool:
    """Return whether a word goes on at a place: letters or digits on both sides, of a script that writes spaces."""
    return 0 < place < len(text) and all(_spaced(char) for char in text[place - 1 : place + 1])


def _spaced(char: str) -> bool:
    return char.isalnum() and not unicodedata.name(char, "").startswith(_UNSPACED)
