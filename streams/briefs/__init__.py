"""Briefs: a hotspot in words. Extractive: sentences are taken from the evidence, each with the posts that say it."""

from streams.briefs.brief import is_due, write_brief
from streams.briefs.ledger import Ledger
from streams.briefs.sentences import EvidencePost

__all__ = ["EvidencePost", "Ledger", "is_due", "write_brief"]
