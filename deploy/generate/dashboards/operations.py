"""Operations: does it keep up, is the input sound, is the state safe."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.generate.dashboards.panels import figure, frame, line


def operations() -> Dashboard:
    """Return the dashboard that an operator keeps open."""
    return (
        frame("redian-operations", "Redian: operations", "Does it keep up, is the input sound, is the state safe.")
        .with_panel(
            figure("Posts a second", "Items read from topic posts.", "reqps", 'job:redian_posts_in:rate5m{job="$job"}')
        )
        .with_panel(
            figure(
                "Oldest post",
                "How long the oldest post that is not counted waits. Under 5 s is usual; over a minute pages.",
                "s",
                'max(redian_oldest_post_age_seconds{job="$job", instance=~"$instance"})',
                bad=(10, 60),
            )
        )
        .with_panel(
            figure(
                "Lag",
                "Messages that are not committed, over all topics. It goes up and down with the snapshots.",
                "short",
                'sum(job_topic:redian_consumer_lag_messages:sum{job="$job"})',
                bad=(1000, 10_000),
            )
        )
        .with_panel(
            figure(
                "Dead letters",
                "Share of the items that could not be used. Over 1 % opens a ticket.",
                "percentunit",
                'job:redian_posts_dead:ratio_rate5m{job="$job"}',
                bad=(0.001, 0.01),
            )
        )
        .with_panel(
            figure(
                "Event time is behind",
                "Clock minus the slowest shard's watermark: one and a half to two and a half minutes are usual. "
                "A replay shows the age of its posts.",
                "s",
                'time() - job:redian_watermark_timestamp_seconds:min{job="$job"}',
            )
        )
        .with_panel(
            figure(
                "Workers that are not ready",
                "Workers of which a check of /readyz fails.",
                "short",
                'count(min by (instance) (redian_ready{job="$job"}) == 0) or vector(0)',
                bad=(1, 1),
            )
        )
        .with_row(Row("Flow"))
        .with_panel(
            line(
                "Posts",
                "Read, and counted and published. The two run together; a gap is lag.",
                "reqps",
                {
                    "read": 'job:redian_posts_in:rate5m{job="$job"}',
                    "counted": 'job:redian_posts_out:rate5m{job="$job"}',
                },
            )
        )
        .with_panel(
            line(
                "Lag by topic",
                "Messages that are not committed. terms and bursts are committed with each snapshot.",
                "short",
                {"{{topic}}": 'job_topic:redian_consumer_lag_messages:sum{job="$job"}'},
            )
        )
        .with_panel(
            line(
                "From arrival to counted",
                "From the arrival of a slice's oldest post to the broker's acknowledgement. Replays show their age.",
                "s",
                {
                    "median": 'job:redian_arrival_to_counted_seconds:p50_rate5m{job="$job"}',
                    "95 %": 'job:redian_arrival_to_counted_seconds:p95_rate5m{job="$job"}',
                },
            )
        )
        .with_row(Row("Input"))
        .with_panel(
            line(
                "Dead letters by reason",
                "Items that could not be used; the reasons are told in streams/intake/reasons.py.",
                "reqps",
                {"{{reason}}": 'sum by (reason) (rate(redian_posts_dead_total{job="$job"}[$__rate_interval]))'},
            )
        )
        .with_panel(
            line(
                "Late posts and skipped offsets",
                "Posts that came after their bucket (scored, not counted), and offsets that the log no longer held.",
                "reqps",
                {
                    "late": 'sum(rate(redian_posts_late_total{job="$job"}[$__rate_interval]))',
                    "skipped": 'sum(rate(redian_offsets_skipped_total{job="$job"}[$__rate_interval]))',
                },
            )
        )
        .with_panel(
            line(
                "Oldest post by worker",
                "How long the oldest post that is not counted waits.",
                "s",
                {"{{instance}}": 'redian_oldest_post_age_seconds{job="$job", instance=~"$instance"}'},
            )
        )
        .with_row(Row("State"))
        .with_panel(
            line(
                "Event time by shard",
                "Clock minus watermark; lines that part show which shard holds the others back.",
                "s",
                {"shard {{shard}}": 'time() - max by (shard) (redian_watermark_timestamp_seconds{job="$job"})'},
            )
        )
        .with_panel(
            line(
                "Age of what is safe",
                "Since no state was last due to be written. Over five minutes pages.",
                "s",
                {
                    "{{instance}} {{topic}}": "time() - redian_snapshot_timestamp_seconds"
                    '{job="$job", instance=~"$instance"}'
                },
            )
        )
        .with_panel(
            line(
                "Snapshots",
                "Size of the last snapshot of each topic: what a restart has to read.",
                "bytes",
                {"{{topic}}": 'max by (topic) (redian_snapshot_bytes{job="$job", instance=~"$instance"})'},
            )
        )
        .with_row(Row("Workers"))
        .with_panel(
            line(
                "Partitions held",
                "By worker, over all topics. They are shared out evenly; more workers than partitions idle.",
                "short",
                {"{{instance}}": 'sum by (instance) (redian_assigned_partitions{job="$job", instance=~"$instance"})'},
            )
        )
        .with_panel(
            line(
                "Memory",
                "Resident memory of each worker.",
                "bytes",
                {"{{instance}}": 'process_resident_memory_bytes{job="$job", instance=~"$instance"}'},
            )
        )
        .with_panel(
            line(
                "Processor",
                "Cores in use by each worker.",
                "short",
                {
                    "{{instance}}": "rate(process_cpu_seconds_total"
                    '{job="$job", instance=~"$instance"}[$__rate_interval])'
                },
            )
        )
        .with_panel(
            line(
                "Free disk",
                "Share that is free where REDIAN_DATA_DIR is. Under 10 % opens a ticket.",
                "percentunit",
                {
                    "{{instance}}": 'redian_data_dir_free_bytes{job="$job", instance=~"$instance"}'
                    ' / redian_data_dir_bytes{job="$job", instance=~"$instance"}'
                },
            )
        )
        .with_panel(
            line(
                "Rebalances",
                "Generations of the group in a quarter of an hour: one when a worker joins or leaves.",
                "short",
                {"generations": 'max(delta(redian_group_generation{job="$job"}[15m]))'},
            )
        )
        .with_panel(
            line(
                "Log lines that ask for a person",
                "Warnings and errors, repeats that were held back included.",
                "reqps",
                {
                    "{{level}}": 'sum by (level) (rate(redian_log_lines_total{job="$job", '
                    'level=~"warning|error|critical"}[$__rate_interval]))'
                },
            )
        )
    )
