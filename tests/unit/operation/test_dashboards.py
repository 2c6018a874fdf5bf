"""Dashboards: current, every query sound, every panel with a title, a unit and words that say what it shows."""

import json
import re
from typing import Any

import promql_parser
import pytest

from deploy.generate.dashboards import FOLDER, OLDEST, dashboard_text, dashboards
from deploy.generate.dashboards.queries import Query, panels_of, queries_of
from tests.unit.operation.known import KNOWN

DASHBOARDS = dashboards()
PANELS = [(name, panel) for name, dashboard in DASHBOARDS.items() for panel in panels_of(dashboard)]
QUERIES = [query for name, dashboard in DASHBOARDS.items() for query in queries_of(name, dashboard)]
UNITS = {"s", "short", "reqps", "percentunit", "bytes"}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_is_current(name: str) -> None:
    assert (FOLDER / f"{name}.json").read_text("utf-8") == dashboard_text(DASHBOARDS[name]), "run: make generated"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_an_older_grafana_can_show_it_and_is_told_from_which_on(name: str) -> None:
    told = json.loads(dashboard_text(DASHBOARDS[name]))
    assert told["schemaVersion"] == 36, "of Grafana 9.0; newer ones migrate it as they load it"
    assert {panel["type"] for panel in told["panels"]} <= {"row", "stat", "timeseries"}, "all three are in 9.0"
    required = {one["id"]: one["version"] for one in told["__requires"]}
    assert required.keys() == {"grafana", "prometheus", *(panel["type"] for panel in told["panels"])} - {"row"}
    assert required["grafana"] == OLDEST == "9.0.0"


def test_no_dashboard_is_left_that_is_gone() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(DASHBOARDS)


@pytest.mark.parametrize(
    ("name", "panel"), PANELS, ids=lambda value: value if isinstance(value, str) else value["title"]
)
def test_a_panel_says_what_it_shows(name: str, panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith("."), "a sentence"
    assert panel["description"].rstrip(".") != panel["title"]
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["datasource"]["uid"] == "${source}"
    assert all(target["legendFormat"] for target in panel["targets"])


def test_no_two_panels_of_a_dashboard_have_one_title() -> None:
    titles = [(name, panel["title"]) for name, panel in PANELS]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.dashboard}: {query.panel}, {query.legend}")
def test_a_query_is_sound_and_asks_for_what_there_is(query: Query) -> None:
    promql_parser.parse(query.expression)
    assert "$" not in query.expression
    names = set(re.findall(r"[a-z_]+:redian_[a-z0-9_:]+|\b(?:redian|process)_[a-z0-9_]+", query.expression))
    assert names
    assert names <= KNOWN


def test_dashboards_show_alerts_and_lead_to_each_other_and_to_the_page() -> None:
    for name, dashboard in DASHBOARDS.items():
        built = dashboard.build()
        assert built.uid == f"redian-{name}"
        assert built.annotations is not None
        assert any("ALERTS" in (found.expr or "") for found in built.annotations.list_val or [])
        assert [link.title for link in built.links or []] == ["Redian", "Live page"]
