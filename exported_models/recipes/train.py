"""Step 2: trains the sentiment head, on the frozen encoder or with the encoder fine-tuned under it.

    python -m exported_models.recipes.train --data ../shared/data --out build                # frozen encoder
    python -m exported_models.recipes.train --data ../shared/data --out build --epochs 1     # fine-tuned

English texts have three labels. Chinese ones have two, so they say only which side a text is on: their loss is over
p(positive) against p(negative), and what is neutral is learned from English. Classes weigh the same in the loss,
because the figure that counts is macro recall. While the encoder is fine-tuned its embeddings are held where they
were (a cosine term), since stories compare texts by them. Writes `weights.npz`, read by the export.
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from exported_models.recipes import corpus
from exported_models.recipes.encoder import Encoder, batches, encode, pooled_of
from exported_models.recipes.source import package_file, read_source
from exported_models.recipes.vocabulary import MAX_TOKENS

SEED = 7
BATCH = 32
NEUTRAL = corpus.LABELS.index("neutral")
PAD = 1
KEEP = 2.0
"""Weight of the cosine distance to the embedding before fine-tuning."""

Floats = npt.NDArray[np.float32]


def loss_of(logits: Tensor, labels: Tensor, two_sided: Tensor, weights: Tensor) -> Tensor:
    """Return the mean loss; where `two_sided`, the neutral logit is left out."""
    left_out = torch.zeros_like(logits)
    left_out[:, NEUTRAL] = torch.where(two_sided, -1e4, 0.0)
    return functional.cross_entropy(logits + left_out, labels, weight=weights)


def fit_head(model: Encoder, pooled: Floats, labels: Tensor, two_sided: Tensor, weights: Tensor) -> None:
    """Fit the head on frozen vectors: multinomial logistic regression by L-BFGS on standardised features."""
    mean, deviation = pooled.mean(0), pooled.std(0)
    features = torch.from_numpy((pooled - mean) / deviation)
    weight = torch.zeros(len(corpus.LABELS), features.shape[1], requires_grad=True)
    bias = torch.zeros(len(corpus.LABELS), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = loss_of(features @ weight.T + bias, labels, two_sided, weights) + 1e-4 * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    folded = weight.detach() / torch.from_numpy(deviation)
    model.head.weight.data = folded
    model.head.bias.data = bias.detach() - folded @ torch.from_numpy(mean)


def fine_tune(
    model: Encoder, encoded: list[list[int]], labels: Tensor, two_sided: Tensor, weights: Tensor, before: Floats,
    *, epochs: int, rate: float,
) -> None:  # fmt: skip
    """Train all but the word vectors, AdamW with linear decay, texts of like length together, batches in random order."""
    shuffler = random.Random(SEED)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    steps = epochs * ((len(encoded) + BATCH - 1) // BATCH)
    warm = max(steps // 20, 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda n: min((n + 1) / warm, (steps - n) / (steps - warm)))
    target = functional.normalize(torch.from_numpy(before), dim=1)
    began, done = time.monotonic(), 0
    for _ in range(epochs):
        # Near in length, not sorted: noise keeps a batch from being all one language.
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]) + shuffler.uniform(0, 12))
        groups = list(batches(encoded, order, BATCH, PAD))
        shuffler.shuffle(groups)
        model.train()
        for chosen, ids, mask in groups:
            with torch.autocast("cpu", torch.bfloat16):
                pooled, logits = model(ids, mask)
            distance = 1 - functional.cosine_similarity(pooled.float(), target[chosen]).mean()
            loss = loss_of(logits.float(), labels[chosen], two_sided[chosen], weights) + KEEP * distance
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            schedule.step()
            done += 1
            if done % 100 == 0:
                left_s = (time.monotonic() - began) / done * (steps - done)
                print(
                    f"step {done} of {steps}: loss {loss:.3f}, distance {distance:.3f}, {left_s:.0f} s left", flush=True
                )


def report(model: Encoder, tokenizer: Tokenizer, data: Path) -> None:
    """Print the figures on the held-out part, as torch sees them."""
    for language in ("en", "zh"):
        texts, labels = corpus.sentiment(data, language, held_out=True)
        pooled = torch.from_numpy(pooled_of(model, encode(tokenizer, texts), PAD))
        logits = (pooled @ model.head.weight.T + model.head.bias).detach().numpy()
        if language == "zh":
            logits[:, NEUTRAL] = -np.inf
        right = logits.argmax(1) == labels
        recalls = [float(right[np.array(labels) == label].mean()) for label in sorted(set(labels))]
        print(
            f"{language}: macro recall {np.mean(recalls):.4f}, accuracy {right.mean():.4f} of {len(texts)}", flush=True
        )


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description="Train the sentiment head.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=0, help="0: the encoder stays frozen")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--layers", type=int, choices=(6, 12), default=12, help="6: every second layer")
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    source = read_source(package_file())
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    rows = np.load(arguments.out / "rows.npy")
    # Half the layers, evenly, and always the last one: the pooled vector comes from it.
    layers = list(range(12)) if arguments.layers == 12 else list(range(1, 12, 2))
    model = Encoder(source, rows, layers, MAX_TOKENS)
    english, english_labels = corpus.sentiment(arguments.data, "en", held_out=False)
    chinese, chinese_labels = corpus.sentiment(arguments.data, "zh", held_out=False)
    encoded = encode(tokenizer, english + chinese)
    labels = torch.tensor(english_labels + chinese_labels)
    two_sided = torch.arange(len(encoded)) >= len(english)
    counts = torch.bincount(torch.tensor(english_labels)).float()
    weights = counts.sum() / counts / len(counts)
    kept = arguments.out / "pooled.npy"
    if not kept.exists():
        np.save(kept, pooled_of(Encoder(source, rows, list(range(12)), MAX_TOKENS), encoded, PAD))
    before: Floats = np.load(kept)
    fit_head(model, before, labels, two_sided, weights)
    if arguments.epochs:
        fine_tune(
            model, encoded, labels, two_sided, weights, before, epochs=arguments.epochs, rate=arguments.rate
        )  # fmt: skip
    report(model, tokenizer, arguments.data)
    state = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    np.savez(arguments.out / "weights.npz", **state)


if __name__ == "__main__":
    main()
