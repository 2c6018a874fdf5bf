"""docs/metrics.md: every metric of the registry in its section, every recording rule, every alert with its runbook."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prometheus_client.metrics import MetricWrapperBase

from agents.adapters import metrics
from deploy.generate.rules import rules_of, runbook_of

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
_BEGIN: Final = """\
# Metrics and alerts

<!-- Written by `make generated` from agents/adapters/metrics.py and deploy/prometheus/rules.yml. -->

Each worker shows these at `/metrics` of its web address. A histogram has series that end in `_bucket`, `_sum` and
`_count`. Those of the Python process (`process_…`, `python_…`) come with them.
"""


def metrics_page() -> str:
    """Return the page."""
    lines = [_BEGIN]
    for title, found in sections():
        lines += [f"## {title}", "| metric | type | labels | what |", "| --- | --- | --- | --- |"]
        lines += [_row(metric) for metric in found] + [""]
    lines += ["## Labels", "| label | values |", "| --- | --- |"]
    lines += [f"| `{name}` | {about} |" for name, about in sorted(metrics.LABELS.items())]
    lines += [
        "",
        "Prometheus adds `job` and `instance`.",
        "",
        "## Recording rules",
        "| rule | expression |",
        "| --- | --- |",
    ]
    lines += [f"| `{rule['record']}` | `{_code(rule['expr'])}` |" for rule in rules_of("record")]
    lines += ["", "## Alerts", "`page`: somebody should look now. `ticket`: in working hours.", ""]
    lines += ["| alert | when | for | severity |", "| --- | --- | --- | --- |"]
    for rule in rules_of("alert"):
        link = f"[{rule['alert']}](runbooks/{runbook_of(rule['alert'])}.md)"
        lines.append(f"| {link} | `{_code(rule['expr'])}` | {rule.get('for', '')} | {rule['labels']['severity']} |")
    return "\n".join(lines) + "\n"


def sections() -> Iterator[tuple[str, list[MetricWrapperBase]]]:
    """Yield the sections of the registry: the comments at its margin, and the metrics defined under each."""
    by_name = {name: value for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)}
    title, found = "Other", list[MetricWrapperBase]()
    for line in inspect.getsource(metrics).splitlines():
        if line.startswith("# "):
            if found:
                yield title, found
            title, found = line.removeprefix("# ").rstrip("."), []
        elif (name := line.partition(" = ")[0]) in by_name:
            found.append(by_name[name])
    if found:
        yield title, found


def labels_of(metric: MetricWrapperBase) -> tuple[str, ...]:
    """Return the names of a metric's labels."""
    return tuple(metric._labelnames)


def name_of(metric: MetricWrapperBase) -> str:
    """Return the name that a counter, gauge or histogram has on /metrics, a histogram's without its endings."""
    return f"{metric._name}_total" if metric._type == "counter" else metric._name


def _row(metric: MetricWrapperBase) -> str:
    labels = " ".join(f"`{label}`" for label in labels_of(metric))
    return f"| `{name_of(metric)}` | {metric._type} | {labels} | {metric._documentation} |"


def _code(expression: str) -> str:
    return " ".join(expression.split()).replace("|", "\\|")
