"""What a hotspot looks like to the learner: named figures, each in [0, 1], whose names a person understands."""

import math
from typing import Final

from streams.contracts.outputs import Alert, Hotspot
from streams.contracts.terms import CONTENT, kind_of, shown

TERMS: Final = 8
"""Terms of a story that are features of it: the strongest, without the posts and addresses that are its own alone."""
FIGURES: Final = ("surprise", "size", "growth", "credibility", "negative")
"""Features that every hotspot has, or all where moods are known; the others say what few of them are about."""
SHARES: Final = 4
"""Languages and platforms of a story that are: those with the largest shares."""
_SURPRISE: Final = 20.0
_AUTHORS: Final = 12.0
_TIMES: Final = 4.0
_LEAST_EXPECTED: Final = 0.05


def features_of(told: Alert | Hotspot) -> dict[str, float]:
    """Return the features of an alert, or of a hotspot.

    `surprise` is −log10 p up to 20, `size` log2 of the distinct authors up to 4,096, `growth` log10 of observed over
    expected up to 10,000, each as a share of its most; `credibility` and the share of `negative` mood are what they
    are. `kind`, `language`, `platform` and `term` are followed by which.
    """
    why = told.why
    found = {
        "surprise": _share(-math.log10(why.p_value) if why.p_value > 0 else _SURPRISE, _SURPRISE),
        "size": _share(math.log2(1 + why.distinct_authors), _AUTHORS),
        "growth": _share(math.log10(max(why.observed, 1) / max(why.expected, _LEAST_EXPECTED)), _TIMES),
        "credibility": _share(told.credibility, 1.0),
    }
    if why.sentiment is not None:
        found["negative"] = _share(why.sentiment.get("negative", 0.0), 1.0)
    if told.terms:
        found[f"kind {kind_of(told.terms[0])}"] = 1.0
    for name, shares in (("language", why.languages), ("platform", why.platforms)):
        for value, share in sorted(shares.items(), key=lambda held: (-held[1], held[0]))[:SHARES]:
            found[f"{name} {value}"] = _share(share, 1.0)
    for term in [term for term in told.terms if kind_of(term) not in CONTENT][:TERMS]:
        found[f"term {shown(term).casefold()}"] = 1.0
    return found


def _share(value: float, most: float) -> float:
    return round(min(max(value, 0.0), most) / most, 4)
