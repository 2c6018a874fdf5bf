"""What is left of an author is found in whatever form a topic holds it, and nothing of anybody else is taken for it."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.outputs import Quoted
from streams.contracts.posts import DeadLetter
from streams.contracts.topics import ALERTS, BRIEFS, DEAD, HOTSPOTS, POSTS, SCORED, SHARD_SNAPSHOTS, TERMS, TOPICS
from streams.privacy.traces import AUTHOR, HASH, POST, TEXT, Traces

DID = "did:plc:7iza6de2dwap2sbkpav7c6c6"
HASHED = 0x0123456789ABCDEF
URI = f"at://{DID}/app.bsky.feed.post/k1"


def post(author: str, platform: str = "bluesky", name: str = "p1") -> dict[str, str]:
    return {"id": name, "platform": platform, "author": author, "created_at": "2026-03-01T00:00:00Z", "text": "a"}


def traces(author: str = DID, posts: tuple[str, ...] = ()) -> Traces:
    return Traces("bluesky", author, (HASHED,), posts)


def letter_of(original: bytes) -> bytes:
    return msgspec.json.encode(
        DeadLetter(
            topic="posts", partition=0, offset=1, index=-1, stage="intake", reason="too_old", detail="",
            original=original, size=len(original), sha256="",
        )
    )  # fmt: skip


def test_ids_of_posts_are_learnt_from_posts_and_from_ids_that_hold_the_author() -> None:
    found = traces()
    found.learn(POSTS, json.dumps([post(DID), post("another", name="p2"), post(DID, "x", "p3")]).encode())
    found.learn(POSTS, json.dumps(post(DID, name="p4")).encode())
    found.learn(POSTS, json.dumps([7, post(DID, name="p5"), {}]).encode())
    found.learn(HOTSPOTS, msgspec.json.encode({"evidence": [URI, f"at://{DID}x/k2", "other"], "title": f"see {DID}"}))
    for bad in (b"", b"{", b"\xff", b"7"):
        found.learn(POSTS, bad)
    assert found.posts == {"p1", "p4", "p5", URI}


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ([post(DID)], {TEXT, AUTHOR, POST}),
        (post(DID), {TEXT, AUTHOR, POST}),
        ([post(DID, "x")], set()),
        ([post("another", name="p2")], set()),
        ([], set()),
    ],
)
def test_posts_are_theirs_by_platform_and_author(value: object, held: set[str]) -> None:
    assert traces().found_in(POSTS, msgspec.json.encode(value)) == held
    assert traces().found_in(POSTS, json.dumps(value, indent=1).encode()) == held


def test_an_author_with_a_short_id_is_not_seen_in_other_numbers() -> None:
    found = traces("42", ("7",))
    assert found.found_in(ALERTS, b'{"evidence":["427","x42"],"why":{"observed":42}}') == set()
    assert found.found_in(ALERTS, b'{"evidence":["7"]}') == {POST}
    assert found.found_in(POSTS, json.dumps([post("42")]).encode()) == {TEXT, AUTHOR, POST}


def test_escaped_letters_hide_nothing() -> None:
    author = "微博用户/1"
    escaped = json.dumps([post(author)]).replace("/", "\\/").encode()
    assert author.encode() not in escaped
    assert traces(author).found_in(POSTS, escaped) == {TEXT, AUTHOR, POST}


def test_dead_letters_are_read_in_their_original_bytes() -> None:
    found = traces(posts=("p1",))
    assert found.found_in(DEAD, letter_of(json.dumps(post(DID)).encode())) == {TEXT, AUTHOR, POST}
    assert found.found_in(DEAD, letter_of(b'{"cut off":"' + DID.encode())) == {TEXT, AUTHOR}
    assert found.found_in(DEAD, letter_of(json.dumps(post("another", name="p2")).encode())) == set()
    assert found.found_in(DEAD, b"no letter") == set()


def test_hashes_are_found_in_hex_in_columns_and_in_messagepack() -> None:
    found = traces(posts=(URI,))
    assert found.found_in(SCORED, msgspec.json.encode([{"author": f"{HASHED:016x}"}])) == {HASH}
    assert found.found_in(TERMS, b"\x00" * 16 + HASHED.to_bytes(8, "little")) == {HASH}
    assert found.found_in(SHARD_SNAPSHOTS, msgspec.msgpack.encode({"authors": {HASHED: 3}})) == {HASH}
    assert found.found_in(TERMS, msgspec.msgpack.encode([URI])) == {POST}
    assert Traces("bluesky", DID, ()).found_in(SCORED, msgspec.json.encode([{"author": f"{HASHED:016x}"}])) == set()


def test_what_a_brief_quotes_of_another_platform_is_not_theirs() -> None:
    found = traces(posts=("p1",))
    quoted = [msgspec.structs.asdict(Quoted("p1", platform, 0, 0, 0)) for platform in ("x", "bluesky")]
    assert found.found_in(BRIEFS, msgspec.json.encode({"quoted": quoted[:1]})) == set()
    assert found.found_in(BRIEFS, msgspec.json.encode({"quoted": quoted})) == {TEXT, POST}


@given(st.sampled_from(TOPICS), st.binary(max_size=200))
def test_any_bytes_are_read(topic: object, value: bytes) -> None:
    found = traces(posts=("p1",))
    found.learn(topic, value)  # type: ignore[arg-type]
    found.found_in(topic, value)  # type: ignore[arg-type]
