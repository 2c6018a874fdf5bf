"""The encoder in torch, for training only: an ordinary BERT, post-norm, mean pooling, one linear map for all heads."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from exported_models.recipes.source import Source
from exported_models.recipes.tasks import COLUMNS

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
PAD = 1


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
        # Written out: with heads of 32 and short posts torch's fused attention is a fifth slower on a CPU.
        scores = (qkv[0] * (hidden // self.heads) ** -0.5) @ qkv[1].transpose(2, 3) + mask.to(qkv.dtype)
        attended = torch.softmax(scores, -1).to(qkv.dtype) @ qkv[2]
        x = self.norm1(x + self.dropout(self.out(attended.transpose(1, 2).reshape(batch, length, hidden))))
        y: Tensor = self.norm2(x + self.dropout(self.down(functional.gelu(self.up(x)))))
        return y


class Encoder(nn.Module):
    """Token ids [batch, length] and their mask in, pooled vector [batch, hidden] and logits [batch, columns] out."""

    def __init__(self, source: Source, rows: npt.NDArray[np.int64], layers: list[int], positions: int) -> None:
        super().__init__()
        t = source.tensors
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(t["emb.word"][rows]), freeze=True)
        self.positions = nn.Parameter(
            torch.from_numpy(t["emb.pos"][:positions] + t["emb.type"][0]), requires_grad=False
        )
        self.norm = nn.LayerNorm(source.hidden, eps=source.epsilon)
        sizes = source.hidden, source.heads, source.feed_forward, source.epsilon
        self.layers = nn.ModuleList(Layer(*sizes) for _ in layers)
        self.heads = nn.Linear(source.hidden, len(COLUMNS))
        self.heads_dropout = nn.Dropout(0.1)
        _copy(self.norm, t, "emb.ln")
        for layer, number in zip(self.layers, layers, strict=True):
            for target, name in (("qkv", "qkv"), ("out", ("ao",)), ("up", ("fi",)), ("down", ("fo",))):
                for kind, end in (("weight", "w"), ("bias", "b")):
                    stacked = np.concatenate([t[f"l{number}.{part}.{end}"] for part in name])
                    getattr(getattr(layer, target), kind).data = torch.from_numpy(stacked)
            _copy(layer.norm1, t, f"l{number}.aln")
            _copy(layer.norm2, t, f"l{number}.oln")

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return (mean over the tokens, not normalised; the logits of all heads side by side)."""
        pooled = mean_of(self.tokens(ids, mask), mask)
        return pooled, self.heads(self.heads_dropout(pooled))

    def tokens(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the last layer's vector of each token [batch, length, hidden]."""
        x = self.norm(self.words(ids) + self.positions[: ids.shape[1]])
        added = torch.zeros(mask.shape, dtype=x.dtype, device=x.device).masked_fill(mask == 0, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, added)
        return x

    def freeze(self, layers: int) -> None:
        """Keep the words, the positions and the lowest `layers` as they are: no gradient, no dropout."""
        self.train()
        for part in (self.words, self.norm, *self.layers[:layers]):
            part.requires_grad_(False).eval()


def mean_of(x: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of [batch, length, hidden] over the tokens that are there."""
    weights = mask.to(x.dtype)[:, :, None]
    return (x * weights).sum(1) / weights.sum(1)


def _copy(norm: nn.Module, tensors: dict[str, npt.NDArray[np.float32]], name: str) -> None:
    norm.weight.data = torch.from_numpy(tensors[f"{name}.w"].copy())
    norm.bias.data = torch.from_numpy(tensors[f"{name}.b"].copy())


def padded(encoded: list[list[int]], chosen: list[int]) -> tuple[Tensor, Tensor]:
    """Return (ids, mask) of the chosen texts, padded to the longest."""
    width = max(len(encoded[i]) for i in chosen)
    ids = torch.full((len(chosen), width), PAD)
    for row, i in enumerate(chosen):
        ids[row, : len(encoded[i])] = torch.tensor(encoded[i])
    return ids.to(DEVICE), (ids != PAD).long().to(DEVICE)


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Return the ids of each text, as the scorer makes them."""
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def by_length(encoded: list[list[int]], size: int) -> Iterator[list[int]]:
    """Yield positions in `encoded`, `size` texts of like length at a time."""
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]


@torch.inference_mode()
def outputs_of(
    model: Encoder, encoded: list[list[int]], size: int = 64
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return (pooled vectors [texts, hidden], logits [texts, columns]), computed in bf16."""
    model.eval()
    pooled = np.empty((len(encoded), model.words.embedding_dim), np.float32)
    logits = np.empty((len(encoded), len(COLUMNS)), np.float32)
    with torch.autocast(DEVICE, torch.bfloat16):
        for chosen in by_length(encoded, size):
            found = model(*padded(encoded, chosen))
            pooled[chosen], logits[chosen] = found[0].float().cpu().numpy(), found[1].float().cpu().numpy()
    return pooled, logits
