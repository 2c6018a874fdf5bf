"""Who opted out: on the list by a command, off it by another, and written by no source meanwhile."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaProducer

from streams.contracts.sources import OptOut
from streams.contracts.topics import OPT_OUTS, POSTS
from tests.integration.program import environment, redian, values_of

pytestmark = pytest.mark.integration

WHEN = "2026-03-01T00:00:00Z"


def test_the_list_is_kept_by_commands(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path)
    missing = redian(env, "optout", "list")
    assert missing.returncode == 2
    assert "redian topics create" in missing.stderr
    assert redian(env, "topics", "create").returncode == 0
    assert "nobody has opted out" in redian(env, "optout", "list").stdout
    for author, platform in (("did:plc:a[b]", "bluesky"), ("微博用户", "weibo")):
        added = redian(env, "optout", "add", author, "--platform", platform)
        assert added.returncode == 0, added.stderr
        assert author in added.stdout
    again = redian(env, "optout", "add", "微博用户", "--platform", "weibo")
    assert again.stdout == added.stdout
    assert len(values_of(bootstrap, OPT_OUTS.name)[0]) == 2
    listed = redian(env, "optout", "list").stdout
    assert "did:plc:a[b]" in listed
    assert "微博用户" in listed
    assert redian(env, "optout", "remove", "微博用户", "--platform", "weibo").returncode == 0
    assert "微博用户" not in redian(env, "optout", "list").stdout
    refused = redian(env, "optout", "remove", "微博用户", "--platform", "weibo")
    assert refused.returncode == 2
    assert "has not opted out" in refused.stderr
    assert redian(env, "optout", "add", "", "--platform", "weibo").returncode == 2


def test_a_source_does_not_write_the_posts_of_who_opted_out(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path)
    assert redian(env, "topics", "create").returncode == 0
    gone = OptOut(platform="x", author="a1", since=WHEN)
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    producer.send(OPT_OUTS.name, msgspec.json.encode(gone), gone.key)
    producer.close()
    posts = [
        {"id": f"p{n}", "platform": platform, "author": f"a{n % 2}", "created_at": WHEN, "text": "Flood in Turin"}
        for n, platform in enumerate(("x", "x", "y", "y", "x", "x"))
    ]
    command = [sys.executable, "-m", "agents.cli.main", "ingest", "stdin", "--name", "opt-out"]
    piped = "\n".join(map(json.dumps, posts)).encode()
    ran = subprocess.run(command, input=piped, env=env, capture_output=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    written = [
        post["id"] for lists in values_of(bootstrap, POSTS.name).values() for one in lists for post in json.loads(one)
    ]
    assert sorted(written) == ["p0", "p2", "p3", "p4"]
