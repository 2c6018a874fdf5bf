"""The general doors: files of every form, standard input, another topic; and the commands that go with them."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import fastavro
import pyarrow
import pyarrow.parquet
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from agents.adapters.sources.fetching import Web
from agents.adapters.sources.files import Files
from agents.adapters.sources.records import load_mapping, records_of
from agents.adapters.sources.registry import Registry
from agents.adapters.sources.source import Malformed, Refused
from agents.adapters.sources.topic import Topic
from agents.connections import connected_to
from agents.errors import RedianError
from agents.files import UnreadableFile
from streams.contracts.posts import Post
from streams.mapping import apply
from tests.integration.program import environment, redian
from tests.sources.conftest import running, until_written, written
from tests.sources.platform import WaitingClock
from tests.sources.servers.registry_api import RegistryApi, people_schema, post_schema

pytestmark = pytest.mark.sources

MAPPINGS = Path(__file__).resolve().parents[2] / "docs" / "sources" / "mappings"


def post(number: int) -> dict[str, str]:
    created = f"2026-03-01T00:{number // 60 % 60:02d}:{number % 60:02d}Z"
    return {"id": f"p{number}", "platform": "f", "author": "a", "created_at": created, "text": f"post {number}"}


def lines(count: int) -> bytes:
    return b"".join(json.dumps(post(number)).encode() + b"\n" for number in range(count))


def mapped(mapping: Path, sample: Path) -> list[Post]:
    found = [made for record in records_of(sample) for made in apply(load_mapping(mapping), record)]
    assert all(isinstance(made, Post) for made in found), found
    return found  # type: ignore[return-value]


async def test_files_are_read_once_whole_and_go_on_where_they_were(broker: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl.gz"
    bad = b'{"id":\n<html>\n7\n{"id":1}\n'
    first.write_bytes(lines(600) + bad)
    second.write_bytes(gzip.compress(b"".join(json.dumps(post(n)).encode() + b"\n" for n in range(600, 900))))
    clock = WaitingClock()
    source = Files([first, second])
    async with running(broker, source, clock):
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    async with running(broker, Files([first, second]), clock):
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 900)
    async with running(broker, Files([first, second]), clock):
        pass
    found = written(broker, source.name)
    assert sorted(found.ids) == sorted(f"p{n}" for n in range(900))
    assert sorted(letter.reason for letter in found.dead) == ["not_json", "not_json", "wrong_type", "wrong_type"]
    assert found.posts[0].created_at.startswith("2026-03-01T00:")


def test_one_document_a_list_or_an_object_is_read_whole(tmp_path: Path) -> None:
    sample = tmp_path / "sample.json"
    for text in (json.dumps([post(1), post(2)]), json.dumps([post(1), post(2)], indent=2)):
        sample.write_text(text)
        assert len(list(records_of(sample))) == 2
    sample.write_text(json.dumps({"statuses": [post(1)]}, indent=2))
    assert len(list(records_of(sample))) == 1
    sample.write_text("")
    assert list(records_of(sample)) == []
    sample.write_text("not json\n" + json.dumps(post(1)))
    assert [isinstance(record, Malformed) for record in records_of(sample)] == [True, False]


def test_csv_is_mapped_with_its_own_dates(tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text(
        '\ufeffno,who,when,what\n1,ann,01.03.2026 01:00,"a text, with\na line"\n2,bob,01.03.2026 02:00,b\n'
    )
    found = mapped(MAPPINGS / "forum.csv.toml", sample)
    assert [(one.id, one.created_at) for one in found] == [
        ("forum-1", "2026-03-01T00:00:00.000Z"), ("forum-2", "2026-03-01T01:00:00.000Z"),
    ]  # fmt: skip
    assert found[0].text == "a text, with\na line"
    sample.write_text("no,who\n1,2,3\n")
    assert [isinstance(record, Malformed) for record in records_of(sample)] == [True]


def test_parquet_is_read_and_damaged_parquet_is_one_line(tmp_path: Path) -> None:
    sample = tmp_path / "sample.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([post(n) for n in range(2500)]), sample)
    assert [record["id"] for record in records_of(sample)] == [f"p{n}" for n in range(2500)]  # type: ignore[call-overload, index]
    sample.write_bytes(sample.read_bytes()[:500])
    with pytest.raises(UnreadableFile, match="damaged Parquet"):
        list(records_of(sample))


def test_archives_of_x_and_mastodon_are_read(tmp_path: Path) -> None:
    tweet = {
        "tweet": {"id_str": "5", "full_text": "hello", "created_at": "Sun Mar 01 00:00:00 +0000 2026", "lang": "en"}
    }
    archive = tmp_path / "twitter.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("data/tweets.js", "window.YTD.tweets.part0 = " + json.dumps([tweet], indent=2))
        made.writestr("data/account.js", "window.YTD.account.part0 = []")
    (one,) = mapped(MAPPINGS / "x-archive.toml", archive)
    assert (one.id, one.created_at) == ("5", "2026-03-01T00:00:00.000Z")
    note = {"id": "https://a/1", "content": "<p>hi</p>", "url": "https://a/@b/1"}
    create = {"type": "Create", "actor": "https://a/b", "published": "2026-03-01T00:00:00Z", "object": note}
    outbox = json.dumps({"orderedItems": [create, {"type": "Announce", "object": "https://c/2"}]}).encode()
    archive = tmp_path / "mastodon.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        member = tarfile.TarInfo("outbox.json")
        member.size = len(outbox)
        packed.addfile(member, io.BytesIO(outbox))
    (one,) = mapped(MAPPINGS / "mastodon-archive.toml", archive)
    assert (one.text, one.author) == ("hi", "https://a/b")


def test_what_is_no_archive_of_posts_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "other.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("readme.txt", "x")
    with pytest.raises(UnreadableFile, match="holds no posts"):
        list(records_of(archive))
    monkeypatch.setattr("agents.adapters.sources.records.DOCUMENT_BYTES", 1_000_000)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data/tweets.js", b" " * 50_000_000)
    with pytest.raises(UnreadableFile, match="more than 1,000,000 bytes"):
        list(records_of(archive))
    archive.write_bytes(archive.read_bytes()[:200])
    with pytest.raises(UnreadableFile, match="damaged"):
        list(records_of(archive))
    with pytest.raises(UnreadableFile, match="cannot be read"):
        list(records_of(tmp_path / "none"))


async def test_another_topic_is_read_on_from_its_cursor(broker: str) -> None:
    topic = "test-json-topic"
    KafkaAdminClient(bootstrap_servers=broker).create_topics(
        {topic: {"num_partitions": 2, "replication_factor": 1}}, timeout_ms=5000
    )
    producer = KafkaProducer(bootstrap_servers=broker)
    clock, source = WaitingClock(), Topic(connected_to(broker), topic)
    for number in range(20):
        producer.send(topic, json.dumps(post(number)).encode(), partition=number % 2)
    producer.send(topic, b"\xff{", partition=0)
    producer.flush()
    async with running(broker, source, clock):
        await until_written(broker, source.name, lambda found: len(found.posts) >= 20)
    producer.send(topic, json.dumps([post(20), post(21)]).encode(), partition=1)
    producer.flush()
    async with running(broker, Topic(connected_to(broker), topic), clock):
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 22)
    producer.close()
    assert sorted(found.ids) == sorted(f"p{n}" for n in range(22))
    assert [letter.reason for letter in found.dead] == ["not_json"]
    with pytest.raises(Refused, match="no topic"):
        await anext(Topic(connected_to(broker), "nobody-made-this").batches(None))


def topic_of(broker: str, name: str, values: list[bytes]) -> None:
    """Make a topic with these values."""
    KafkaAdminClient(bootstrap_servers=broker).create_topics(
        {name: {"num_partitions": 1, "replication_factor": 1}}, timeout_ms=5000
    )
    producer = KafkaProducer(bootstrap_servers=broker)
    for value in values:
        producer.send(name, value)
    producer.flush()
    producer.close()


async def test_avro_is_read_with_the_schemas_of_a_registry(broker: str) -> None:
    written_schema = {
        "type": "record", "name": "Post",
        "fields": [{"name": name, "type": "string"} for name in ("id", "platform", "author", "text")]
        + [{"name": "created_at", "type": {"type": "long", "logicalType": "timestamp-millis"}}],
    }  # fmt: skip
    values = []
    for number in range(3):
        packed = io.BytesIO()
        record = {**post(number), "created_at": 1_772_323_200_000 + number}
        fastavro.schemaless_writer(packed, fastavro.parse_schema(written_schema), record)
        values.append(b"\0\0\0\0\x07" + packed.getvalue())
    unknown = b"\0\0\0\0\x63" + b"rubbish"
    bad = [b"", b"{}", b"\0\0\0\0\x07\xff\xff\xff\xff\xff\xff", unknown, unknown]
    topic_of(broker, "test-avro-topic", values + bad)
    clock = WaitingClock()
    api = RegistryApi(login="redian:s3cret")
    api.avro(7, written_schema)
    async with api.serving():
        registry = Registry(api.address, clock=clock, web=Web(), login="redian:s3cret")
        source = Topic(connected_to(broker), "test-avro-topic", registry=registry)
        async with running(broker, source, clock):
            found = await until_written(
                broker, source.name, lambda found: len(found.posts) >= 3 and len(found.dead) >= 5
            )
    assert sorted(found.ids) == ["p0", "p1", "p2"]
    assert sorted(one.created_at for one in found.posts)[2].startswith("2026-03-01T00:00:00")
    assert sum("has no schema id before it" in letter.detail for letter in found.dead) == 2
    assert sum("no schema 99" in letter.detail for letter in found.dead) == 2
    assert api.asked == ["/schemas/ids/7", "/schemas/ids/99"]


async def test_protobuf_is_read_with_the_schemas_of_a_registry_and_what_they_import(
    broker: str, tmp_path: Path
) -> None:
    pool = DescriptorPool()
    pool.AddSerializedFile(TIMESTAMP.serialized_pb)
    people, posts = people_schema(), post_schema()
    people.name = "common/people.proto"
    del posts.dependency[2]
    pool.AddSerializedFile(people.SerializeToString())
    envelope = pool.AddSerializedFile(posts.SerializeToString()).message_types_by_name["Envelope"]
    message = GetMessageClass(envelope.nested_types_by_name["Post"])
    values = []
    for number in range(3):
        made = message(id=f"p{number}", platform="f", text=f"post {number}", writer={"id": 40 + number})
        made.created_at.FromJsonString(f"2026-03-01T00:00:0{number}Z")
        values.append(b"\0\0\0\0\x07\x04\x02\x00" + made.SerializeToString())
    bad = [b"\0\0\0\0\x07", b"\0\0\0\0\x07\x04\x02\x00\xff\xff", b"\0\0\0\0\x07\x04\x02\x08" + b"x"]
    topic_of(broker, "test-protobuf-topic", [*values, *bad, b"\0\0\0\0\x08" + json.dumps(post(9)).encode()])
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'platform = "f"\n[post]\nid = "id"\ntext = "text"\n'
        'author = "to_string(writer.id || author)"\ncreated_at = "created_at"\n',
        "utf-8",
    )
    clock = WaitingClock()
    api = RegistryApi()
    api.protobuf(7, post_schema(), ("common/people.proto", "people/v1", 3))
    api.imported("people/v1", 3, people_schema(), ("common/people.proto", "people/v1", 3))  # and itself
    api.by_id[8] = {"schemaType": "JSON", "schema": "{}"}
    async with api.serving():
        registry = Registry(api.address, clock=clock, web=Web())
        source = Topic(connected_to(broker), "test-protobuf-topic", registry=registry, mapping=load_mapping(mapping))
        async with running(broker, source, clock):
            found = await until_written(
                broker, source.name, lambda found: len(found.posts) >= 4 and len(found.dead) >= 3
            )
    assert sorted(found.ids) == ["p0", "p1", "p2", "p9"]
    first = min(found.posts, key=lambda one: one.id)
    assert (first.author, first.created_at[:19], first.text) == ("40", "2026-03-01T00:00:00", "post 0")
    assert [letter.reason for letter in found.dead] == ["wrong_type"] * 3
    assert api.asked == [
        "/schemas/ids/7",
        "/schemas/ids/7?format=serialized",
        "/subjects/people%2Fv1/versions/3?format=serialized",
        "/schemas/ids/8",
    ]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ({"schemaType": "PROTOBUF", "serialized": "%", "text": ""}, "no Protobuf that can be read"),
        ({"schemaType": "PROTOBUF", "serialized": "aGVsbG8gd29ybGQ=", "text": ""}, "no Protobuf that can be read"),
        ({"schemaType": "THRIFT", "schema": "x"}, "Avro, Protobuf and JSON are read"),
        ({"schema": "{"}, "is no Avro"),
        ({"schema": 7}, "is no Avro"),
    ],
)
async def test_a_schema_that_cannot_be_read_needs_a_person(held: dict[str, object], why: str) -> None:
    api = RegistryApi()
    api.by_id[7] = held
    async with api.serving():
        registry = Registry(api.address, clock=WaitingClock(), web=Web())
        with pytest.raises(Refused, match=why):
            await registry.record(b"\0\0\0\0\x07value")


async def test_a_registry_that_does_not_let_us_in_or_is_none_needs_a_person() -> None:
    api = RegistryApi(login="redian:right")
    async with api.serving():
        for login, address, why in (
            ("redian:wr0ng", api.address, "401"),
            ("redian:right", api.address + "/elsewhere", "404"),
        ):
            registry = Registry(address, clock=WaitingClock(), web=Web(), login=login)
            with pytest.raises(Refused, match=why) as told:
                await registry.record(b"\0\0\0\0\x07value")
            assert "wr0ng" not in str(told.value)


def test_standard_input_is_read_to_its_end(broker: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agents.cli.main", "ingest", "stdin", "--name", "test"]
    env = environment(broker, tmp_path)
    piped = lines(30) + b"{\n" + lines(5)
    ran = subprocess.run(command, input=piped, env=env, capture_output=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert b"30 posts of stdin:test written" in ran.stderr
    found = written(broker, "stdin:test")
    assert sorted(found.ids) == sorted(f"p{n}" for n in range(30))
    assert [letter.reason for letter in found.dead] == ["not_json"]


def test_a_topic_of_redians_own_is_not_read_again(broker: str, tmp_path: Path) -> None:
    ran = redian(environment(broker, tmp_path), "ingest", "topic", "posts")
    assert ran.returncode == 2
    assert "is a topic of Redian's own" in ran.stderr


def test_map_check_shows_posts_and_each_problem(tmp_path: Path) -> None:
    env = environment("127.0.0.1:1", tmp_path)
    sample = tmp_path / "sample.csv"
    sample.write_text("no,who,when,what\n1,ann,01.03.2026 01:00,hello\n2,,yesterday,b\n")
    ran = redian(env, "map", "check", str(MAPPINGS / "forum.csv.toml"), str(sample))
    assert ran.returncode == 1
    assert "forum-1" in ran.stdout
    assert "record 2 author: who matches nothing" in ran.stdout
    assert "record 2 created_at: time data 'yesterday' does not match" in ran.stdout
    assert "2 records: 1 posts, 0 skipped, 1 became nothing" in ran.stdout
    bad = tmp_path / "bad.toml"
    bad.write_text('[post]\nid = "a..b"\nlikes = "n"\n')
    ran = redian(env, "map", "check", str(bad), str(sample))
    assert ran.returncode == 2
    assert "post.id is no JMESPath" in ran.stderr
    assert "post.likes is no field" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_missing_mapping_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RedianError, match="cannot be read"):
        load_mapping(tmp_path / "none.toml")
