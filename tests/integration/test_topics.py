"""Topics and replay on a real broker."""

import gzip
import json
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from agents.adapters.broker_process import free_port
from streams.contracts.framing import HEARTBEAT
from streams.contracts.topics import TOPICS
from tests.integration.program import environment, redian, values_of

pytestmark = pytest.mark.integration


def post(number: int) -> bytes:
    wire = {"id": f"p{number}", "platform": "x", "author": "a", "created_at": "2026-03-01T00:00:00Z", "text": "one 一"}
    return json.dumps(wire, ensure_ascii=False).encode()


def test_topics_are_created_once_and_described(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path)
    first, second = redian(env, "topics", "create"), redian(env, "topics", "create")
    assert first.returncode == second.returncode == 0
    assert second.stdout.count("there") == len(TOPICS)
    described = redian(env, "topics", "describe", "posts")
    assert described.returncode == 0
    assert '"properties"' in described.stdout
    lag = redian(env, "topics", "lag")
    assert lag.returncode == 0, lag.stderr


def test_another_number_of_partitions_is_told(bootstrap: str, tmp_path: Path) -> None:
    assert redian(environment(bootstrap, tmp_path), "topics", "create").returncode == 0
    other = redian(environment(bootstrap, tmp_path, posts_partitions="7"), "topics", "create")
    assert other.returncode == 1
    assert "differs: 7 wanted" in other.stdout


def test_another_configuration_is_told_and_mended_when_asked(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path)
    assert redian(env, "topics", "create").returncode == 0
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        older = {"max.compaction.lag.ms": "9223372036854775807"}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "profiles", older)])
    finally:
        admin.close()
    found = redian(env, "topics", "create")
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("configured otherwise") == 1
    assert "max.compaction.lag.ms is 9223372036854775807, not 1800000" in found.stdout
    assert "redian topics create --update" in found.stdout
    updated = redian(env, "topics", "create", "--update")
    assert updated.stdout.count("updated") == 1
    last = redian(env, "topics", "create")
    assert last.stdout.count("there") == len(TOPICS)


def test_replayed_lines_arrive_byte_for_byte(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path, posts_per_message="2")
    redian(env, "topics", "create")
    before = {partition: len(values) for partition, values in values_of(bootstrap, "posts").items()}
    bad = [b'{"id":', b"\xff\xfe", b"[" * 100_000]
    lines = [post(0), post(1), bad[0], post(2), bad[1], bad[2], post(3), post(4)]
    file = tmp_path / "posts.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(lines)))
    assert redian(env, "replay", str(file)).returncode == 0
    listed = [
        b"[%b,%b]" % (post(0), post(1)),
        bad[0],
        b"[%b]" % post(2),
        bad[1],
        bad[2],
        b"[%b,%b]" % (post(3), post(4)),
    ]
    found = {partition: values[before[partition] :] for partition, values in values_of(bootstrap, "posts").items()}
    assert found == {n: [*listed[n :: len(found)], HEARTBEAT] for n in found}


def test_a_missing_file_is_one_line(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path)
    redian(env, "topics", "create")
    ran = redian(env, "replay", str(tmp_path / "none.jsonl"))
    assert ran.returncode == 2
    assert ran.stderr.strip().splitlines()[-1].startswith("redian: there is no file")
    assert "Traceback" not in ran.stderr


def test_no_topics_is_one_line(tmp_path: Path, bootstrap: str) -> None:
    env = environment(bootstrap, tmp_path)
    ran = redian(env, "replay", __file__)
    if ran.returncode:  # a broker given by BOOTSTRAP may have them
        assert ran.returncode == 2
        assert "redian topics create" in ran.stderr


@pytest.mark.parametrize("command", [["topics", "create"], ["topics", "lag"], ["replay", __file__], ["worker"]])
def test_no_broker_is_one_line(command: list[str], tmp_path: Path) -> None:
    port = free_port()
    ran = redian(environment(f"127.0.0.1:{port}", tmp_path), *command)
    assert ran.returncode == 2
    assert f"redian: no Kafka broker answers at 127.0.0.1:{port}" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unknown_setting_is_one_line_with_the_nearest_name(tmp_path: Path) -> None:
    ran = redian(environment("127.0.0.1:1", tmp_path, lateness="9"), "config", "check")
    assert ran.returncode == 2
    assert ran.stderr.startswith("redian: there is no setting REDIAN_LATENESS; did you mean REDIAN_LATENESS_S?")
