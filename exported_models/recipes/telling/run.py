"""Makes a language model that tells briefs: backtest, pairs, LoRA, export, figures, card. One command.

    python -m exported_models.recipes.telling.run --weights MODEL.gguf --licence Apache-2.0 --posts STREAM.jsonl.gz \
        --out build/telling

Steps whose results are in `--out` are skipped; `--out`/int8 is then a folder for `redian generate --onnx`.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from exported_models.recipes.telling import card, judge, tune, weights
from exported_models.recipes.telling.build import PRECISIONS, build, megabytes
from exported_models.recipes.telling.pairs import Pair, pairs_of, split
from streams.content.composing import KINDS
from streams.contracts.outputs import Brief

SHIPPED: Final = "int8"
LONGEST: Final = 288
"""Tokens of a pair; longer ones are left out, which bounds memory and time."""
GRAPHS: Final = (("before", SHIPPED), *(("after", precision) for precision in PRECISIONS))


def briefs_of(posts: list[Path], out: Path) -> list[Brief]:
    """Return the briefs of streams, by `redian backtest`."""
    found: list[Brief] = []
    for stream in posts:
        folder = out / "briefs" / stream.name.partition(".")[0]
        if not (folder / "briefs.jsonl").exists():
            command = [sys.executable, "-m", "agents.cli.main", "--encoder", "off", "backtest", str(stream)]
            if subprocess.run([*command, "--out", str(folder)], check=False).returncode:
                raise SystemExit(f"no briefs of {stream}")
        lines = (folder / "briefs.jsonl").read_bytes().splitlines()
        found += [msgspec.json.decode(line, type=Brief) for line in lines]
    return found


def learn(source: Path, out: Path, briefs: list[Brief], lang: str, steps: int) -> dict[str, int]:
    """Write the Hugging Face folders `before` and `after`, and return how many pairs there were."""
    model, tokenizer = weights.read(source)
    weights.save(model, tokenizer, out / "before")
    learnt, judged = split(briefs, lang)
    pairs = [weights.ids_of(tokenizer, pair, LONGEST) for pair in pairs_of(learnt, KINDS, tune.SEED)]
    usable = [pair for pair in pairs if pair is not None]
    if not usable or not judged:
        raise SystemExit(f"{len(usable)} pairs to learn from and {len(judged)} briefs to judge by are too few")
    began = time.monotonic()
    model, losses = tune.tune(model, usable, steps)
    weights.save(model, tokenizer, out / "after")
    counts = {
        "learnt_briefs": len(learnt), "judged_briefs": len(judged), "pairs": len(usable), "steps": steps,
        "batch": tune.BATCH, "rank": tune.RANK, "minutes": round((time.monotonic() - began) / 60),
    }  # fmt: skip
    (out / "learnt.json").write_text(json.dumps({"counts": counts, "losses": losses}))
    return counts


def judged_pairs(briefs: list[Brief], lang: str, pieces: int) -> list[Pair]:
    """Return the pairs to judge by, spread over the hotspots: every so many of them."""
    pairs = pairs_of(split(briefs, lang)[1], KINDS, tune.SEED)
    return pairs[:: max(1, len(pairs) // pieces)][:pieces]


def main() -> None:
    """Run what is not done yet, and write the card."""
    parser = argparse.ArgumentParser(description="Make a language model that tells briefs.")
    parser.add_argument("--weights", type=Path, required=True, help="a Hugging Face folder or a GGUF file")
    parser.add_argument("--licence", required=True, help="of the weights, for the card")
    parser.add_argument("--posts", type=Path, action="append", required=True, help="a stream for backtest; repeat")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="the briefs to learn from")
    parser.add_argument("--out", type=Path, required=True, help="where everything goes")
    parser.add_argument("--steps", type=int, default=64, help="of learning")
    parser.add_argument("--pieces", type=int, default=24, help="told by each graph to judge it")
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    briefs = briefs_of(arguments.posts, out)
    if not (out / "learnt.json").exists():
        learn(arguments.weights, out, briefs, arguments.lang, arguments.steps)
    counts = json.loads((out / "learnt.json").read_text())["counts"]
    pieces = judged_pairs(briefs, arguments.lang, arguments.pieces)
    graphs = []
    for tuned, precision in GRAPHS:
        folder = out / (precision if tuned == "after" else f"before-{precision}")
        if not (folder / "genai_config.json").exists():
            build(out / tuned, folder, precision)
        model, tokenizer = weights.read(out / tuned)
        ids = [one for pair in pieces if (one := weights.ids_of(tokenizer, pair, LONGEST)) is not None]
        wanted = [tune.foretell(model, pair) for pair in ids]
        given = [*map(judge.onnx_foretelling(folder), ids)]
        graphs.append({
            "tuned": tuned, "precision": precision, "megabytes": megabytes(folder), "answers": len(ids),
            "torch_perplexity": judge.perplexity(wanted, ids), "perplexity": judge.perplexity(given, ids),
            **judge.parity(given, wanted), **judge.told(folder, pieces),
        })  # fmt: skip
        print(json.dumps(graphs[-1], ensure_ascii=False), flush=True)
    found = {
        "name": arguments.weights.stem, "licence": arguments.licence, "weights": weights.provenance(arguments.weights),
        "streams": [stream.name for stream in arguments.posts], "seed": tune.SEED, "shipped": SHIPPED,
        "counts": {**counts, "pieces": len(pieces)}, "graphs": graphs,
    }  # fmt: skip
    card.write(found, out / SHIPPED)
    print(f"{out / SHIPPED / 'README.md'} is the card")


if __name__ == "__main__":
    main()
