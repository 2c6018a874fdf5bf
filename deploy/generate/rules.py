"""The rules of Prometheus as this folder keeps them, read for pages and tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

RULES: Final = Path(__file__).resolve().parent.parent / "prometheus" / "rules.yml"


def rules_of(kind: str) -> Iterator[dict[str, Any]]:
    """Yield the rules of one kind, "record" or "alert", in their order."""
    for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"]:
        yield from (rule for rule in group["rules"] if kind in rule)


def runbook_of(alert: str) -> str:
    """Return the name of an alert's page in docs/runbooks: RedianLagGrowing is told in lag-growing.md."""
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in alert.removeprefix("Redian"))
    return words.removeprefix("-")
