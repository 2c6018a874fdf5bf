"""Briefs: a hotspot in words. Extractive: sentences are taken from the evidence, each with the posts that say it."""

from streams.briefs.brief import is_due, write_brief
from streams.briefs.ledger import Ledger, supersedes
from streams.briefs.originals import offsets_before, original_of
from streams.briefs.quoting import Quotations
from streams.briefs.revising import without
from streams.briefs.sentences import EvidencePost

__all__ = [
    "EvidencePost",
    "Ledger",
    "Quotations",
    "is_due",
    "offsets_before",
    "original_of",
    "supersedes",
    "without",
    "write_brief",
]
