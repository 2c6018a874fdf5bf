"""The program against Apache Kafka that demands TLS, SASL and permissions; and no secret shows anywhere meanwhile."""

import base64
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourceType,
)

from agents.adapters.admin import lag_of
from agents.adapters.connection import asynchronous
from agents.adapters.kafka_process import missing
from agents.settings import Settings
from streams.contracts.topics import TOPICS
from tests.integration.program import environment, redian, start_worker, values_of
from tests.integration.secure_kafka import PASSWORDS, SecureKafka, make_authority

pytestmark = pytest.mark.faults

WAIT_S = 120
WEB_TOKEN = "canary-of-the-web-side-8c1f"
AUTHOR_KEY = "canary-of-the-authors-27aa"
NEXT_AUTHOR_KEY = "canary-of-the-rotation-5e09"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    if (why := missing()) is not None:
        pytest.skip(why)
    with SecureKafka(tmp_path_factory.mktemp("secure")) as running:
        for role in PASSWORDS:
            running.grant(role, Settings())
        yield running


def secured(broker: SecureKafka, folder: Path, role: str, **settings: str) -> dict[str, str]:
    """Return the environment of a role; its password is in a file."""
    password = folder / f"{role}.password"
    password.write_text(PASSWORDS[role] + "\n", "utf-8")
    own = {
        "security_protocol": "SASL_SSL",
        "ssl_ca_file": str(broker.ca),
        "sasl_username": role,
        "sasl_password_file": str(password),
        "posts_partitions": "2",
        "terms_partitions": "2",
        "shards": "2",
        "snapshot_s": "2",
    }
    return environment(broker.secure, folder, **{**own, **settings})


def token_of(name: str) -> str:
    """Return an unsigned token, which the test's broker takes."""
    now = int(time.time())
    parts = ({"alg": "none"}, {"sub": name, "iat": now, "exp": now + 3600})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def post(number: int) -> bytes:
    wire = {"id": f"p{number}", "platform": "x", "author": f"a{number % 9}", "text": f"river {number}"}
    return json.dumps({**wire, "created_at": f"2026-03-01T00:{number % 60:02}:00Z"}).encode()


def test_a_worker_runs_with_its_permissions_alone_and_no_secret_shows(broker: SecureKafka, tmp_path: Path) -> None:
    operator = secured(broker, tmp_path, "operator")
    created = redian(operator, "topics", "create")
    assert created.returncode == 0, created.stdout + created.stderr
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "profiles", {"retention.ms": "1000"})])
    admin.close()
    updated = redian(operator, "topics", "create", "--update")
    assert updated.stdout.count("updated") == 1, updated.stdout + updated.stderr
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"\n".join([*(post(number) for number in range(200)), b"{broken"]))
    env = secured(
        broker,
        tmp_path,
        "worker",
        author_key=f"{AUTHOR_KEY} 2026-03-01T00:30Z {NEXT_AUTHOR_KEY}",
        web_token=WEB_TOKEN,
        ssl_key_password="canary-key",
        log_level="debug",
    )
    secrets = [*PASSWORDS.values(), WEB_TOKEN, AUTHOR_KEY, NEXT_AUTHOR_KEY, "canary-key"]
    said = [redian(env, *command).stdout for command in (("config", "show"), ("key", "show"))]
    assert "2026-03-01T00:30Z" in said[1]
    log = tmp_path / "worker.log"
    worker = start_worker(env, log)
    try:
        sent = redian(secured(broker, tmp_path, "source"), "replay", str(file))
        assert sent.returncode == 0, sent.stderr
        wait_until_read(broker, worker, log)
        address = re.search(r"(http://127\.0\.0\.1:\d+)/", log.read_text("utf-8"))
        assert address is not None
        wait_until_ready(address[1])
        said += [get(address[1] + path, WEB_TOKEN) for path in ("/metrics", "/readyz", "/api/hotspots", "/")]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(address[1] + "/metrics", "wrong")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0, log.read_text("utf-8")
    finally:
        worker.kill()
        worker.wait()
    said.append(log.read_text("utf-8", "replace"))
    assert "AuthorizationFailed" not in said[-1]
    lagged = redian(secured(broker, tmp_path, "operator"), "topics", "lag")
    assert lagged.returncode == 0, lagged.stderr
    listed = redian(secured(broker, tmp_path, "operator"), "dead", "list")
    assert "1 letters: not_json 1" in listed.stdout, listed.stderr
    said += [lagged.stdout, listed.stdout]
    for topic in TOPICS:
        said += [
            value.decode("latin-1") for values in values_of(broker.bootstrap, topic.name).values() for value in values
        ]
    shown = [secret for secret in secrets for text in said if secret in text]
    assert shown == []
    scored = [value for values in values_of(broker.bootstrap, "posts.scored").values() for value in values]
    assert sum(len(json.loads(value)) for value in scored) == 200


def wait_until_ready(address: str) -> None:
    """Return when every check of the worker holds: the last to be looked at may come after all posts are read."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            get(address + "/readyz", WEB_TOKEN)
        except urllib.error.HTTPError as error:
            if time.monotonic() > deadline:
                pytest.fail(error.read().decode())
            time.sleep(0.25)
        else:
            return


def get(url: str, token: str) -> str:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def wait_until_read(broker: SecureKafka, worker: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while True:
        assert worker.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        lags = lag_of(Settings(bootstrap=broker.bootstrap))
        if any(lag.end for lag in lags if lag.topic == "bursts") and not any(lag.lag for lag in lags):
            return
        time.sleep(0.5)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"])
async def test_both_clients_come_in_by_each_mechanism(broker: SecureKafka, tmp_path: Path, mechanism: str) -> None:
    token = tmp_path / "token"
    token.write_text(token_of("operator"), "utf-8")
    env = secured(broker, tmp_path, "operator", sasl_mechanism=mechanism, sasl_token_file=str(token))
    ran = redian(env, "topics", "create")
    assert ran.returncode == 0, ran.stderr
    settings = Settings(
        bootstrap=broker.secure,
        security_protocol="SASL_SSL",
        ssl_ca_file=broker.ca,
        sasl_mechanism=mechanism,
        sasl_username="operator",
        sasl_password=PASSWORDS["operator"],
        sasl_token_file=token,
    )
    async with AIOKafkaProducer(**asynchronous(settings)) as producer:
        await producer.send_and_wait("posts", b"[]")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sasl_password_file": "/dev/null"},
        {"sasl_username": "nobody"},
        {"security_protocol": "PLAINTEXT"},
        {"ssl_ca_file": "other"},
        {"sasl_password_file": "/no/such/file"},
        {"ssl_ca_file": "/dev/null"},
        {"sasl_mechanism": "OAUTHBEARER"},
    ],
    ids=str,
)
def test_what_is_wrong_is_one_line_without_the_secret(
    broker: SecureKafka, tmp_path: Path, wrong: dict[str, str]
) -> None:
    if wrong.get("ssl_ca_file") == "other":
        from cryptography.hazmat.primitives.serialization import Encoding

        other = tmp_path / "other.pem"
        other.write_bytes(make_authority("another")[0].public_bytes(Encoding.PEM))
        wrong = {"ssl_ca_file": str(other)}
    ran = redian(secured(broker, tmp_path, "operator", **wrong), "topics", "lag")
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "redian: " in ran.stderr
    assert PASSWORDS["operator"] not in ran.stderr + ran.stdout


def test_a_topic_of_brokers_that_demand_a_name_is_read(broker: SecureKafka, tmp_path: Path) -> None:
    """From the demanding listener, by a connection of its own, to the one that demands nothing."""
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics({"tweets": {"num_partitions": 1, "replication_factor": 1}}, timeout_ms=30_000)
    pattern = ResourcePattern(ResourceType.TOPIC, "tweets", ACLResourcePatternType.LITERAL)
    for operation in (ACLOperation.READ, ACLOperation.DESCRIBE):
        admin.create_acls([ACL("User:source", "*", operation, ACLPermissionType.ALLOW, pattern)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for number in range(20):
        producer.send("tweets", post(1000 + number))
    producer.close()
    (tmp_path / "password").write_text(PASSWORDS["source"], "utf-8")
    connection = tmp_path / "other.env"
    connection.write_text(
        f"REDIAN_BOOTSTRAP={broker.secure}\nREDIAN_SECURITY_PROTOCOL=SASL_SSL\nREDIAN_SSL_CA_FILE={broker.ca}\n"
        f"REDIAN_SASL_USERNAME=source\nREDIAN_SASL_PASSWORD_FILE={tmp_path / 'password'}\n",
        "utf-8",
    )
    env = environment(broker.bootstrap, tmp_path, posts_partitions="2", terms_partitions="2", shards="2")
    assert redian(env, "topics", "create").returncode == 0
    command = [sys.executable, "-m", "agents.cli.main", "ingest", "topic", "tweets", "--connection", str(connection)]
    log = tmp_path / "source.log"
    with log.open("wb") as output:
        source = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + WAIT_S
        found: set[str] = set()
        while len(found) < 20:
            assert source.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            values = [value for held in values_of(broker.bootstrap, "posts").values() for value in held]
            read = [json.loads(value) for value in values if value[:1] == b"["]
            found = {one["id"] for posts in read for one in posts if one["id"] >= "p1000" and len(one["id"]) == 5}
            time.sleep(0.5)
        source.send_signal(signal.SIGTERM)
        assert source.wait(20) == 0, log.read_text("utf-8")
    finally:
        source.kill()
        source.wait()
    assert PASSWORDS["source"] not in log.read_text("utf-8")
