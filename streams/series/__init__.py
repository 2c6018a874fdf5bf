"""Series of counts without texts: which moments are a burst, and how good alarms are by a public benchmark's rules."""

from streams.series.detector import Alarm, Detector, SeriesSettings, alarms_of
from streams.series.reading import Series, UnusableSeries, read_series, time_of
from streams.series.scoring import Scored, Window, score, total

__all__ = [
    "Alarm",
    "Detector",
    "Scored",
    "Series",
    "SeriesSettings",
    "UnusableSeries",
    "Window",
    "alarms_of",
    "read_series",
    "score",
    "time_of",
    "total",
]
