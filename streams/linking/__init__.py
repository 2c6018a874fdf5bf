"""Known entities: which countries, cities and organisations a hotspot names, by a list of names."""

from streams.linking.gazetteer import Entity, Gazetteer

__all__ = ["Entity", "Gazetteer"]
