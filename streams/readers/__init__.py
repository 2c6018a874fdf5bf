"""Simulated readers, who judge the alerts of a stream whose events are known: what is gained by learning of them."""

from streams.readers.figures import Gain, Gained, Returned, gained
from streams.readers.interests import Interest, interests_of
from streams.readers.trial import SHARE, Trial

__all__ = ["SHARE", "Gain", "Gained", "Interest", "Returned", "Trial", "gained", "interests_of"]
