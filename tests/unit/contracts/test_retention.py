"""How long topics keep what was written, as docs/privacy.md says."""

import pytest

from streams.contracts.topics import TOPICS, Topic


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_what_no_time_takes_away_is_compacted_within_the_hour(topic: Topic) -> None:
    config = topic.config()
    if topic.retention_ms < 0:
        assert config["cleanup.policy"] == "compact"
        assert 0 < int(config["max.compaction.lag.ms"]) <= 3_600_000
    else:
        assert "delete" in config["cleanup.policy"]
        assert int(config["segment.ms"]) <= topic.retention_ms / 12
