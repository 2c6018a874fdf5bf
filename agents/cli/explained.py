"""What `redian score --explain` prints: a post with each word coloured by what it adds, or a JSON line."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from agents.errors import RedianError
from streams.scoring import CannotExplain, Explanation, Scorer, is_blank

if TYPE_CHECKING:
    from rich.text import Text

_FOR: Final = (34, 139, 74)
_AGAINST: Final = (178, 48, 56)
_NOTHING: Final = 0.05
"""What is less than this in a logit moves a probability by about a hundredth: not worth a colour."""
_PALE: Final = 0.12
"""Words that add less than this share of what the strongest adds are not coloured."""
_NAMED: Final = 4


def show(posts: Iterable[tuple[str, str]], scorer: Scorer, head: str | None) -> None:
    """Print an explanation of each (id, text).

    Raises:
        RedianError: the model or the head cannot be explained.
    """
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    legend = console.is_terminal
    for post, text in posts:
        if is_blank(text):
            continue
        try:
            explained = scorer.explain(text, head)
        except CannotExplain as error:
            raise RedianError(f"{error} (model {scorer.model.name})") from None
        if not console.is_terminal:
            sys.stdout.buffer.write(_line(post, explained) + b"\n")
            continue
        if legend:
            console.print(_legend(explained))
            legend = False
        console.print(coloured(post, explained))
    sys.stdout.flush()


def coloured(post: str, explained: Explanation) -> "Text":
    """Return a post's id, what the head says, and the text with its words coloured."""
    from rich.text import Text

    label = explained.likeliest
    name = explained.labels[label]
    shown = Text.assemble((f"{post}\n", "dim"), (f"{name} {explained.probabilities[label]:.0%}  ", "bold"))
    adds = explained.toward(label)
    strongest = max(*map(abs, adds), _NOTHING)
    for word, add in zip(explained.words, adds, strict=True):
        kept = word.text.rstrip()
        shown.append(kept, _style(add / strongest))
        shown.append(word.text[len(kept) :])
    if explained.truncated:
        shown.append(" … only the beginning is explained", "dim italic")
    best = sorted(zip(adds, explained.words, strict=True), key=lambda pair: -abs(pair[0]))[:_NAMED]
    told = ", ".join(f"{word.text.strip()} {add:+.2f}" for add, word in best if abs(add) >= _NOTHING)
    shown.append(f"\nstrongest: {told or 'no word adds much'}\n", "dim")
    words = sum(word.adds[label] for word in explained.words)
    sums = (words, explained.frame[label], explained.bias[label], explained.logits[label])
    # No "-0.00": rounding first leaves a zero without a sign.
    return shown.append("words {:+.2f}, frame {:+.2f}, bias {:+.2f}: logit {:+.2f}\n".format(*_rounded(sums)), "dim")


def _legend(explained: Explanation) -> "Text":
    from rich.text import Text

    against = "other labels" if len(explained.labels) > 1 else "it is not"
    return Text.assemble(
        ("head ", "dim"), (explained.head, "bold"), ("; words speak for ", "dim"),
        (" the label shown ", _style(1.0)), (" a little ", _style(0.3)), " ",
        (f" {against} ", _style(-1.0)), (" a little ", _style(-0.3)), "\n",
    )  # fmt: skip


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(value, 2) + 0.0 for value in values]


def _style(share: float) -> str:
    """Return the colours of a word that adds `share` of what the strongest does, below 0 against the label."""
    if abs(share) < _PALE:
        return ""
    paint = _FOR if share > 0 else _AGAINST
    strength = 0.35 + 0.65 * abs(share)
    return "bold white on rgb({},{},{})".format(*(round(part * strength) for part in paint))


def _line(post: str, explained: Explanation) -> bytes:
    return msgspec.json.encode({"id": post, **msgspec.structs.asdict(explained)})
