"""Step 3: trains the student of five layers to do what the standard model does.

    python -m exported_models.recipes.distil --data ../shared/data --out build

It begins as every second or third layer of its teacher. It learns from labelled texts (their labels, and what the
teacher says of them under every head, whichever task they come from) and from real posts without labels. Its tokens and
its embedding are drawn to the teacher's, so that the two models find the same neighbours. Each text is seen about once,
so the teacher runs beside it instead of being stored. Writes `small/weights.npz`.
"""

import argparse
import random
from pathlib import Path
from typing import Final

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from exported_models.recipes import corpus, learning
from exported_models.recipes.encoder import DEVICE, Encoder, encode, mean_of, outputs_of, padded
from exported_models.recipes.learning import SEED, Schedule
from exported_models.recipes.source import package_file, read_source
from exported_models.recipes.tasks import HEADS, TASKS, columns_of
from exported_models.recipes.vocabulary import MAX_TOKENS

LAYERS: Final = (1, 4, 6, 9, 11)
"""Which of the teacher's layers the student begins with."""
UNLABELLED: Final = {"crises-en": 6000, "cascades-zh": 5000, "epidemic-zh": 1000}
"""How many posts without labels are taken from each stream."""
SCHEDULE: Final = Schedule(rate=3e-4, decay=0.95, heads_rate=5e-4)
SHARE: Final = 0.5
"""How often the student sees a text, as a share of how often the teacher did."""
TRUTH, SAID, EMBEDDING, TOKENS = 0.5, 1.0, 2.0, 1.0
"""Weights of the labels, of what the teacher says, of its embedding and of its tokens."""
SOFTNESS: Final = 2.0
"""Temperature at which student and teacher are compared (Hinton et al. 2015)."""
_MIDDLE_TEXTS: Final = 640


def said_loss(ours: Tensor, theirs: Tensor) -> Tensor:
    """Return how far the student's probabilities are from the teacher's, the mean over the heads."""
    losses = []
    for head in HEADS:
        columns = columns_of(head)
        mine, given = ours[:, columns] / SOFTNESS, theirs[:, columns] / SOFTNESS
        if head.kind == "softmax":
            loss = functional.kl_div(mine.log_softmax(1), given.log_softmax(1), log_target=True, reduction="batchmean")
        else:
            loss = functional.binary_cross_entropy_with_logits(mine, given.sigmoid())
            loss = loss - functional.binary_cross_entropy_with_logits(given, given.sigmoid())
        losses.append(loss)
    return SOFTNESS**2 * torch.stack(losses).mean()


def student_of(teacher: Encoder, student: Encoder) -> None:
    """Give the student its teacher's heads and the layers that it begins with; it learns without dropout."""
    for number, layer in enumerate(LAYERS):
        student.layers[number].load_state_dict(teacher.layers[layer].state_dict())
    student.heads.load_state_dict(teacher.heads.state_dict())
    for part in student.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0


def main() -> None:
    """Distil and write the weights."""
    parser = argparse.ArgumentParser(description="Train the student.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=SHARE, help="the tasks' own repeats times this")
    arguments = parser.parse_args()
    out = arguments.out / "small"
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    source, rows = read_source(package_file()), np.load(arguments.out / "rows.npy")
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    teacher = Encoder(source, rows, list(range(source.layers)), MAX_TOKENS).to(DEVICE)
    with np.load(arguments.out / "standard" / "weights.npz") as stored:
        teacher.load_state_dict({name: torch.from_numpy(stored[name]) for name in stored.files})
    teacher.requires_grad_(False).eval()
    student = Encoder(source, rows, list(LAYERS), MAX_TOKENS).to(DEVICE)
    student_of(teacher, student)
    student.freeze(0)

    examples = learning.examples_of(arguments.data, tokenizer)
    labelled = len(examples.encoded)
    encoded = list(examples.encoded)
    for name, count in UNLABELLED.items():
        texts = corpus.unlabelled(arguments.data, name)
        texts = random.Random(SEED).sample(texts, min(count, len(texts)))
        encoded += encode(tokenizer, texts)
        print(f"{name}: {len(texts):,} texts without labels")
    sample = random.Random(SEED).sample(range(len(encoded)), _MIDDLE_TEXTS)
    middle = torch.from_numpy(outputs_of(teacher, [encoded[i] for i in sample])[0].mean(0)).to(DEVICE)
    allowed = learning.allowed_columns().to(DEVICE)

    def loss(batch: list[int]) -> tuple[Tensor, dict[str, float]]:
        ids, mask = padded(encoded, batch)
        with torch.autocast(DEVICE, torch.bfloat16):
            with torch.no_grad():
                their_tokens = teacher.tokens(ids, mask)
                their_mean = mean_of(their_tokens, mask)
                theirs = teacher.heads(their_mean).float()
            tokens = student.tokens(ids, mask)
            mean = mean_of(tokens, mask)
            ours = student.heads(mean).float()
        far = mean_of(1 - functional.cosine_similarity(tokens.float(), their_tokens.float(), dim=2)[:, :, None], mask)
        near = functional.cosine_similarity(mean.float() - middle, their_mean.float() - middle)
        said, moved, apart = said_loss(ours, theirs), 1 - near.mean(), far.mean()
        known = [row for row, i in enumerate(batch) if i < labelled]
        chosen = [batch[row] for row in known]
        right = (
            learning.loss_of(
                ours[known],
                examples.columns[chosen].to(DEVICE),
                examples.tasks[chosen].to(DEVICE),
                examples.weights[chosen].to(DEVICE),
                allowed,
            )
            if known
            else ours.sum() * 0
        )
        whole = TRUTH * right + SAID * said + EMBEDDING * moved + TOKENS * apart
        return whole, {"loss": right.item(), "said": said.item(), "moved": moved.item(), "tokens": apart.item()}

    repeats = [TASKS[task].repeats for task in examples.tasks.tolist()]
    repeats += [1 / arguments.epochs] * (len(encoded) - labelled)
    batches = learning.order_of([len(ids) for ids in encoded], repeats, arguments.epochs)
    learning.learn(student, batches, loss, SCHEDULE, out / "checkpoint.pt")
    learning.save(student, out / "weights.npz")


if __name__ == "__main__":
    main()
