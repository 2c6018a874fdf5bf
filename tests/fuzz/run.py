"""`make fuzz`: throws changed values at every topic that Redian reads.

Each target has half of its time guided by atheris, which keeps inputs that reach new code and changes them further, and
half in volume: the same changes to what was kept, without the cost of watching. An input that takes five seconds of the
processor is a hang. A failure leaves its input in `.fuzz/failures`; once mended, keep it in `tests/unit`.

    python -m tests.fuzz.run --seconds 60                   # all targets
    python -m tests.fuzz.run --target posts --seconds 600
"""

import argparse
import hashlib
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(".fuzz")
SLOW_S = 5
WEIGHTS = {
    "posts": 6, "terms": 2, "bursts": 2, "hotspots": 1, "snapshots": 1, "feedback": 1, "questions": 1, "watchlists": 1,
    "content.requests": 1, "recommendations.requests": 1, "posts.deleted": 1, "optouts": 1, "posts.scored": 1,
    "mentions": 1, "watchlists.buckets": 1, "outside.listings": 1, "subscribers": 1,
}  # fmt: skip


def corpus_of(target: str) -> Path:
    """Return the folder of a target's inputs, with the values that Redian writes in it."""
    from tests.fuzz.targets import seeds

    corpus = FOLDER / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    (FOLDER / "failures").mkdir(exist_ok=True)
    for seed in seeds()[target]:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    return corpus


def guided(target: str, seconds: int) -> None:
    """Fuzz by coverage, in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["streams"]):
        from tests.fuzz.mutation import PACKED, mutated
        from tests.fuzz.targets import CHECKS, seeds

    check = CHECKS[target]
    for seed in seeds()[target]:  # what is imported at first use is no input's time
        check(seed)

    def change(data: bytes, max_size: int, number: int) -> bytes:
        return mutated(data, random.Random(number), packed=target in PACKED)[:max_size]

    options = [f"-max_total_time={seconds}", f"-timeout={12 * SLOW_S}", "-max_len=65536", "-print_final_stats=1"]
    options += [f"-artifact_prefix={FOLDER}/failures/{target}-", "-rss_limit_mb=2048", str(corpus_of(target))]
    atheris.Setup([sys.argv[0], *options], lambda data: check(bytes(data)), custom_mutator=change)
    atheris.Fuzz()


def volume(target: str, seconds: int) -> None:
    """Change what was kept, as fast as it goes."""
    from tests.fuzz.mutation import PACKED, mutated
    from tests.fuzz.targets import CHECKS

    kept = [path.read_bytes() for path in sorted(corpus_of(target).iterdir())]
    seed = time.time_ns()
    chance, check = random.Random(seed), CHECKS[target]
    signal.signal(signal.SIGVTALRM, _hangs)
    count, slowest, end = 0, 0.0, time.monotonic() + seconds
    data = b""
    try:
        while (began := time.monotonic()) < end:
            data = mutated(chance.choice(kept), chance, packed=target in PACKED)
            signal.setitimer(signal.ITIMER_VIRTUAL, SLOW_S)
            check(data)
            count += 1
            slowest = max(slowest, time.monotonic() - began)
    except BaseException:
        (FOLDER / "failures" / f"{target}-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
        raise
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        print(f"stat::number_of_executed_units: {count}\nslowest {slowest:.2f} s, seed {seed}")


def _hangs(_signal: int, _frame: object) -> None:
    raise TimeoutError(f"an input took longer than {SLOW_S} s")


def all_of(targets: tuple[str, ...], seconds: int, modes: tuple[str, ...]) -> int:
    """Fuzz targets one after another, in processes of their own; return how many runs failed."""
    whole = sum(WEIGHTS[target] for target in targets) * len(modes)
    failed = inputs = 0
    began = time.monotonic()
    for target in targets:
        for mode in modes:
            share = max(2, seconds * WEIGHTS[target] // whole)
            command = [sys.executable, "-m", "tests.fuzz.run", "--alone", mode, "--target", target]
            ran = subprocess.run(
                [*command, "--seconds", str(share)], capture_output=True, text=True, errors="replace", check=False
            )
            told = ran.stdout + ran.stderr
            found = re.search(r"stat::number_of_executed_units:\s*(\d+)", told)
            count = int(found[1]) if found else 0
            inputs += count
            outcome = "ok" if ran.returncode == 0 else "FAILED"
            print(f"{target:24} {mode:7} {count:>10,} inputs  {count // share:>7,}/s  {outcome}", flush=True)
            if ran.returncode:
                failed += 1
                told_of = [line for line in told.splitlines() if not line.startswith(("#", "INFO", "WARNING"))]
                print("\n".join(told_of[-40:]))
    print(f"{inputs:,} inputs in {time.monotonic() - began:.0f} s, {failed} failures")
    return failed


def main() -> None:
    """Read the command line."""
    modes = {"guided": guided, "volume": volume}
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("--target", choices=WEIGHTS, action="append")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--mode", choices=modes, action="append", help="both, if absent")
    parser.add_argument("--alone", choices=modes, help=argparse.SUPPRESS)
    given = parser.parse_args()
    targets = tuple(given.target or WEIGHTS)
    if given.alone:
        modes[given.alone](targets[0], given.seconds)
        return
    sys.exit(min(all_of(targets, given.seconds, tuple(given.mode or modes)), 1))


if __name__ == "__main__":
    main()
