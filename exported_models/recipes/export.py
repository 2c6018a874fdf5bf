"""Step 4: fits the temperatures and writes the graphs.

    python -m exported_models.recipes.export --data ../shared/data --out build --model standard

Reads `weights.npz` and writes `fp32.onnx` for comparison, `int8.onnx`, for the standard model `fp16.onnx`, and
`temperatures.json`. A temperature divides a head's logits, so that a confidence of 0.8 is right 8 times out of 10
(Guo et al. 2017). It is fitted on the held-out texts by their likelihood and folded into the head. How far off
confidences are is reported across halves: each half with the temperature of the other.
"""

import argparse
import json
import random
from pathlib import Path

import msgspec
import numpy as np
from tokenizers import Tokenizer

from exported_models.recipes import corpus
from exported_models.recipes.graph import PRECISIONS, Floats, build, folded
from exported_models.recipes.sessions import Found, open_session, run, run_one
from exported_models.recipes.tasks import HEADS, TASKS, Task, columns_of, head_of
from streams.scoring.figures import NOT, calibration_error, choice, labels_of
from streams.scoring.heads import Head

THREADS = 2
SHIPPED = {"small": ("int8",), "standard": ("int8", "fp16")}
_GRID = np.exp(np.linspace(np.log(0.3), np.log(4.0), 120))
_SEED = 3
_SAMPLED = 16
"""Texts of each task on which magnitudes are measured."""


def weights_of(folder: Path) -> dict[str, Floats]:
    """Return the weights that training wrote."""
    with np.load(folder / "weights.npz") as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


def magnitudes_of(data: Path, tokenizer: Tokenizer, weights: dict[str, Floats]) -> dict[str, Floats]:
    """Return the largest magnitude of each channel that a matrix meets on training texts, by the matrix' name."""
    shuffler = random.Random(_SEED)
    texts = [text for task in TASKS for text in shuffler.sample(corpus.training(data, task).texts, _SAMPLED)]
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    names: dict[str, str] = {}
    session = open_session(build(weights, PRECISIONS["fp32"], taps=names).SerializeToString())
    largest: dict[str, Floats] = {}
    for at in range(0, len(encoded), 8):
        found = run_one(session, encoded[at : at + 8], tuple(dict.fromkeys(names.values())))
        for matrix, name in names.items():
            now = np.abs(found[name]).max(axis=(0, 1))
            largest[matrix] = np.maximum(largest.get(matrix, now), now)
    return largest


def heads_of(folder: Path) -> list[Head]:
    """Return the heads with the biases that they have in the graphs, and with their temperatures."""
    temperatures = json.loads((folder / "temperatures.json").read_text("utf-8"))["temperatures"]
    biases = folded(weights_of(folder), temperatures)["heads.bias"]
    return [
        msgspec.structs.replace(
            head,
            bias=tuple(round(float(biases[column]), 6) for column in columns_of(head)),
            temperature=temperatures[head.name],
        )
        for head in HEADS
    ]


def heated(head: Head, probabilities: Floats, temperature: float) -> Floats:
    """Return the probabilities that a head gives when its logits are divided by a temperature."""
    values = np.clip(probabilities.astype(np.float64), 1e-12, 1 - 1e-12)
    logits = np.log(values) if head.kind == "softmax" else np.log(values / (1 - values))
    return head.squashed((logits / temperature).astype(np.float32))


def _judged(task: Task, probabilities: Floats, labels: list[int], temperature: float) -> tuple[float, float]:
    """Return (mean negative log-likelihood, calibration error) of a task's texts."""
    head = head_of(task.head)
    known = known_labels(task)
    shares = choice(head, heated(head, probabilities, temperature), known)
    truth = np.array([known.index(name_of(head, label)) for label in labels])
    right = shares[np.arange(len(truth)), truth]
    error = calibration_error(shares.max(axis=1), shares.argmax(axis=1) == truth)
    return float(-np.log(np.maximum(right, 1e-9)).mean()), error


def known_labels(task: Task) -> list[str]:
    """Return the labels that a data set has, by the names that `figures` uses, in the head's order."""
    head = head_of(task.head)
    present = {NOT if label is None else label for label in task.labels.values()}
    return [label for label in labels_of(head) if label in present]


def name_of(head: Head, label: int) -> str:
    """Return the name of a label's number, as `corpus` counts them."""
    return (head.labels[0] if label else NOT) if head.kind == "sigmoid" else head.labels[label]


Sample = tuple[Task, Floats, list[int]]


def fit(samples: list[Sample]) -> float:
    """Return the temperature that fits the tasks of one head best, each task weighing the same."""
    losses = [
        sum(_judged(task, found, labels, float(temperature))[0] for task, found, labels in samples)
        for temperature in _GRID
    ]
    return round(float(_GRID[int(np.argmin(losses))]), 4)


def cross_fitted(samples: list[Sample]) -> dict[str, float]:
    """Return each task's calibration error with temperatures fitted on the other half of its texts."""
    halves: list[list[Sample]] = [[], []]
    for task, found, labels in samples:
        order = random.Random(_SEED).sample(range(len(labels)), len(labels))
        for half in (0, 1):
            chosen = order[half::2]
            halves[half].append((task, found[chosen], [labels[i] for i in chosen]))
    temperatures = fit(halves[1]), fit(halves[0])
    errors: dict[str, float] = {}
    for parts in zip(*halves, strict=True):
        found = [_judged(*part, temperature)[1] for part, temperature in zip(parts, temperatures, strict=True)]
        errors[parts[0][0].name] = round(float(np.mean(found)), 4)
    return errors


def arguments_of(description: str) -> argparse.Namespace:
    """Return what a step is given that works on one model: `data`, `out` and `model`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", choices=tuple(SHIPPED), required=True)
    return parser.parse_args()


def main() -> None:
    """Fit, fold, write."""
    arguments = arguments_of("Fit the temperatures and write the ONNX graphs.")
    folder = arguments.out / arguments.model
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    weights = weights_of(folder)
    magnitudes = magnitudes_of(arguments.data, tokenizer, weights)
    session = open_session(build(weights, PRECISIONS["int8"], magnitudes).SerializeToString(), THREADS)
    samples: dict[str, list[Sample]] = {head.name: [] for head in HEADS}
    for task in TASKS:
        part = corpus.held_out(arguments.data, task)
        found: Found = run(session, [encoding.ids for encoding in tokenizer.encode_batch(part.texts)])
        samples[task.head].append((task, found[task.head], part.labels))
    temperatures = {name: fit(of_head) for name, of_head in samples.items()}
    errors = {task: error for of_head in samples.values() for task, error in cross_fitted(of_head).items()}
    text = json.dumps({"temperatures": temperatures, "calibration_errors": errors}, indent=2)
    (folder / "temperatures.json").write_text(text + "\n", "utf-8")
    print(text)
    weights = folded(weights, temperatures)
    for name in ("fp32", *SHIPPED[arguments.model]):
        data = build(weights, PRECISIONS[name], magnitudes).SerializeToString()
        (folder / f"{name}.onnx").write_bytes(data)
        print(f"{arguments.model}/{name}.onnx: {len(data) / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
