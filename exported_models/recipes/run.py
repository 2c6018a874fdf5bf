"""All steps of the recipe, one after the other; those whose results are there already are skipped.

    python -m exported_models.recipes.run --data ../shared/data --out build

Each step is a process of its own, so that the memory of training is given back. What the steps say is shown and kept in
`run.log`. To do a step again, delete its results; a training that was interrupted goes on from its checkpoint.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NamedTuple

from exported_models.recipes.export import SHIPPED


class Step(NamedTuple):
    """A module of this package, its arguments, and the files that say that it was done."""

    module: str
    arguments: tuple[str, ...]
    results: tuple[Path, ...]


def steps_of(data: Path, out: Path, to: Path) -> list[Step]:
    """Return the steps in their order: the student needs its teacher, the figures need the graphs."""
    given = ("--data", str(data), "--out", str(out))
    steps = [
        Step("vocabulary", given, (out / "tokenizer.json", out / "rows.npy", out / "vocabulary.json")),
        Step("train", given, (out / "standard" / "weights.npz",)),
        Step("distil", given, (out / "small" / "weights.npz",)),
    ]
    for model, graphs in SHIPPED.items():
        files = tuple(out / model / f"{graph}.onnx" for graph in ("fp32", *graphs))
        steps.append(Step("export", (*given, "--model", model), (*files, out / model / "temperatures.json")))
    for module, result in (("compare", "quantisation.json"), ("measure", "figures.json")):
        steps += [Step(module, (*given, "--model", model), (out / model / result,)) for model in SHIPPED]
    packed = ("--out", str(out), "--to", str(to))
    steps += [Step("package", (*packed, "--model", model), ()) for model in SHIPPED]
    return steps


def follow(command: list[str], log: IO[str]) -> int:
    """Run a command, show what it says and write it down; return its exit status."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            log.write(line)
        return process.wait()


def main() -> None:
    """Run what is not done yet."""
    parser = argparse.ArgumentParser(description="Make the models: all steps, resumable.")
    parser.add_argument("--data", type=Path, required=True, help="the folder with labels/, streams/ and hot-lists/")
    parser.add_argument("--out", type=Path, required=True, help="where the steps leave their results")
    parser.add_argument("--to", type=Path, default=Path("exported_models"), help="where the model folders go")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "run.log").open("a", encoding="utf-8", buffering=1) as log:
        for step in steps_of(arguments.data, arguments.out, arguments.to):
            name = step.module + (f" {step.arguments[-1]}" if "--model" in step.arguments else "")
            if step.results and all(path.exists() for path in step.results):
                print(f"== {name}: done before")
                continue
            log.write(f"== {name}\n")
            print(f"== {name}", flush=True)
            began = time.monotonic()
            command = [sys.executable, "-u", "-m", f"exported_models.recipes.{step.module}", *step.arguments]
            if follow(command, log):
                raise SystemExit(f"step {name} failed; {arguments.out / 'run.log'} says why")
            log.write(f"== {name}: {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
