"""Compares the ratios of today's stages with those on record: `python -m tests.bench.check`, `--record` to write them.

Only ratios to a reference in the same run are compared, never a time: a slow or busy machine is slow for both. The
best of the rounds stands for a stage, since noise only takes away; a stage fails when even that is a third below the
record, which a busy machine does not bring about and a careless line in a loop does.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import msgspec

from agents.bench.paired import Measured, measure
from agents.bench.stages import DECODING, records_of, stages
from streams.intake import Intake
from streams.intake.settings import IntakeSettings
from streams.pipeline import PipelineSettings
from streams.simulation import live

RECORD = Path(__file__).with_name("ratios.json")
POSTS, ROUNDS = 1_500, 4
BEGIN_MS = 1_772_409_600_000
LEAST = 2 / 3


def measured() -> list[Measured]:
    """Return the stages over simulated posts, which everyone has."""
    lines: Iterator[bytes] = (msgspec.json.encode(post) for post in islice(live(3, BEGIN_MS), POSTS))
    settings = PipelineSettings()
    records = records_of(lines, POSTS, settings, posts_per_message=64)
    return measure(DECODING, stages(records, settings, Intake(IntakeSettings(author_key=b"of tests"))), POSTS, ROUNDS)


def best(cases: list[Measured]) -> dict[str, float]:
    """Return the best ratio of each case but the reference."""
    return {case.name: round(max(case.ratios), 6) for case in cases if case.name != DECODING}


def regressions(found: Mapping[str, float], record: Mapping[str, float]) -> list[str]:
    """Return a line for each stage that fell beyond noise, or that is on record and was not measured."""
    lines = [f"{name} is on record and was not measured" for name in record if name not in found]
    for name, ratio in found.items():
        if name in record and ratio < LEAST * record[name]:
            lines.append(f"{name}: {ratio:.4g} of {DECODING}, on record {record[name]:.4g}")
    return lines


def main() -> int:
    """Measure and compare; 1 if a stage fell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write today's ratios instead of comparing")
    found = best(measured())
    if parser.parse_args().record:
        RECORD.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        return 0
    fell = regressions(found, json.loads(RECORD.read_text("utf-8")))
    print("\n".join(fell) or "no stage fell: " + ", ".join(f"{name} {ratio:.4g}" for name, ratio in found.items()))
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main())
