"""What training has in common, for the standard model and for its student: examples, losses, order, schedule.

Every task is one softmax over the columns that its labels have. A sigmoid head is a softmax too, of its column against
the constant 0, which stands after the last column. So a batch may mix tasks: one encoder pass, one loss.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from exported_models.recipes import corpus
from exported_models.recipes.encoder import DEVICE, Encoder, encode
from exported_models.recipes.tasks import COLUMNS, TASKS, Measure, columns_of, head_of

SEED = 7
BATCH = 32
_CHECKPOINT_S = 240.0
_ABSENT = len(COLUMNS)
_POOL = 64 * BATCH
_BALANCE: dict[Measure, float] = {"macro recall": 1.0, "macro F1": 0.5, "F1": 0.0, "accuracy": 0.0}
"""How far rare labels weigh more, by what the figure of a task is: 1 = all labels alike, 0 = as they come."""


class Examples(NamedTuple):
    """Labelled texts of all tasks: ids, the column that is right, the task's number, the weight of the loss."""

    encoded: list[list[int]]
    columns: Tensor
    tasks: Tensor
    weights: Tensor


def examples_of(data: Path, tokenizer: Tokenizer) -> Examples:
    """Return the training part of all tasks."""
    encoded: list[list[int]] = []
    columns: list[int] = []
    tasks: list[int] = []
    weights: list[float] = []
    for number, task in enumerate(TASKS):
        part = corpus.training(data, task)
        head = head_of(task.head)
        places = columns_of(head)
        found = [places[label] if head.kind == "softmax" else (_ABSENT, places[0])[label] for label in part.labels]
        share = {column: found.count(column) ** -_BALANCE[task.measure] for column in set(found)}
        mean = sum(share[column] for column in found) / len(found)
        encoded += encode(tokenizer, part.texts)
        columns += found
        tasks += [number] * len(found)
        weights += [share[column] / mean for column in found]
        print(f"{task.name}: {len(found):,} texts to learn from")
    return Examples(encoded, torch.tensor(columns), torch.tensor(tasks), torch.tensor(weights))


def allowed_columns() -> Tensor:
    """Return what to add to the logits [tasks, columns + 1], so that a task's loss is over its own labels."""
    added = torch.full((len(TASKS), len(COLUMNS) + 1), -1e4)
    for number, task in enumerate(TASKS):
        for label in task.labels.values():
            added[number, COLUMNS.index((task.head, label)) if label is not None else _ABSENT] = 0.0
    return added


def loss_of(logits: Tensor, columns: Tensor, tasks: Tensor, weights: Tensor, allowed: Tensor) -> Tensor:
    """Return the mean weighted loss of a batch over the labels that each text's task has."""
    whole = functional.pad(logits, (0, 1)) + allowed[tasks]
    return (functional.cross_entropy(whole, columns, reduction="none") * weights).mean()


_EMOTIONS = columns_of(head_of("emotion"))
_NO_EMOTION = COLUMNS.index(("emotion", "neutral")) - _EMOTIONS[0]
_NO_SENTIMENT = COLUMNS.index(("sentiment", "neutral"))


def calm_loss(logits: Tensor, columns: Tensor, tasks: Tensor) -> Tensor:
    """Return the loss that teaches which English posts are without emotion: those with a neutral sentiment.

    No English data set has emotion's `neutral`; without this the label would be left to what crosses over from Chinese.
    """
    english = tasks == 0
    chances = functional.log_softmax(logits[english][:, _EMOTIONS], 1)
    calm = chances[:, _NO_EMOTION]
    moved = chances[:, [i for i in range(len(_EMOTIONS)) if i != _NO_EMOTION]].logsumexp(1)
    return -torch.where(columns[english] == _NO_SENTIMENT, calm, moved).sum() / len(logits)


def order_of(lengths: list[int], repeats: list[float], epochs: float) -> list[list[int]]:
    """Return the batches of the whole training: texts in random order, near in length within a batch.

    Args:
        repeats: how often each text is seen in an epoch; what is after the point is a chance.
    """
    shuffler = random.Random(SEED)
    seen = [i for i, times in enumerate(repeats) for _ in range(int(times * epochs + shuffler.random()))]
    shuffler.shuffle(seen)
    batches = []
    for begin in range(0, len(seen), _POOL):
        # Near in length, not sorted: noise keeps a batch from being all one language.
        pool = sorted(seen[begin : begin + _POOL], key=lambda i: lengths[i] + shuffler.uniform(0, 8))
        groups = [pool[at : at + BATCH] for at in range(0, len(pool), BATCH)]
        shuffler.shuffle(groups)
        batches += groups
    return batches


class Schedule(NamedTuple):
    """How fast to learn: the top layer's rate, what a layer below has of the rate above it, the heads' rate."""

    rate: float
    decay: float
    heads_rate: float


def optimiser_of(model: Encoder, schedule: Schedule) -> torch.optim.Optimizer:
    """Return AdamW over what is not frozen, lower layers slower; biases and norms do not decay."""
    groups: list[dict[str, object]] = [
        {"params": list(model.heads.parameters()), "lr": schedule.heads_rate, "weight_decay": 0.01}
    ]
    for depth, layer in enumerate(reversed(model.layers)):
        rate = schedule.rate * schedule.decay**depth
        learning = [parameter for parameter in layer.parameters() if parameter.requires_grad]
        for decay, part in ((0.01, [p for p in learning if p.dim() > 1]), (0.0, [p for p in learning if p.dim() == 1])):
            if part:
                groups.append({"params": part, "lr": rate, "weight_decay": decay})
    return torch.optim.AdamW(groups, fused=True)


def learn(
    model: Encoder,
    batches: list[list[int]],
    loss: Callable[[list[int]], tuple[Tensor, dict[str, float]]],
    schedule: Schedule,
    kept: Path,
) -> None:
    """Take one step for each batch, with a linear decay; go on from the checkpoint `kept` if there is one.

    Args:
        loss: from the positions of a batch's texts to its loss and what to print beside it.
    """
    optimiser = optimiser_of(model, schedule)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    steps, done = len(batches), 0
    warm = max(steps // 20, 1)
    rates = [group["lr"] for group in optimiser.param_groups]
    if kept.exists():
        stored = torch.load(kept, map_location=DEVICE)
        model.load_state_dict(stored["model"])
        optimiser.load_state_dict(stored["optimiser"])
        done = stored["done"]
    torch.manual_seed(SEED + done)
    began, first, saved = time.monotonic(), done, time.monotonic()
    for number in range(first, steps):
        done = number + 1
        share = min(done / warm, (steps - done + 1) / (steps - warm))
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * share
        value, notes = loss(batches[number])
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        if done % 50 == 0 or done == steps:
            each = (time.monotonic() - began) / (done - first)
            said = ", ".join(f"{name} {number:.3f}" for name, number in notes.items())
            print(
                f"step {done} of {steps}: {said}; {each:.2f} s a step, {each * (steps - done):.0f} s left", flush=True
            )
        if time.monotonic() - saved > _CHECKPOINT_S:
            saved = time.monotonic()
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "done": done}
            torch.save(state, kept.with_suffix(".part"))
            kept.with_suffix(".part").rename(kept)


def save(model: Encoder, path: Path) -> None:
    """Write the weights for the export, which does without torch."""
    np.savez(path, **{name: value.detach().cpu().numpy() for name, value in model.state_dict().items()})
