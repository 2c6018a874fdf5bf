"""Step 5: compares ways to quantise on held-out texts. Writes `quantisation.json`.

    python -m exported_models.recipes.compare --data ../shared/data --out build --model standard

A post's score must not depend on its neighbours in the batch, so what is shipped is not simply the fastest.
"""

import argparse
import json
import random
import time
from pathlib import Path

from tokenizers import Tokenizer

from exported_models.recipes import corpus
from exported_models.recipes.export import SHIPPED, weights_of
from exported_models.recipes.graph import PRECISIONS, Floats, build, folded
from exported_models.recipes.measure import agreement, cosine, neighbour_dependence
from exported_models.recipes.sessions import Found, open_session, run, run_one
from exported_models.recipes.tasks import HEADS, TASKS

_TEXTS = 600
_SAMPLED = 64
"""Texts on which magnitudes are measured for static quantisation."""


def magnitudes_of(weights: dict[str, Floats], encoded: list[list[int]]) -> dict[str, float]:
    """Return the largest magnitude that each matrix meets on sample texts, by the matrix' name."""
    names: dict[str, str] = {}
    session = open_session(build(weights, PRECISIONS["fp32"], taps=names).SerializeToString())
    largest = dict.fromkeys(names, 0.0)
    for at in range(0, len(encoded), 8):
        found = run_one(session, encoded[at : at + 8], tuple(dict.fromkeys(names.values())))
        for matrix, name in names.items():
            largest[matrix] = max(largest[matrix], float(abs(found[name]).max()))
    return largest


def main() -> None:
    """Compare and write."""
    parser = argparse.ArgumentParser(description="Compare ways to quantise.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", choices=tuple(SHIPPED), required=True)
    arguments = parser.parse_args()
    folder = arguments.out / arguments.model
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    fitted = json.loads((folder / "temperatures.json").read_text("utf-8"))
    weights = folded(weights_of(folder), fitted["temperatures"])
    shuffler = random.Random(5)
    texts = [text for task in TASKS for text in shuffler.sample(corpus.held_out(arguments.data, task).texts, 90)]
    sampled = [text for task in TASKS for text in shuffler.sample(corpus.training(arguments.data, task).texts, 10)]
    encoded, seen = (
        [encoding.ids for encoding in tokenizer.encode_batch(part)] for part in (texts[:_TEXTS], sampled[:_SAMPLED])
    )
    magnitudes = magnitudes_of(weights, seen)
    exact: Found = {}
    rows = {}
    for name in ("fp32", *(name for name in PRECISIONS if name.startswith("int8"))):
        data = build(weights, PRECISIONS[name], magnitudes).SerializeToString()
        session = open_session(data)
        run(session, encoded[:50])
        began = time.perf_counter()
        found = run(session, encoded)
        seconds = time.perf_counter() - began
        exact = exact or found
        rows[name] = {
            "texts": len(encoded),
            "megabytes": round(len(data) / 1e6, 1),
            "posts_per_second": round(len(encoded) / seconds, 1),
            "agreement": round(min(agreement(found, exact, head) for head in HEADS), 4),
            "cosine": round(cosine(found, exact), 4),
            "neighbour_dependence": round(neighbour_dependence(session, encoded), 6),
        }
        print(name, rows[name], flush=True)
    (folder / "quantisation.json").write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
