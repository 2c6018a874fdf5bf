"""Step 6: what a model's graphs are worth, on texts that no training step saw. Writes `figures.json`.

python -m exported_models.recipes.measure --data ../shared/data --out build --model standard
"""

import json
import random
import time

import msgspec
import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from exported_models.recipes import corpus
from exported_models.recipes.export import SHIPPED, THREADS, arguments_of, heads_of, name_of
from exported_models.recipes.sessions import OUTPUTS, Floats, Found, open_session, run, run_one
from exported_models.recipes.tasks import TASKS, head_of
from exported_models.recipes.vocabulary import MAX_TOKENS
from streams.scoring.figures import Judged, judge, neighbours_kept
from streams.scoring.heads import Head

_HALF_TEXTS = 400
"""On a CPU the fp16 graph runs through casts, so it is compared on fewer texts."""
_EXACT_TEXTS = 1000
"""At most so many texts of a task run through the fp32 graph, which is slow."""
_NEIGHBOURS = 2500
_STRANGERS = 200


def labels_given(head: Head, probabilities: Floats) -> Floats:
    """Return the label of each text: the number of the largest, or whether the only one is likely."""
    given: Floats = probabilities.argmax(axis=1) if head.kind == "softmax" else probabilities[:, 0] > 0.5
    return given


def agreement(first: Found, second: Found, head: Head) -> float:
    """Return to which share of the texts two models give the same label."""
    return float((labels_given(head, first[head.name]) == labels_given(head, second[head.name])).mean())


def cosine(first: Found, second: Found) -> float:
    """Return the mean cosine of two models' embeddings."""
    return float((first["embedding"] * second["embedding"]).sum(axis=1).mean())


def neighbour_dependence(session: ort.InferenceSession, encoded: list[list[int]]) -> float:
    """Return the largest change of a probability when a text runs alone, or beside strangers under long padding."""
    chosen = [encoded[i] for i in random.Random(1).sample(range(len(encoded)), _STRANGERS)]
    alone = [run_one(session, [ids]) for ids in chosen]
    mixed = [run_one(session, chosen[at : at + 8], width=MAX_TOKENS) for at in range(0, _STRANGERS, 8)]
    changes = [
        np.abs(np.concatenate([part[name] for part in alone]) - np.concatenate([part[name] for part in mixed])).max()
        for name in OUTPUTS[1:]
    ]
    return float(max(changes))


def explained_error(session: ort.InferenceSession, encoded: list[list[int]], heads: list[Head]) -> float:
    """Return the largest distance between a probability and what its tokens' contributions and the bias sum up to."""
    names = tuple(name for head in heads for name in (head.probabilities, f"{head.name}_tokens"))
    found = run_one(session, encoded, names)
    return max(
        float(
            np.abs(
                head.squashed(found[f"{head.name}_tokens"].sum(axis=1) + np.array(head.bias)) - found[head.name]
            ).max()
        )
        for head in heads
    )


def main() -> None:
    """Measure and write."""
    arguments = arguments_of("Measure a model on the held-out texts.")
    folder = arguments.out / arguments.model
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    exact, whole = (open_session(folder / f"{name}.onnx", THREADS) for name in ("fp32", "int8"))
    judged: list[Judged] = []
    exactly: dict[str, list[float]] = {}
    agreements: dict[str, float] = {}
    cosines: list[float] = []
    seconds, count = 0.0, 0
    for task in TASKS:
        part, head = corpus.held_out(arguments.data, task), head_of(task.head)
        encoded = [encoding.ids for encoding in tokenizer.encode_batch(part.texts)]
        began = time.perf_counter()
        found = run(whole, encoded)
        seconds, count = seconds + time.perf_counter() - began, count + len(encoded)
        few = min(len(encoded), _EXACT_TEXTS)
        first = run(exact, encoded[:few])
        found_few = {name: values[:few] for name, values in found.items()}
        truth = [name_of(head, label) for label in part.labels]
        judged.append(judge(task.name, head, found[task.head], truth))
        exactly[task.name] = [
            round(judge(task.name, head, some[task.head], truth[:few]).value, 4) for some in (first, found_few)
        ]
        agreements[task.name] = round(agreement(found_few, first, head), 4)
        cosines.append(cosine(found_few, first))
        one = judged[-1]
        print(
            f"{one.task}: {one.figure} {one.value:.4f} ({one.low:.4f}-{one.high:.4f}), fp32 {exactly[task.name]}",
            flush=True,
        )
    texts = [text for task in TASKS[:2] for text in corpus.held_out(arguments.data, task).texts]
    texts = random.Random(2).sample(texts, min(_NEIGHBOURS, len(texts)))
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    other: dict[str, float] = {
        "int8_cosine": round(float(np.mean(cosines)), 4),
        "neighbour_dependence": round(neighbour_dependence(whole, encoded), 7),
        "explained_error": explained_error(whole, encoded[:32], heads_of(folder)),
        "posts_per_second": round(count / seconds, 1),
    }
    if arguments.model != "standard":
        teacher = open_session(arguments.out / "standard" / "int8.onnx", THREADS)
        ours, theirs = run(whole, encoded)["embedding"], run(teacher, encoded)["embedding"]
        other["standard_neighbours_kept"] = round(neighbours_kept(ours, theirs), 4)
    if "fp16" in SHIPPED[arguments.model]:
        half = run(open_session(folder / "fp16.onnx", THREADS), encoded[:_HALF_TEXTS])
        first = run(exact, encoded[:_HALF_TEXTS])
        other["fp16_agreement"] = round(min(agreement(half, first, head_of(task.head)) for task in TASKS), 4)
        other["fp16_cosine"] = round(cosine(half, first), 4)
    result = {
        "judged": msgspec.to_builtins(judged),
        "fp32": exactly,
        "agreement": agreements,
        "other": other,
    }
    (folder / "figures.json").write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps({"agreement": agreements, "other": other}, indent=2))


if __name__ == "__main__":
    main()
