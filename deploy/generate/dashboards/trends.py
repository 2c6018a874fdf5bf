"""Trends: what Redian says, how much of it, and what it may still risk."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.generate.dashboards.panels import figure, frame, line


def trends() -> Dashboard:
    """Return the dashboard of hotspots and alerts."""
    return (
        frame("redian-trends", "Redian: trends", "Hotspots and alerts: how many, of what stage, at what risk.")
        .with_panel(
            figure("Hotspots", "Stories that are not closed.", "short", 'sum(redian_hotspots_live{job="$job"})')
        )
        .with_panel(
            figure(
                "Alerts in 24 h",
                "New stories and escalations that people were told of.",
                "short",
                'sum(increase(redian_alerts_total{job="$job"}[24h]))',
            )
        )
        .with_panel(
            figure(
                "Briefs in 24 h",
                "Briefs that were written.",
                "short",
                'sum(increase(redian_briefs_total{job="$job"}[24h]))',
            )
        )
        .with_panel(
            figure(
                "Budget left",
                "False alerts that may still be risked. Near 0, weak stories are told to no one; strong ones are.",
                "short",
                'sum(redian_false_alerts_left{job="$job"})',
            )
        )
        .with_panel(
            figure(
                "Budget a day",
                "REDIAN_BUDGET: false alerts a day that are accepted.",
                "short",
                'max(redian_false_alerts_a_day{job="$job"})',
            )
        )
        .with_panel(
            figure(
                "On trial",
                "Hypotheses tried a second: terms times scales. The more, the dearer each burst.",
                "reqps",
                'sum(rate(redian_tests_total{job="$job"}[5m]))',
            )
        )
        .with_row(Row("What it says"))
        .with_panel(
            line(
                "Hotspots live",
                "Stories that are not closed, emerging to fading.",
                "short",
                {"hotspots": 'sum(redian_hotspots_live{job="$job"})'},
                width=12,
            )
        )
        .with_panel(
            line(
                "Alerts by stage",
                "Told within the last hour, by the stage of the story when it was told.",
                "short",
                {"{{stage}}": 'sum by (stage) (increase(redian_alerts_total{job="$job"}[1h]))'},
                width=12,
            )
        )
        .with_panel(
            line(
                "Budget",
                "What is left of the false alerts that are accepted in a day. It refills evenly.",
                "short",
                {
                    "left": 'sum(redian_false_alerts_left{job="$job"})',
                    "a day": 'max(redian_false_alerts_a_day{job="$job"})',
                },
                width=12,
            )
        )
        .with_panel(
            line(
                "Alerts and briefs",
                "Told within the last hour. Each alert gets a brief moments later.",
                "short",
                {
                    "alerts": 'sum(increase(redian_alerts_total{job="$job"}[1h]))',
                    "briefs": 'sum(increase(redian_briefs_total{job="$job"}[1h]))',
                },
                width=12,
            )
        )
        .with_row(Row("What people say of it"))
        .with_panel(
            line(
                "Verdicts and what they mute",
                "Learnt within the last hour, and alerts kept from people because of verdicts on others like them.",
                "short",
                {
                    "{{verdict}}": 'sum by (verdict) (increase(redian_verdicts_total{job="$job"}[1h]))',
                    "muted alerts": 'sum(increase(redian_alerts_muted_total{job="$job"}[1h]))',
                },
                width=12,
            )
        )
        .with_panel(
            line(
                "Error of relevance",
                "Mean distance between what people said of late and what was expected of them; 0.5 is a guess.",
                "short",
                {"error": 'max(redian_relevance_error{job="$job"})'},
                width=12,
            )
        )
        .with_row(Row("What it hears"))
        .with_panel(
            line(
                "Posts counted a minute",
                "What the counts are made of. A source that ends shows here first.",
                "short",
                {"posts": '60 * job:redian_posts_out:rate5m{job="$job"}'},
                width=12,
            )
        )
        .with_panel(
            line(
                "Hypotheses a second",
                "Terms times scales that were tried.",
                "reqps",
                {"tests": 'sum(rate(redian_tests_total{job="$job"}[$__rate_interval]))'},
                width=12,
            )
        )
    )
