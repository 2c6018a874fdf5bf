"""Writes the card and the manifest of a model that tells: every figure is the run's own."""

import json
from pathlib import Path
from typing import Any, Final

_TEMPLATE: Final = Path(__file__).with_name("card.md")


def card_of(found: dict[str, Any]) -> str:
    """Return the card; `found` is what `run.py` wrote down."""
    rows = "\n".join(
        f"| {one['tuned']} | {one['precision']} | {one['megabytes']:.0f} | {one['perplexity']:.2f} "
        f"| {one['torch_perplexity']:.2f} | {one['same_token']:.1%} | {one['largest_difference']:.2g} "
        f"| {one['sentences_kept']:.1%} | {one['pieces_that_stand']:.1%} | {one['tokens_per_second']:.0f} |"
        for one in found["graphs"]
    )
    return _TEMPLATE.read_text("utf-8").format(
        name=found["name"],
        weights="; ".join(f"`{name}`, SHA-256 {digest}" for name, digest in found["weights"].items()),
        licence=found["licence"],
        streams=", ".join(found["streams"]),
        seed=found["seed"],
        rows=rows,
        **found["counts"],
    )


def write(found: dict[str, Any], folder: Path) -> None:
    """Write `manifest.json` and `README.md` into a folder."""
    (folder / "manifest.json").write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    (folder / "README.md").write_text(card_of(found), "utf-8")
