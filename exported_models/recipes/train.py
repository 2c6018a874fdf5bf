"""Step 2: trains the standard model: the encoder's upper layers and all heads at once.

    python -m exported_models.recipes.train --data ../shared/data --out build

The heads begin as linear classifiers on the frozen encoder, so that the first steps do not spoil it. The word vectors
and the lowest layers stay as they are. The embedding is held near where it was (the cosine distance of the centred
vectors, on every fourth text), since stories compare texts by it. Writes `standard/weights.npz`.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from exported_models.recipes import learning
from exported_models.recipes.encoder import DEVICE, Encoder, outputs_of, padded
from exported_models.recipes.learning import SEED, Examples, Schedule
from exported_models.recipes.source import package_file, read_source
from exported_models.recipes.tasks import TASKS
from exported_models.recipes.vocabulary import MAX_TOKENS

FROZEN_LAYERS = 4
SCHEDULE = Schedule(rate=1.2e-4, decay=0.93, heads_rate=5e-4)
KEEP = 0.5
"""Weight of the distance to the embedding before training."""
CALM = 0.1
"""Weight of what English sentiment says about emotion's `neutral`."""
ANCHORED = 4
"""One text in so many has its first embedding computed: a full pass would take a tenth of the training's time."""

Floats = npt.NDArray[np.float32]


def begin_heads(model: Encoder, pooled: Floats, examples: Examples, chosen: list[int]) -> None:
    """Fit the heads on vectors of the frozen encoder: logistic regressions on standardised features."""
    mean, deviation = torch.from_numpy(pooled.mean(0)), torch.from_numpy(pooled.std(0))
    features = (torch.from_numpy(pooled) - mean) / deviation
    weight = torch.zeros_like(model.heads.weight, device="cpu").requires_grad_()
    bias = torch.zeros(len(weight), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=60, line_search_fn="strong_wolfe")
    columns, tasks, weights = examples.columns[chosen], examples.tasks[chosen], examples.weights[chosen]
    allowed = learning.allowed_columns()

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = learning.loss_of(features @ weight.T + bias, columns, tasks, weights, allowed)
        loss = loss + 1e-3 * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    folded = weight.detach() / deviation
    model.heads.weight.data = folded.to(DEVICE)
    model.heads.bias.data = (bias.detach() - folded @ mean).to(DEVICE)


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description="Train the standard model.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=1.0, help="the tasks' own repeats times this")
    arguments = parser.parse_args()
    out = arguments.out / "standard"
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    source = read_source(package_file())
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    model = Encoder(source, np.load(arguments.out / "rows.npy"), list(range(source.layers)), MAX_TOKENS).to(DEVICE)
    examples = learning.examples_of(arguments.data, tokenizer)
    chosen = list(range(0, len(examples.encoded), ANCHORED))
    kept = out / "before.npy"
    if not kept.exists():
        np.save(kept, outputs_of(model, [examples.encoded[i] for i in chosen])[0])
    before: Floats = np.load(kept)
    begin_heads(model, before, examples, chosen)
    model.freeze(FROZEN_LAYERS)
    middle = torch.from_numpy(before.mean(0)).to(DEVICE)
    target = functional.normalize(torch.from_numpy(before).to(DEVICE) - middle, dim=1)
    allowed = learning.allowed_columns().to(DEVICE)

    def loss(batch: list[int]) -> tuple[Tensor, dict[str, float]]:
        with torch.autocast(DEVICE, torch.bfloat16):
            pooled, logits = model(*padded(examples.encoded, batch))
        pooled, logits = pooled.float(), logits.float()
        columns, tasks = examples.columns[batch].to(DEVICE), examples.tasks[batch].to(DEVICE)
        right = learning.loss_of(logits, columns, tasks, examples.weights[batch].to(DEVICE), allowed)
        calm = learning.calm_loss(logits, columns, tasks)
        anchored = [row for row, i in enumerate(batch) if i % ANCHORED == 0]
        near = functional.cosine_similarity(
            pooled[anchored] - middle, target[[batch[row] // ANCHORED for row in anchored]]
        )
        moved = (1 - near).sum() / max(len(anchored), 1)
        return right + CALM * calm + KEEP * moved, {"loss": right.item(), "calm": calm.item(), "moved": moved.item()}

    repeats = [TASKS[task].repeats for task in examples.tasks.tolist()]
    batches = learning.order_of([len(ids) for ids in examples.encoded], repeats, arguments.epochs)
    learning.learn(model, batches, loss, SCHEDULE, out / "checkpoint.pt")
    learning.save(model, out / "weights.npz")


if __name__ == "__main__":
    main()
