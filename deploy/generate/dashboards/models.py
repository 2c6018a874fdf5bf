"""Models: what scores, how fast, how sure of itself."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.generate.dashboards.panels import figure, frame, line


def models() -> Dashboard:
    """Return the dashboard of the encoder."""
    return (
        frame("redian-models", "Redian: models", "The encoder: what runs, how fast, how sure of itself.")
        .with_panel(
            figure(
                "Posts scored a second",
                "Posts handed to the encoder, those it remembers included.",
                "reqps",
                'sum(rate(redian_batch_posts_sum{job="$job"}[5m]))',
            )
        )
        .with_panel(
            figure(
                "Busiest encoder",
                "Share of the time that the busiest worker's encoder computes. Over 80 % opens a ticket.",
                "percentunit",
                'max(instance:redian_encoder_busy:ratio_rate5m{job="$job"})',
                bad=(0.6, 0.8),
            )
        )
        .with_panel(
            figure(
                "Workers on CUDA",
                "Workers whose model runs on a GPU, as ONNX Runtime itself says.",
                "short",
                'sum(redian_encoder_provider{job="$job", provider="cuda"}) or vector(0)',
            )
        )
        .with_panel(
            figure(
                "Workers on the CPU",
                "Workers whose model runs on the processor.",
                "short",
                'sum(redian_encoder_provider{job="$job", provider="cpu"}) or vector(0)',
            )
        )
        .with_panel(
            figure(
                "Failed scores in 24 h",
                "Posts for which the model gave no finite numbers.",
                "short",
                'sum(increase(redian_scores_failed_total{job="$job"}[24h]))',
                bad=(1, 100),
            )
        )
        .with_panel(
            figure(
                "Drifts in 24 h",
                "Times that scores changed for good (ADWIN).",
                "short",
                'sum(increase(redian_score_drifts_total{job="$job"}[24h]))',
                bad=(1, 10),
            )
        )
        .with_row(Row("Speed"))
        .with_panel(
            line(
                "Encoder busy",
                "Share of the time that each worker's encoder computes.",
                "percentunit",
                {"{{instance}}": 'instance:redian_encoder_busy:ratio_rate5m{job="$job", instance=~"$instance"}'},
            )
        )
        .with_panel(
            line(
                "Scoring one slice",
                "Time the posts of one slice take, waiting for the encoder included.",
                "s",
                {
                    "mean": 'sum(rate(redian_inference_seconds_sum{job="$job"}[$__rate_interval]))'
                    ' / sum(rate(redian_inference_seconds_count{job="$job"}[$__rate_interval]))',
                    "95 %": 'job:redian_inference_seconds:p95_rate5m{job="$job"}',
                },
            )
        )
        .with_panel(
            line(
                "Posts at once",
                "Mean number of posts handed to the encoder at once. Larger is cheaper.",
                "short",
                {
                    "posts": 'sum(rate(redian_batch_posts_sum{job="$job"}[$__rate_interval]))'
                    ' / sum(rate(redian_batch_posts_count{job="$job"}[$__rate_interval]))'
                },
            )
        )
        .with_row(Row("Sureness"))
        .with_panel(
            line(
                "Confidence by language",
                "Mean probability of the likeliest mood over ADWIN's window. A step is a drift.",
                "percentunit",
                {"{{lang}}": 'avg by (lang) (redian_score_confidence{job="$job", instance=~"$instance"})'},
                width=12,
            )
        )
        .with_panel(
            line(
                "Drifts by language",
                "Changes for good within the last hour.",
                "short",
                {"{{lang}}": 'sum by (lang) (increase(redian_score_drifts_total{job="$job"}[1h]))'},
                width=12,
            )
        )
    )
