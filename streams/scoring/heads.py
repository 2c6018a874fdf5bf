"""What a model tells of a text: its heads, and which of their names mean the same whatever model is in use.

A head named in `KNOWN` is published under its name and must have its labels. Any other is the operator's own and is
published under `heads`.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LABELS: Final = ("negative", "neutral", "positive")
"""Labels of sentiment, in the order in which a model gives them."""

EMOTIONS: Final = ("anger", "joy", "sadness", "fear", "surprise", "optimism", "neutral")
"""Labels of emotion, one set for every language, in the order in which a model gives them."""

YES_OR_NO: Final = ("irony", "offensive", "hate")
"""Heads with one probability: that the text is it."""

NEUTRAL: Final = "neutral"

KNOWN: Final = {"sentiment": LABELS, "emotion": EMOTIONS, **{name: (name,) for name in YES_OR_NO}}
"""The labels of every head that is published under its own name."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a model tells.

    Args:
        kind: "softmax": one of the labels, probabilities sum to 1; "sigmoid": each label for itself.
        labels: in the order of the output.
        probabilities: name of the model's output [batch, labels].
        contributions: name of its output [batch, length, labels], what each token adds to the logits; may be absent.
        bias: what is added to the sum of the contributions, one for each label.
        temperature: by what logits were divided so that a confidence is right as often as it says; already applied.
        logits: whether the output has logits instead of probabilities.
    """

    name: str
    kind: Literal["softmax", "sigmoid"]
    labels: tuple[str, ...]
    probabilities: str
    contributions: str | None = None
    bias: tuple[float, ...] = ()
    temperature: float = 1.0
    logits: bool = False

    def probabilities_of(self, values: Floats) -> Floats:
        """Return the probabilities that an output [batch, labels] of the model stands for."""
        return self.squashed(values) if self.logits else values

    def squashed(self, logits: Floats) -> Floats:
        """Return the probabilities of logits [batch, labels]."""
        if self.kind == "sigmoid":
            # The logistic function, without overflow on either side.
            found: Floats = 0.5 * (1 + np.tanh(0.5 * logits))
        else:
            powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
            found = powers / powers.sum(axis=-1, keepdims=True)
        return found.astype(np.float32)


SENTIMENT: Final = Head(name="sentiment", kind="softmax", labels=LABELS, probabilities="sentiment")


def fault_of(heads: Sequence[Head]) -> str | None:
    """Return in a few words what is wrong with the heads of a model, None if they can be used."""
    names = [head.name for head in heads]
    if len(set(names)) < len(names):
        return "two heads have one name"
    for head in heads:
        if not head.name or not head.labels or len(set(head.labels)) < len(head.labels):
            return f"head {head.name!r} needs a name and labels that differ"
        wanted = KNOWN.get(head.name)
        if wanted is not None and head.labels != wanted:
            return (
                f"head {head.name} has the labels {', '.join(head.labels)}, wanted are {', '.join(wanted)}; "
                "call a head of your own otherwise"
            )
        if wanted is not None and (head.kind == "sigmoid") != (head.name in YES_OR_NO):
            return f"head {head.name} is of kind {head.kind}"
        if head.contributions is not None and len(head.bias) != len(head.labels):
            return f"head {head.name} has contributions, and {len(head.bias)} biases for {len(head.labels)} labels"
    return None
