"""Sources: does each read, is what it brings sound and in time, was anything missed."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.generate.dashboards.panels import SOURCES, figure, frame, line

_CHOSEN: Final = 'job="$job", source=~"$name"'


def _rate(metric: str, *by: str) -> str:
    return f"sum by ({', '.join(by)}) (rate({metric}{{{_CHOSEN}}}[$__rate_interval]))"


def sources() -> Dashboard:
    """Return the dashboard of what brings posts."""
    about = "Does each source read, is what it brings sound and in time, was anything missed."
    return (
        frame("redian-sources", "Redian: sources", about, SOURCES)
        .with_panel(
            figure(
                "Sources",
                "Sources that Prometheus scrapes. One that is gone within the last day opens a ticket.",
                "short",
                f"count(redian_source_connected{{{_CHOSEN}}})",
            )
        )
        .with_panel(
            figure(
                "Not reading",
                "Sources that wait now. Less than half of ten minutes read opens a ticket.",
                "short",
                f"count(redian_source_connected{{{_CHOSEN}}} == 0) or vector(0)",
                bad=(1, 1),
            )
        )
        .with_panel(
            figure(
                "Posts a second",
                "Posts written to topic posts and acknowledged, of all sources.",
                "reqps",
                f"sum(rate(redian_source_posts_total{{{_CHOSEN}}}[$__rate_interval]))",
            )
        )
        .with_panel(
            figure(
                "Silent",
                "Sources that bring nothing for longer than their own daily rhythm explains.",
                "short",
                f"sum(redian_source_stalled{{{_CHOSEN}}})",
                bad=(1, 1),
            )
        )
        .with_panel(
            figure(
                "Of another form",
                "Sources most of whose items are no posts any more: the platform has changed its form.",
                "short",
                f"sum(redian_source_drifted{{{_CHOSEN}}})",
                bad=(1, 1),
            )
        )
        .with_panel(
            figure(
                "Missed in 24 h",
                "Stretches of time that platforms no longer had when a source came back, added up.",
                "s",
                f"sum(increase(redian_source_missed_seconds_total{{{_CHOSEN}}}[24h]))",
                bad=(1, 600),
            )
        )
        .with_row(Row("Flow"))
        .with_panel(
            line(
                "Posts by source",
                "Posts written and acknowledged.",
                "reqps",
                {"{{source}}": _rate("redian_source_posts_total", "source")},
            )
        )
        .with_panel(
            line(
                "Since the last post",
                "How long each source has brought nothing new. What is usual depends on the source and the hour.",
                "s",
                {"{{source}}": f"time() - max by (source) (redian_source_last_timestamp_seconds{{{_CHOSEN}}} > 0)"},
            )
        )
        .with_panel(
            line(
                "From writing to arrival",
                "95 % of the posts arrive within this after they were written; polled sources come later.",
                "s",
                {
                    "{{source}}": "histogram_quantile(0.95, sum by (source, le) "
                    f"(rate(redian_source_lateness_seconds_bucket{{{_CHOSEN}}}[$__rate_interval])))"
                },
            )
        )
        .with_row(Row("What they bring"))
        .with_panel(
            line(
                "No posts",
                "Items that are no posts, by reason; each is on posts.dead as it came.",
                "reqps",
                {"{{source}} {{reason}}": _rate("redian_source_malformed_total", "source", "reason")},
            )
        )
        .with_panel(
            line(
                "Left out",
                "Posts that came again, usual after a source comes back, and posts of authors who opted out.",
                "reqps",
                {
                    "{{source}} repeats": _rate("redian_source_repeats_total", "source"),
                    "{{source}} opted out": _rate("redian_source_opted_out_total", "source"),
                },
            )
        )
        .with_panel(
            line(
                "Languages",
                "Posts by the language that the platform says, of all sources.",
                "reqps",
                {"{{lang}}": _rate("redian_source_languages_total", "lang")},
            )
        )
        .with_panel(
            line(
                "Taken back",
                "Deletions that platforms told; they go to topic posts.deleted.",
                "reqps",
                {"{{source}}": _rate("redian_source_deletions_total", "source")},
            )
        )
        .with_panel(
            line(
                "Dated after their arrival",
                "Posts with a date in the future: some clock goes wrong, here or there.",
                "reqps",
                {"{{source}}": _rate("redian_source_ahead_total", "source")},
            )
        )
        .with_panel(
            line(
                "Replies",
                "Answers to people who wrote to an account: told with the call, told later, or lost.",
                "reqps",
                {"{{source}} {{way}}": _rate("redian_source_replies_total", "source", "way")},
            )
        )
        .with_row(Row("Coming and going"))
        .with_panel(
            line(
                "Reading",
                "Share of the last five minutes that each source has read; the rest it has waited.",
                "percentunit",
                {"{{source}}": f"max by (source) (avg_over_time(redian_source_connected{{{_CHOSEN}}}[5m]))"},
            )
        )
        .with_panel(
            line(
                "Interruptions",
                "Readings that ended before their time, by reason; each is waited out and comes back.",
                "reqps",
                {"{{source}} {{reason}}": _rate("redian_source_interruptions_total", "source", "reason")},
            )
        )
        .with_panel(
            line(
                "Memory",
                "Resident memory of each source's process.",
                "bytes",
                {"{{instance}}": 'process_resident_memory_bytes{job="$job"}'},
            )
        )
    )
