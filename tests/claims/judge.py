"""`python -m tests.claims.judge`: precision and recall of the claim checker, with and without the encoder, by kind."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from agents.settings import current_settings
from agents.startup import make_scorer
from streams.content.checking import Embed, Evidence, Thresholds
from tests.claims.cases import Case, cases, plain_cases


def rates(judged: Sequence[Case], embed: Embed | None, thresholds: Thresholds | None = None) -> dict[str, float]:
    """Return the share of altered sentences caught, of true ones dropped, and by kind."""
    dropped: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in judged:
        kind = case.altered or "true"
        total[kind] += 1
        dropped[kind] += not Evidence(case.evidence, embed, thresholds).check(case.sentence).supported
    altered, caught = (sum(n for kind, n in counted.items() if kind != "true") for counted in (total, dropped))
    flagged = caught + dropped["true"]
    return {
        "sentences": len(judged),
        "caught": round(caught / altered, 4),
        "true_dropped": round(dropped["true"] / total["true"], 4),
        "precision": round(caught / flagged, 4) if flagged else 0.0,
        **{f"caught_{kind}": round(dropped[kind] / total[kind], 3) for kind in sorted(total) if kind != "true"},
    }


def encoder() -> Embed | None:
    """Return the shipped encoder as the checker uses it, each text encoded once."""
    scorer = make_scorer(current_settings())
    if scorer is None:
        return None
    return lambda texts: [None if s.embedding is None else np.asarray(s.embedding) for s in scorer.score(list(texts))]


if __name__ == "__main__":
    embed = encoder()
    for name, judged in (
        ("tuning", cases(tuning=True)),
        ("test", cases(tuning=False)),
        ("seen", plain_cases(seen=True)),
        ("unseen", plain_cases(seen=False)),
    ):
        for how, given in (("words alone", None), ("with encoder", embed)):
            print(name, how, rates(judged, given))
