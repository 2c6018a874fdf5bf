"""The encoder in torch, for training only: an ordinary BERT, post-norm, mean pooling, with a sentiment head."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from exported_models.recipes.corpus import LABELS
from exported_models.recipes.source import Source


class Layer(nn.Module):
    """Self-attention and feed-forward, each followed by its sum with the input and a layer norm."""

    def __init__(self, hidden: int, heads: int, feed_forward: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.norm1 = nn.LayerNorm(hidden, eps=epsilon)
        self.up = nn.Linear(hidden, feed_forward)
        self.down = nn.Linear(feed_forward, hidden)
        self.norm2 = nn.LayerNorm(hidden, eps=epsilon)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map [batch, length, hidden] to the same; `mask` is added to the attention's scores."""
        batch, length, hidden = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attn_mask=mask)
        x = self.norm1(x + self.dropout(self.out(attended.transpose(1, 2).reshape(batch, length, hidden))))
        y: Tensor = self.norm2(x + self.dropout(self.down(functional.gelu(self.up(x)))))
        return y


class Encoder(nn.Module):
    """Token ids [batch, length] and their mask in, embedding [batch, hidden] and logits [batch, labels] out."""

    def __init__(self, source: Source, rows: npt.NDArray[np.int64], layers: list[int], positions: int) -> None:
        super().__init__()
        t = source.tensors
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(t["emb.word"][rows]), freeze=True)
        self.positions = nn.Parameter(torch.from_numpy(t["emb.pos"][:positions] + t["emb.type"][0]))
        self.norm = nn.LayerNorm(source.hidden, eps=source.epsilon)
        sizes = source.hidden, source.heads, source.feed_forward, source.epsilon
        self.layers = nn.ModuleList(Layer(*sizes) for _ in layers)
        self.head = nn.Linear(source.hidden, len(LABELS))
        self.head_dropout = nn.Dropout(0.1)
        _copy(self.norm, t, "emb.ln")
        for layer, number in zip(self.layers, layers, strict=True):
            for target, names in (("qkv", "qkv"), ("out", ("ao",)), ("up", ("fi",)), ("down", ("fo",))):
                for kind, end in (("weight", "w"), ("bias", "b")):
                    stacked = np.concatenate([t[f"l{number}.{name}.{end}"] for name in names])
                    getattr(getattr(layer, target), kind).data = torch.from_numpy(stacked)
            _copy(layer.norm1, t, f"l{number}.aln")
            _copy(layer.norm2, t, f"l{number}.oln")

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return (mean over the tokens, not normalised; logits)."""
        x = self.norm(self.words(ids) + self.positions[: ids.shape[1]])
        added = torch.zeros(mask.shape, dtype=x.dtype).masked_fill(mask == 0, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, added)
        weights = mask.to(x.dtype)[:, :, None]
        pooled = (x * weights).sum(1) / weights.sum(1)
        return pooled, self.head(self.head_dropout(pooled))


def _copy(norm: nn.Module, tensors: dict[str, npt.NDArray[np.float32]], name: str) -> None:
    norm.weight.data = torch.from_numpy(tensors[f"{name}.w"].copy())
    norm.bias.data = torch.from_numpy(tensors[f"{name}.b"].copy())


def batches(
    encoded: list[list[int]], order: list[int], size: int, pad: int
) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """Yield (positions in `encoded`, ids, mask) of `size` texts at a time, padded to the longest."""
    for begin in range(0, len(order), size):
        chosen = order[begin : begin + size]
        width = max(len(encoded[i]) for i in chosen)
        ids = torch.full((len(chosen), width), pad)
        for row, i in enumerate(chosen):
            ids[row, : len(encoded[i])] = torch.tensor(encoded[i])
        yield chosen, ids, (ids != pad).long()


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Return the ids of each text, as the scorer makes them."""
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


@torch.inference_mode()
def pooled_of(model: Encoder, encoded: list[list[int]], pad: int, size: int = 64) -> npt.NDArray[np.float32]:
    """Return the pooled vectors [texts, hidden], not normalised, computed in bf16 by length."""
    model.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    out = np.empty((len(encoded), model.words.embedding_dim), np.float32)
    with torch.autocast("cpu", torch.bfloat16):
        for chosen, ids, mask in batches(encoded, order, size, pad):
            out[chosen] = model(ids, mask)[0].float().numpy()
    return out
