"""Fine-tunes by LoRA: low-rank matrices beside the frozen ones, merged into them at the end.

Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models". The loss is that of the answer's tokens alone.
"""

import random
import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from peft import LoraConfig, get_peft_model
from torch.nn import functional
from transformers import PreTrainedModel, get_cosine_schedule_with_warmup

from exported_models.recipes.telling.weights import Ids

SEED: Final = 7
BATCH: Final = 2
"""Pairs a step, one after the other: on a CPU nothing is gained by padding them to one length."""
RATE: Final = 5e-4
RANK: Final = 16
_PLACES: Final = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def answer_logits(model: Any, pair: Ids) -> torch.Tensor:
    """Return the logits [answer's tokens, vocabulary] that foretell each token of the answer."""
    told = len(pair.ids) - pair.start
    logits: torch.Tensor = model(input_ids=torch.tensor([pair.ids]), logits_to_keep=told + 1).logits
    return logits[0, :-1]


def tune(model: PreTrainedModel, pairs: Sequence[Ids], steps: int) -> tuple[PreTrainedModel, list[float]]:
    """Return the model with what it learnt merged in, and the mean loss of each step."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, lora_dropout=0.05, target_modules=_PLACES, task_type="CAUSAL_LM")
    adapted = get_peft_model(model, config)
    adapted.train()
    learnt = [weight for weight in adapted.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(learnt, lr=RATE, weight_decay=0.0)
    schedule = get_cosine_schedule_with_warmup(optimiser, steps // 10, steps)
    losses: list[float] = []
    order: list[Ids] = []
    began = time.monotonic()
    for step in range(steps):
        total = 0.0
        for _ in range(BATCH):
            if not order:
                order = chance.sample(list(pairs), len(pairs))
            pair = order.pop()
            loss = functional.cross_entropy(answer_logits(adapted, pair), torch.tensor(pair.ids[pair.start :])) / BATCH
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(total)
        if step % 10 == 9:
            print(f"step {step + 1} of {steps}: loss {sum(losses[-10:]) / 10:.3f}, {time.monotonic() - began:.0f} s")
    adapted.eval()
    return adapted.merge_and_unload(), losses


def foretell(model: Any, pair: Ids) -> npt.NDArray[np.float32]:
    """Return the logits [answer's tokens, vocabulary] of a model that learns no more."""
    with torch.inference_mode():
        found: npt.NDArray[np.float32] = answer_logits(model, pair).numpy()
    return found
