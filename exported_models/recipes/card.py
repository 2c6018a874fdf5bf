"""Writes the card of a model, its `README.md`: every figure comes from the files that the steps before wrote."""

import json
from pathlib import Path
from typing import Any, Final

_ABOUT: Final = {
    "standard": "The accurate one on a CPU: 12 layers, int8.",
    "standard-fp16": (
        "The accurate one for a GPU: 12 layers, fp16, with sums, norms and heads in fp32. On a CPU it is slow."
    ),
    "small": "The default on a CPU: {layers} layers, int8, taught by `standard`.",
}
_COLUMNS: Final = ("megabytes", "posts_per_second", "agreement", "cosine", "neighbour_dependence")
_TEMPLATE: Final = Path(__file__).with_name("card.md")


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
            one["task"], one["figure"], f"{one['texts']:,}", f"{one['value']:.3f}",
            f"{one['low']:.3f}-{one['high']:.3f}",
            "{:.3f} / {:.3f}".format(*found["fp32"][one["task"]]), f"{found['agreement'][one['task']]:.3f}",
            f"{fitted['calibration_errors'][one['task']]:.3f}",
        )
        for one in found["judged"]
    ]  # fmt: skip
    return _TEMPLATE.read_text("utf-8").format(
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
            _row(
                kind,
                one["megabytes"],
                one["posts_per_second"],
                one["agreement"],
                one["cosine"],
                one["neighbour_dependence"],
            )
            for kind, one in quantised.items()
        ),
        languages="\n".join(
            _row(language, one["before"], one["after"], f"{one['unknown']:.0%}")
            for language, one in vocabulary["languages"].items()
        ),
    )


def _other(other: dict[str, float]) -> str:
    said = [
        f"int8 and fp32 embeddings have a cosine of {other['int8_cosine']} on average. Contributions of the tokens sum "
        f"up to the logits: the largest difference of a probability is {other['explained_error']:.0e}."
    ]
    if "standard_neighbours_kept" in other:
        said.append(
            f"Of a post's ten nearest in `standard`'s embedding {other['standard_neighbours_kept']:.0%} are among its "
            "ten nearest here."
        )
    if "fp16_agreement" in other:
        said.append(
            f"fp16 and fp32 give the same label to {other['fp16_agreement']:.1%} of 400 posts or more under each head."
        )
    return " ".join(said)
