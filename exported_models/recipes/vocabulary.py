"""Step 1: keeps the pieces that posts in Latin and Chinese scripts need, and writes the tokenizer.

    python -m exported_models.recipes.vocabulary --data ../shared/data --out build

A kept piece has a vector in the model; the others fall apart into smaller kept pieces or, where a character itself is
gone (a script that was not kept), into `<unk>`. Writes `tokenizer.json`, `rows.npy` (row of the source by new id) and
`vocabulary.json` (what that costs, for the card).
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import regex  # type: ignore[import-untyped]
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from exported_models.recipes.corpus import all_texts
from exported_models.recipes.scripts import costs_of
from exported_models.recipes.source import Source, package_file, read_source

MAX_PIECES = 60_000
MAX_TOKENS = 128
_PREFIX = ("▁que", "ry", ":")
"""E5 expects "query: " before texts that are compared or classified; these pieces say it; the tokenizer adds them."""

_KEPT = regex.compile(
    r"[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\p{Script=Inherited}]+"
)
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def tokenizer_of(pieces: list[tuple[str, float]]) -> Tokenizer:
    """Return the tokenizer of XLM-RoBERTa over `pieces`, the special ones first; it adds bos, the prefix and eos."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=_SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    prefix = list(_PREFIX)
    ids = {piece: number for number, (piece, _) in enumerate(pieces)}
    tokenizer.add_special_tokens(list(_SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> <prefix> $A </s>",
        special_tokens=[
            ("<s>", ids["<s>"]),
            {"id": "<prefix>", "ids": [ids[piece] for piece in prefix], "tokens": prefix},
            ("</s>", ids["</s>"]),
        ],
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def keep(source: Source, used: Counter[int]) -> list[int]:
    """Return the source's rows to keep: special ones, then characters, what posts use, and likely pieces."""
    allowed = [i for i, piece in enumerate(source.pieces) if _KEPT.fullmatch(piece)]
    special = [source.pieces.index(piece) for piece in _SPECIAL]
    chosen = dict.fromkeys([*special, *(source.pieces.index(piece) for piece in (*_PREFIX, "▁"))])
    chosen.update(dict.fromkeys(i for i in allowed if len(source.pieces[i].strip("▁")) <= 1))
    chosen.update(dict.fromkeys(i for i, _ in used.most_common() if _KEPT.fullmatch(source.pieces[i])))
    chosen.update(dict.fromkeys(sorted(allowed, key=lambda i: -source.scores[i])))
    kept = list(chosen)[:MAX_PIECES]
    return special + sorted(set(kept) - set(special))


def main() -> None:
    """Count, choose, write."""
    parser = argparse.ArgumentParser(description="Prune the vocabulary and write the tokenizer.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    source = read_source(package_file())
    full = tokenizer_of(list(zip(source.pieces, source.scores, strict=True)))
    used, unknown, total = Counter[int](), 0, 0
    batch: list[str] = []

    def count() -> None:
        for encoding in full.encode_batch(batch, add_special_tokens=False):
            used.update(encoding.ids)
        batch.clear()

    for text in all_texts(arguments.data):
        batch.append(text)
        if len(batch) == 4096:
            count()
    count()
    rows = keep(source, used)
    kept = set(rows)
    unknown = sum(times for i, times in used.items() if i not in kept)
    total = sum(used.values())
    pruned = tokenizer_of([(source.pieces[i], source.scores[i]) for i in rows])
    costs = {language: cost._asdict() for language, cost in costs_of(full, pruned).items()}
    cost = {"pieces": len(source.pieces), "kept": len(rows), "tokens": total, "missing": unknown / total}
    text = json.dumps(cost | {"languages": costs}, ensure_ascii=False, indent=2)
    (arguments.out / "vocabulary.json").write_text(text + "\n", "utf-8")
    pruned.save(str(arguments.out / "tokenizer.json"))
    np.save(arguments.out / "rows.npy", np.array(rows, np.int64))
    print(f"{len(used):,} pieces in use, {len(rows):,} kept, {unknown / total:.4%} of {total:,} tokens not among them")


if __name__ == "__main__":
    main()
