"""`python -m tests.faults --seeds 20`: plays fault scripts on real Kafka, prints a table; status 1 if one differs."""

import argparse
import itertools
import signal
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.faults.scripts import SETS, Result, Script, play, script_of


def main() -> None:
    """Play the scripts that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many scripts")
    parser.add_argument("--first", type=int, default=1, help="seed of the first")
    parser.add_argument("--set", choices=list(SETS), help="only faults of this set")
    parser.add_argument("--minutes", type=float, help="go on with further seeds for so long instead")
    parser.add_argument("--posts", type=int, help="posts of each script, instead of 1,200 to 2,000")
    parser.add_argument("--logs", type=Path, help="folder to keep the logs of all processes in")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends too
    print(f"{'seed':>5} {'set':10} {'posts':>6} {'records':>8} {'hot':>4} {'alerts':>6} {'ended':>5} {'s':>5}  outcome")
    played = []
    for script in _scripts(given.first, given.seeds, given.minutes, given.set, given.posts):
        result = play(script, given.logs / str(script.seed) if given.logs else None)
        played.append(result)
        print(_line(result), flush=True)
    faults = sum(len(result.script.faults) for result in played)
    wrong = sum(not result.exact for result in played)
    posts = sum(result.posts for result in played)
    print(f"{len(played)} scripts, {faults} faults, {posts:,} posts; {wrong} differ from backtest")
    sys.exit(1 if wrong else 0)


def _scripts(first: int, seeds: int, minutes: float | None, name: str | None, posts: int | None) -> Iterator[Script]:
    end = None if minutes is None else time.monotonic() + minutes * 60
    for seed in count(first):
        if seed >= first + seeds if end is None else time.monotonic() > end:
            return
        yield script_of(seed, name, posts)


def _line(result: Result) -> str:
    script = result.script
    outcome = "exact" if result.exact else str(result.differences or result.trouble)
    took = itertools.zip_longest(script.faults, result.fault_seconds)
    names = " ".join(f"{fault.__name__} {s:.0f}" if s is not None else fault.__name__ for fault, s in took)
    return (
        f"{script.seed:>5} {script.name:10} {result.posts:>6,} {result.records:>8,} {result.hotspots:>4} "
        f"{result.alerts:>6} {result.ended:>5} {result.seconds:>5.0f}  {outcome}; {names}"
    )


if __name__ == "__main__":
    main()
