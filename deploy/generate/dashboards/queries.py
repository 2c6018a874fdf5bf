"""The queries of a dashboard as Prometheus gets them: what Grafana puts in place of its variables, put in place."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

VARIABLES = {"$instance": ".+", "$name": ".+", "$__rate_interval": "1m"}
JOBS = {"sources": "sources"}
"""By dashboard, of which job it shows series; any other shows those of job "redian"."""


class Query(NamedTuple):
    """One query: its dashboard, its panel, its legend, and the expression without variables."""

    dashboard: str
    panel: str
    legend: str
    expression: str


def panels_of(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    """Yield the panels of a dashboard as Grafana reads them, rows left out."""
    for panel in json.loads(JSONEncoder().encode(dashboard.build()))["panels"]:
        if panel["type"] != "row":
            yield panel


def queries_of(name: str, dashboard: Dashboard) -> Iterator[Query]:
    """Yield every query of a dashboard."""
    for panel in panels_of(dashboard):
        for target in panel["targets"]:
            expression = target["expr"].replace("$job", JOBS.get(name, "redian"))
            for variable, value in VARIABLES.items():
                expression = expression.replace(variable, value)
            yield Query(name, panel["title"], target["legendFormat"], expression)
