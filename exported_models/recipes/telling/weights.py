"""Reads a small instruct model, from a Hugging Face folder or a GGUF file, and says where it came from."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from exported_models.recipes.telling.pairs import Pair


class Ids(NamedTuple):
    """A pair as tokens: prompt and answer, and where the answer begins."""

    ids: list[int]
    start: int


def read(weights: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Return model and tokenizer in fp32; a quantised GGUF file is spread out."""
    where, more = (weights, {}) if weights.is_dir() else (weights.parent, {"gguf_file": weights.name})
    if not weights.exists():
        raise SystemExit(f"{weights} is neither a folder nor a GGUF file")
    tokenizer = AutoTokenizer.from_pretrained(where, **more)
    if not tokenizer.chat_template:
        raise SystemExit(f"{weights} has no chat template: it is no instruct model")
    model = AutoModelForCausalLM.from_pretrained(where, dtype=torch.float32, **more)
    # Of a GGUF file the name of its quantisation stays behind, and would be saved as if it still were so.
    for name in ("quantization_config", "_name_or_path"):
        model.config.__dict__.pop(name, None)
    model.hf_quantizer, model.is_quantized = None, False
    return model, tokenizer


def save(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write a Hugging Face folder, its tokenizer as onnxruntime-genai reads one."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    rules, config = folder / "tokenizer.json", folder / "tokenizer_config.json"
    found = json.loads(rules.read_text("utf-8"))
    if (found.get("pre_tokenizer") or {}).get("type") == "ByteLevel":
        # Out of a GGUF file bytes come with SentencePiece's rules for spaces beside their own, and under a class that
        # onnxruntime-genai does not know: it then reads every prompt as other tokens than those that were learnt.
        found |= {"normalizer": None, "post_processor": None, "decoder": found["pre_tokenizer"]}
        rules.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
        named = {**json.loads(config.read_text("utf-8")), "tokenizer_class": "GPT2Tokenizer"}
        config.write_text(json.dumps(named, ensure_ascii=False, indent=2), "utf-8")


def provenance(weights: Path) -> dict[str, str]:
    """Return the name and the SHA-256 of each file of weights."""
    files = [weights] if weights.is_file() else sorted(weights.glob("*.safetensors"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def ids_of(tokenizer: Any, pair: Pair, longest: int) -> Ids | None:
    """Return a pair as tokens, None where they are more than `longest`."""
    prompt = tokenizer.apply_chat_template(pair.messages, add_generation_prompt=True, tokenize=False)
    # How an answer ends is the template's affair: what a tokenizer names as its end need not be that.
    answered = [*pair.messages, {"role": "assistant", "content": pair.answer}]
    whole = tokenizer.apply_chat_template(answered, tokenize=False).rstrip()
    if not whole.startswith(prompt):
        raise SystemExit("the chat template does not end a prompt where an answer begins")
    start = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    ids = start + tokenizer(whole[len(prompt) :], add_special_tokens=False)["input_ids"]
    return Ids(ids, len(start)) if len(ids) <= longest else None
