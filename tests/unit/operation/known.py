"""The series that rules and dashboards may ask for."""

from prometheus_client.metrics import MetricWrapperBase

from agents.adapters import metrics
from deploy.generate.metrics_page import name_of
from deploy.generate.rules import rules_of

METRICS = [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]


def series_of(metric: MetricWrapperBase) -> set[str]:
    """Return the names of a metric's series."""
    name = name_of(metric)
    return {name} if metric._type != "histogram" else {f"{name}_{end}" for end in ("bucket", "sum", "count")}


KNOWN = (
    {series for metric in METRICS for series in series_of(metric)}
    | {rule["record"] for rule in rules_of("record")}
    | {"up", "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total"}
)
