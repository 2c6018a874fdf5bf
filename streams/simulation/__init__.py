"""Streams that look like people and say that they are none: a script for the demo, days without and with events."""

from streams.simulation.planted import Planted, eventful, planted
from streams.simulation.shows import Airing, aired
from streams.simulation.stream import LIVE_AFTER_MS, history, live
from streams.simulation.uneventful import uneventful
from streams.simulation.watched import watchlists

__all__ = [
    "LIVE_AFTER_MS", "Airing", "Planted", "aired", "eventful", "history", "live", "planted", "uneventful", "watchlists",
]  # fmt: skip
