"""What the dashboards share: their frame (variables, links, annotations) and two kinds of panels."""

from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models

SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${source}")
WIDTH: Final = 24
Panel = Builder[models.Panel]


class Each(NamedTuple):
    """What there are several of: a metric that each of them has, the label that tells them apart, how it is chosen."""

    metric: str
    label: str
    variable: str
    title: str


WORKERS: Final = Each("redian_build_info", "instance", "instance", "Worker")
SOURCES: Final = Each("redian_source_connected", "source", "name", "Source")
"""`$source` is where the data come from, in Grafana's sense."""


def frame(uid: str, title: str, about: str, each: Each = WORKERS) -> dashboard.Dashboard:
    """Return an empty dashboard: the last hour, alerts as annotations, links to its sisters and to the live page.

    Args:
        uid: its name in addresses.
        title: of the dashboard.
        about: one sentence.
        each: what is chosen of, by two variables, its job and itself.
    """
    job = dashboard.QueryVariable("job").label("Job").query(f"label_values({each.metric}, job)").datasource(SOURCE)
    chosen = (
        dashboard.QueryVariable(each.variable)
        .label(each.title)
        .query(f'label_values({each.metric}{{job="$job"}}, {each.label})')
        .datasource(SOURCE)
        .multi(True)
        .include_all(True)
        .all_value(".+")
    )
    firing = 'ALERTS{alertname=~"Redian.+", alertstate="firing", job=~"$job|"}'
    alerts = dashboard.AnnotationQuery().name("Alerts").datasource(SOURCE).enable(True).icon_color("red").expr(firing)
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(about)
        .tags(["redian"])
        .editable()
        .refresh("15s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("source").label("Data source").type("prometheus"))
        .with_variable(job.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED))
        .with_variable(chosen.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED))
        .with_variable(dashboard.TextBoxVariable("page").label("Live page").default_value("http://localhost:8060/"))
        .link(
            dashboard.DashboardLink("Redian").type(models.DashboardLinkType.DASHBOARDS).tags(["redian"]).keep_time(True)
        )
        .link(
            dashboard.DashboardLink("Live page").type(models.DashboardLinkType.LINK).url("${page}").target_blank(True)
        )
        .annotations([alerts])
    )


def line(title: str, about: str, unit: str, queries: dict[str, str], *, width: int = 8, least: float = 0) -> Panel:
    """Return a panel of lines.

    Args:
        about: what it shows and what is normal; Grafana shows it on the panel's corner.
        unit: Grafana's name of it.
        queries: expression by legend.
        width: of 24 columns.
        least: lower end of the axis.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .unit(unit)
        .min(least)
        .span(width)
        .height(8)
        .fill_opacity(8)
        .legend(common.VizLegendOptions().show_legend(True).placement(kinds.LegendPlacement.BOTTOM))
        .tooltip(common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI))
    )
    for place, (legend, expression) in enumerate(queries.items()):
        panel.with_target(_query(place, legend, expression))
    return panel


def figure(title: str, about: str, unit: str, expression: str, *, bad: tuple[float, float] | None = None) -> Panel:
    """Return a panel of one number; `bad` are the values from which it is yellow and red."""
    panel = (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .unit(unit)
        .span(4)
        .height(4)
        .graph_mode(kinds.BigValueGraphMode.AREA)
        .with_target(_query(0, title, expression))
    )
    steps = [models.Threshold(color="green", value=None)]
    if bad is not None:
        steps += [models.Threshold(color="yellow", value=bad[0]), models.Threshold(color="red", value=bad[1])]
    return panel.thresholds(dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps))


def _query(place: int, legend: str, expression: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expression).legend_format(legend).ref_id("ABCDEFGH"[place])
