"""Briefs: a hotspot in words. Extractive: sentences are taken from the evidence, each with the posts that say it."""

from streams.briefs.brief import write_brief

__all__ = ["write_brief"]
