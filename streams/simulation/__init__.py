"""A scripted stream that looks like people and says that it is none: for the demo and for tests."""

from streams.simulation.stream import LIVE_AFTER_MS, history, live

__all__ = ["LIVE_AFTER_MS", "history", "live"]
