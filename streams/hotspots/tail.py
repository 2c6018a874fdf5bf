"""How improbable a count is: the upper tail of the negative binomial, given that the term occurred at all."""

import numpy as np
from scipy.special import betainc

from streams.hotspots.columns import Array

LEAST_LOG10 = -300.0
"""Smaller probabilities are all the same to a decision, and near the end of double precision."""


def log10_tail(count: Array, mean: Array, size: Array) -> Array:
    """Return log10 of P(N ≥ count | N ≥ 1) for N negative binomial with `mean` and `size`.

    Only terms that occur are tested, so the probability is conditional on occurring: otherwise a rare term would earn
    its improbability by existing. With q = mean / (mean + size): P(N ≥ k) = I_q(k, size), the regularised incomplete
    beta function, and P(N ≥ 1) = 1 - (1 - q)^size.

    Args:
        count: ≥ 1.
        mean: > 0.
        size: > 0; the variance is mean + mean² / size.
    """
    q = mean / (mean + size)
    occurs = -np.expm1(size * np.log1p(-q))
    p = betainc(count.astype(np.float64), size, q) / occurs
    log10: Array = np.minimum(np.log10(np.maximum(p, 10.0**LEAST_LOG10)), 0.0)
    return log10
