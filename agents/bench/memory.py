"""A program that counts ten million different terms of a million authors in one shard and prints what that holds."""

import os

from agents.bench.engine import TERMS_A_POST, Load, fresh_shard
from agents.bench.standing import resident_mib

TERMS = 10_000_000


def main() -> None:
    """Print how many MiB the process has grown by."""
    load = Load(posts=TERMS // TERMS_A_POST, minutes=600, vocabulary=TERMS, authors=1_000_000, fresh=True)
    shard = fresh_shard()
    before = resident_mib(os.getpid())
    for part in load.parts():
        shard.apply(part)
    print(resident_mib(os.getpid()) - before)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    main()
