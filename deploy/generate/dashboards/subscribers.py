"""Subscribers: who is told, how fast, and who is not."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.generate.dashboards.panels import figure, frame, line

_LOST = 'outcome=~"refused|gone|given_up|expired|dropped"'


def subscribers() -> Dashboard:
    """Return the dashboard of those who are told."""
    return (
        frame("redian-subscribers", "Redian: subscribers", "Who is told, how fast, and who is not.")
        .with_panel(
            figure(
                "Subscribers",
                "Definitions on topic subscribers, paused and disabled ones included.",
                "short",
                'sum(redian_subscribers{job="$job"})',
            )
        )
        .with_panel(
            figure(
                "Failing",
                "Subscribers whose last attempt failed; it is tried again. After a quarter of an hour a ticket opens.",
                "short",
                'sum(redian_subscribers{job="$job", status="failing"})',
                bad=(1, 10),
            )
        )
        .with_panel(
            figure(
                "Disabled",
                "Subscribers whose receiver said that it is gone (410). An edit lifts it.",
                "short",
                'sum(redian_subscribers{job="$job", status="disabled"})',
                bad=(1, 10),
            )
        )
        .with_panel(
            figure(
                "Waiting",
                "Alerts in all queues: of those who fail, who sleep (quiet hours), who collect (digests).",
                "short",
                'sum(redian_deliveries_waiting{job="$job"})',
            )
        )
        .with_panel(
            figure(
                "Told in 24 h",
                "Messages that arrived.",
                "short",
                'sum(increase(redian_deliveries_total{job="$job", outcome="delivered"}[24h]))',
            )
        )
        .with_panel(
            figure(
                "Lost in 24 h",
                "Alerts that did not reach somebody and are not tried again. Each opens a ticket.",
                "short",
                f'sum(increase(redian_deliveries_total{{job="$job", {_LOST}}}[24h]))',
                bad=(1, 10),
            )
        )
        .with_row(Row("Telling"))
        .with_panel(
            line(
                "Attempts by outcome",
                "delivered is good, retry comes again; the others lost an alert for someone.",
                "reqps",
                {"{{outcome}}": 'sum by (outcome) (rate(redian_deliveries_total{job="$job"}[$__rate_interval]))'},
            )
        )
        .with_panel(
            line(
                "Told by channel",
                "Messages that arrived.",
                "reqps",
                {
                    "{{channel}}": 'sum by (channel) (rate(redian_deliveries_total{job="$job", '
                    'outcome="delivered"}[$__rate_interval]))'
                },
            )
        )
        .with_panel(
            line(
                "One attempt",
                "How long receivers take: the slowest twentieth. A slow one delays nobody else.",
                "s",
                {
                    "{{channel}}": "histogram_quantile(0.95, sum by (channel, le) "
                    '(rate(redian_delivery_seconds_bucket{job="$job"}[5m])))'
                },
            )
        )
        .with_row(Row("Queues"))
        .with_panel(
            line(
                "Subscribers by how they do",
                "active, failing, disabled, paused.",
                "short",
                {"{{status}}": 'sum by (status) (redian_subscribers{job="$job"})'},
            )
        )
        .with_panel(
            line(
                "Alerts that wait",
                "In all queues. It grows overnight with quiet hours, and falls in one step after them.",
                "short",
                {"waiting": 'sum(redian_deliveries_waiting{job="$job"})'},
            )
        )
        .with_panel(
            line(
                "Alerts to tell",
                "Alerts published a second: what all of it begins with.",
                "reqps",
                {"{{stage}}": 'sum by (stage) (rate(redian_alerts_total{job="$job"}[$__rate_interval]))'},
            )
        )
    )
