"""Slices: posts of one stretch of one partition, turned into an inverted index and cut by shard."""

from streams.counting.builder import Slice, SliceBuilder, due_s
from streams.counting.parts import parts_of, shard_of

__all__ = ["Slice", "SliceBuilder", "due_s", "parts_of", "shard_of"]
