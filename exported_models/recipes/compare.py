"""Step 5: compares ways to quantise on held-out texts. Writes `quantisation.json`.

    python -m exported_models.recipes.compare --data ../shared/data --out build --model standard

A post's score must not depend on its neighbours in the batch, so what is shipped is not simply the fastest.
"""

import json
import random
import time

from tokenizers import Tokenizer

from exported_models.recipes import corpus
from exported_models.recipes.export import arguments_of, magnitudes_of, weights_of
from exported_models.recipes.graph import PRECISIONS, build, folded
from exported_models.recipes.measure import agreement, cosine, neighbour_dependence
from exported_models.recipes.sessions import Found, open_session, run
from exported_models.recipes.tasks import HEADS, TASKS

_EACH = 45
"""Texts of a task."""


def main() -> None:
    """Compare and write."""
    arguments = arguments_of("Compare ways to quantise.")
    folder = arguments.out / arguments.model
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    fitted = json.loads((folder / "temperatures.json").read_text("utf-8"))
    weights = folded(weights_of(folder), fitted["temperatures"])
    shuffler = random.Random(5)
    texts = [text for task in TASKS for text in shuffler.sample(corpus.held_out(arguments.data, task).texts, _EACH)]
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    magnitudes = magnitudes_of(arguments.data, tokenizer, weights)
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
