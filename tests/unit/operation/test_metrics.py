"""Metrics and rules: named as Prometheus asks, told in docs/metrics.md, each alert with a runbook and a test."""

import re
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from agents.adapters import metrics
from deploy.generate.metrics_page import PAGE, labels_of, metrics_page, name_of, sections
from deploy.generate.rules import RULES, rules_of, runbook_of
from tests.unit.operation.known import KNOWN, METRICS

ALERTS = list(rules_of("alert"))
RUNBOOKS = PAGE.parent / "runbooks"
UNITS = ("seconds", "bytes", "messages", "posts", "total", "info")


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == metrics_page(), "run: make generated"


def test_every_metric_is_in_a_section() -> None:
    told = [metric for title, found in sections() if title != "Other" for metric in found]
    assert {name_of(metric) for metric in told} == {name_of(metric) for metric in METRICS}


@pytest.mark.parametrize("metric", METRICS, ids=name_of)
def test_a_metric_is_named_and_told_as_prometheus_asks(metric: MetricWrapperBase) -> None:
    name = name_of(metric)
    assert re.fullmatch(r"redian_[a-z0-9]+(_[a-z0-9]+)*", name)
    assert metric._documentation.endswith("."), "a sentence"
    if metric._type == "histogram":
        assert name.endswith(UNITS), "a histogram says its unit"
    assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|percent)(_|$)", name), "base units"
    assert set(labels_of(metric)) <= metrics.LABELS.keys(), "tell the label in agents/adapters/metrics.py, LABELS"


def test_no_label_is_told_that_no_metric_has() -> None:
    used = {label for metric in METRICS for label in labels_of(metric)}
    assert metrics.LABELS.keys() == used


@pytest.mark.parametrize("rule", [*rules_of("record"), *ALERTS], ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_series_that_exist(rule: dict[str, str]) -> None:
    promql_parser.parse(rule["expr"])
    names = set(re.findall(r"[a-z_]+:redian_[a-z0-9_:]+|\bredian_[a-z0-9_]+", rule["expr"]))
    assert names <= KNOWN


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    runbook = runbook_of(str(rule["alert"]))
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == "{{ $externalLabels.docs }}/runbooks/" + runbook + "/"
    text = (RUNBOOKS / f"{runbook}.md").read_text("utf-8")
    assert text.startswith(f"# {rule['alert']}\n")
    assert re.findall(r"^## (.+)$", text, re.M)[:2] == ["Look", "Do"]


def test_every_runbook_belongs_to_an_alert_and_every_alert_to_a_case() -> None:
    assert {page.stem for page in RUNBOOKS.glob("*.md")} == {runbook_of(rule["alert"]) for rule in ALERTS}
    cases = yaml.safe_load(Path(RULES.with_name("rules.test.yml")).read_text("utf-8"))["tests"]
    fired = set(re.findall(r'alertname="(\w+)"', str(cases)))
    assert fired == {rule["alert"] for rule in ALERTS}
