"""A language model of one's own, in this process: a folder that onnxruntime-genai reads, made by its model builder.

The same interface as the server's (`openai.py`), the same limits: whoever asks need not know which it is.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from agents.adapters.generators.openai import MAX_CHARS, Answer, GeneratorError
from agents.errors import SettingsError

CONFIG: Final = "genai_config.json"


class OnnxGenerator:
    """One model, loaded when it is first asked, for one question at a time.

    Args:
        folder: with `genai_config.json`, the model and its tokenizer with a chat template.
        timeout_s: for all of an answer, the loading included.
        max_tokens: of an answer.

    Raises:
        SettingsError: onnxruntime-genai is not installed, or the folder is none of its kind.
    """

    def __init__(self, folder: Path, *, timeout_s: float = 60.0, max_tokens: int = 400) -> None:
        if find_spec("onnxruntime_genai") is None:
            raise SettingsError(
                f"{folder} is to be run by onnxruntime-genai, which is not installed; run: pip install 'redian[genai]'"
            )
        if not (folder / CONFIG).is_file():
            raise SettingsError(f"{folder} has no {CONFIG}: it is no model that onnxruntime-genai reads")
        self.name = f"onnx:{folder.resolve().name}"
        self.max_tokens = max_tokens
        self._folder, self._timeout_s = folder, timeout_s
        self._loaded: tuple[Any, Any, int] | None = None
        self._turn = threading.Lock()

    def generate(self, messages: Sequence[Mapping[str, Any]]) -> Answer:
        """Return the model's answer, the likeliest token each time.

        Raises:
            GeneratorError: in one line, why there is none.
        """
        began = time.monotonic()
        with self._turn:
            try:
                return self._generate(messages, began)
            except GeneratorError:
                raise
            except Exception as error:  # noqa: BLE001 - the library raises what it likes, over several lines
                why = str(error).partition("\n")[0][:200]
                raise GeneratorError(f"the model of {self._folder} fails: {why or type(error).__name__}") from None

    def _generate(self, messages: Sequence[Mapping[str, Any]], began: float) -> Answer:
        import onnxruntime_genai as genai

        if self._loaded is None:
            genai.disable_telemetry_events()
            model = genai.Model(str(self._folder))
            context = int(json.loads((self._folder / CONFIG).read_bytes())["model"]["context_length"])
            self._loaded = model, genai.Tokenizer(model), context
        model, tokenizer, context = self._loaded
        asked = tokenizer.encode(tokenizer.apply_chat_template(json.dumps(messages), add_generation_prompt=True))
        room = min(self.max_tokens, context - len(asked))
        if room < 1:
            raise GeneratorError(f"{len(asked)} tokens are asked, and the model reads {context}")
        params = genai.GeneratorParams(model)
        params.set_search_options(max_length=len(asked) + room, do_sample=False)
        generator = genai.Generator(model, params)
        generator.append_tokens(asked)
        stream, text, told = tokenizer.create_stream(), "", 0
        while not generator.is_done() and len(text) <= MAX_CHARS:
            if time.monotonic() - began > self._timeout_s:
                raise GeneratorError(f"the language model takes longer than {self._timeout_s:g} s")
            generator.generate_next_token()
            text += stream.decode(generator.get_next_tokens()[0])
            told += 1
        if not text.strip():
            raise GeneratorError("the language model's answer is empty")
        return Answer(text[:MAX_CHARS], time.monotonic() - began, len(asked), told)
