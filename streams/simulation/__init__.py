"""Streams that look like people and say that they are none: a script for the demo, and one in which nothing happens."""

from streams.simulation.stream import LIVE_AFTER_MS, history, live
from streams.simulation.uneventful import uneventful
from streams.simulation.watched import watchlists

__all__ = ["LIVE_AFTER_MS", "history", "live", "uneventful", "watchlists"]
