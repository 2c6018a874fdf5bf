"""Grafana dashboards as code: what operators look at, panel by panel. Written to deploy/grafana/dashboards."""

from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.generate.dashboards.models import models
from deploy.generate.dashboards.operations import operations
from deploy.generate.dashboards.subscribers import subscribers
from deploy.generate.dashboards.trends import trends

FOLDER: Final = Path(__file__).resolve().parents[2] / "grafana" / "dashboards"


def dashboards() -> dict[str, Dashboard]:
    """Return every dashboard by the name of its file."""
    return {"operations": operations(), "trends": trends(), "models": models(), "subscribers": subscribers()}


def dashboard_text(dashboard: Dashboard) -> str:
    """Return a dashboard as Grafana reads it."""
    return JSONEncoder(sort_keys=True, indent=2).encode(dashboard.build()) + "\n"


def write() -> None:
    """Write every dashboard."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, dashboard in dashboards().items():
        (FOLDER / f"{name}.json").write_text(dashboard_text(dashboard), "utf-8")
