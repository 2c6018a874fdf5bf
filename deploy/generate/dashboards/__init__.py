"""Grafana dashboards as code: what operators look at, panel by panel. Written to deploy/grafana/dashboards."""

import json
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.generate.dashboards.models import models
from deploy.generate.dashboards.operations import operations
from deploy.generate.dashboards.sources import sources
from deploy.generate.dashboards.subscribers import subscribers
from deploy.generate.dashboards.trends import trends

FOLDER: Final = Path(__file__).resolve().parents[2] / "grafana" / "dashboards"


def dashboards() -> dict[str, Dashboard]:
    """Return every dashboard by the name of its file."""
    return {
        "operations": operations(),
        "trends": trends(),
        "models": models(),
        "subscribers": subscribers(),
        "sources": sources(),
    }


OLDEST: Final = "9.0.0"
"""The oldest Grafana that shows them: it knows their schema (36), sources by reference, and both kinds of panels."""


def dashboard_text(dashboard: Dashboard) -> str:
    """Return a dashboard as Grafana reads it, with what it requires in the form of Grafana's own exports."""
    content = json.loads(JSONEncoder().encode(dashboard.build()))
    panels = sorted({panel["type"] for panel in content["panels"]} - {"row"})
    content["__requires"] = [
        {"type": "grafana", "id": "grafana", "name": "Grafana", "version": OLDEST},
        {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
        *({"type": "panel", "id": panel, "name": panel, "version": ""} for panel in panels),
    ]
    return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """Write every dashboard."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, dashboard in dashboards().items():
        (FOLDER / f"{name}.json").write_text(dashboard_text(dashboard), "utf-8")
