"""How improbable a count is, beside scipy's negative binomial; and what the detector need not look at."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import nbinom

from streams.hotspots.settings import DetectorSettings
from streams.hotspots.tail import log10_tail

Floats = npt.NDArray[np.float64]


@pytest.fixture
def usual() -> tuple[Floats, Floats]:
    """Return means, and sizes down to that of the prior, in all pairs."""
    mean, size = np.meshgrid(np.logspace(-3, 6, 200), np.logspace(-1.4, 5, 150))
    return mean.ravel(), size.ravel()


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_tail_is_that_of_the_negative_binomial_given_that_it_occurs(
    count: int, usual: tuple[Floats, Floats]
) -> None:
    mean, size = usual
    some = np.arange(0, len(mean), 97)
    mean, size = mean[some], size[some]
    q = size / (mean + size)
    expected = np.log10(nbinom.sf(count - 1, size, q) / nbinom.sf(0, size, q))
    found = log10_tail(np.full(len(mean), count), mean, size)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_what_is_within_two_standard_deviations_is_never_told_of(usual: tuple[Floats, Floats]) -> None:
    mean, size = usual
    count = np.floor(mean + 2 * np.sqrt(mean + mean**2 / size))
    there = count >= 1
    least = log10_tail(count[there], mean[there], size[there]).min()
    assert least > -1.7
    with pytest.raises(ValueError, match="support_log10_p must be at most"):
        DetectorSettings(support_log10_p=least)
