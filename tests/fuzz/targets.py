"""What hostile bytes are thrown at: one target for each topic that Redian reads, and what must hold whatever comes.

A check returns quietly or raises: `AssertionError` where something was lost or is out of range, anything else where the
code did not expect such bytes. Whoever calls it watches the time.
"""

import functools
import hashlib
from array import array
from collections.abc import Callable
from typing import Final

import msgspec

from streams.briefs import EvidencePost, write_brief
from streams.briefs.reading import read_hotspot
from streams.contracts.bursts import BucketRecord, Burst, Evidence
from streams.contracts.framing import HEARTBEAT
from streams.contracts.lessons import Lesson
from streams.contracts.terms import MAX_TERM_CHARS, MAX_TERMS_PER_POST
from streams.counting import SliceBuilder, parts_of
from streams.counting.parts import decode_part, encode_part
from streams.hotspots.coverage import Coverage, Covered
from streams.hotspots.detector import DetectorSettings
from streams.hotspots.shard import Shard
from streams.intake import REASONS, Intake, IntakeSettings, Record
from streams.intake.decoding import split
from streams.pipeline import posts_of
from streams.relevance import Learner, read_lesson
from streams.relevance.lessons import is_lesson
from streams.simulation import history
from streams.snapshots import Snapshot, newest_of, records_of
from streams.stories import Stories, StorySettings
from streams.stories.gather import Gather
from streams.stories.reading import read_record
from tests.fuzz import asked, followed

NOW_MS: Final = 1_772_323_200_000  # 2026-03-01T00:00:00Z
SHARDS: Final = 2
LATENESS_MS: Final = 60_000
INTAKE: Final = Intake(IntakeSettings(author_key=b"key of the fuzzer"))
_BETWEEN: Final = b"[], \t\r\n"
_RECORDS: Final = msgspec.msgpack.Decoder(list[tuple[str, bytes | None]])


def check_posts(value: bytes) -> None:
    """Every item of a value is a post or a dead letter, each byte stands in one of them or between them."""
    taken = INTAKE.take(Record("posts", 0, 7, value, NOW_MS))
    assert taken.heartbeat != bool(taken.posts or taken.dead)
    for letter in taken.dead:
        assert letter.reason in REASONS
        assert letter.detail
        assert "\n" not in letter.detail
        msgspec.json.encode(letter)
    for post in taken.posts:
        assert len(set(post.terms)) == len(post.terms) <= MAX_TERMS_PER_POST
        assert all(len(term) <= MAX_TERM_CHARS for term in post.terms)
        assert not any(ord(char) < 32 for char in post.text)
        post.text.encode()
    if taken.heartbeat:
        assert value.strip(b" \t\r\n").replace(b" ", b"").replace(b"\n", b"").strip(b"[]\t\r") == b""
        return
    indices = sorted([*(post.index for post in taken.posts), *(letter.index for letter in taken.dead)])
    if indices == [-1] or (len(indices) == 1 and value.lstrip(b" \t\r\n")[:1] != b"["):
        for letter in taken.dead:
            assert (letter.size, letter.sha256) == (len(value), hashlib.sha256(value).hexdigest())
        return
    pieces = list(split(value))
    assert indices == list(range(len(pieces)))
    place = 0
    for piece in pieces:
        at = value.index(piece, place)
        assert not value[place:at].strip(_BETWEEN)
        place = at + len(piece)
    assert not value[place:].strip(_BETWEEN)
    for letter in taken.dead:
        assert letter.sha256 == hashlib.sha256(pieces[letter.index]).hexdigest()


def check_terms(value: bytes) -> None:
    """A part that is read can be counted, twice without a change; any other is refused."""
    try:
        part = decode_part(value)
    except msgspec.MsgspecError:
        return
    assert decode_part(encode_part(part)) == part
    shard = Shard(part.shard, max(part.shard + 1, SHARDS), LATENESS_MS, DetectorSettings())
    shard.coverage = Coverage({part.partition: Covered(next=part.start)}, part.partitions)
    for record in shard.apply(part):
        read_record(msgspec.msgpack.encode(record))
    before = shard.state()
    assert shard.apply(part) == []
    assert shard.state() == before


def check_bursts(value: bytes) -> None:
    """A record that is read can be decided on and published, a lesson be learnt; any other is refused."""
    try:
        if is_lesson(value):
            learner = Learner([read_lesson(value)])
            assert learner.relevance(learner.lessons[0].features) is not None
            return
        record = read_record(value)
    except msgspec.MsgspecError:
        return
    gather = Gather(record.shards)
    gather.offer(record)
    stories = Stories(StorySettings(budget=1000.0, lateness_ms=LATENESS_MS))
    outcome = stories.close(record.bucket, [record])
    for output in (*outcome.hotspots, *outcome.alerts):
        msgspec.json.encode(output)
    Stories.restore(StorySettings(budget=1000.0, lateness_ms=LATENESS_MS), stories.state())


def check_hotspots(value: bytes) -> None:
    """A hotspot that is read can be put into words; any other is refused."""
    try:
        hotspot = read_hotspot(value)
    except msgspec.MsgspecError:
        return
    told = [EvidencePost(name, f"What {name} says of {hotspot.terms[:1]}.", "en") for name in hotspot.evidence]
    first = write_brief(hotspot, posts_of(hotspot.sources, lambda *_: None, INTAKE))
    for brief in (first, write_brief(hotspot, told, first)):
        msgspec.json.encode(brief)


def check_snapshots(value: bytes) -> None:
    """Whatever stands on a snapshot topic, a state that is found is one that was written whole."""
    try:
        records = _RECORDS.decode(value)
    except ValueError:
        return
    found = newest_of(records)
    for state, snapshot in found.newest.items():
        assert snapshot.state == state
        assert all(offset >= 0 for offset in snapshot.sources.values())
        written = hashlib.sha256(snapshot.data).hexdigest().encode()
        assert any(data is not None and written in data for _, data in records)


CHECKS: Final[dict[str, Callable[[bytes], None]]] = {
    "posts": check_posts,
    "terms": check_terms,
    "bursts": check_bursts,
    "hotspots": check_hotspots,
    "snapshots": check_snapshots,
    **asked.CHECKS,
    **followed.CHECKS,
}


def record_of_bucket(bucket: int) -> BucketRecord:
    """Return a record with two bursts that share their posts."""
    sample = tuple(
        Evidence(f"p{n}", 0, n, 0, 1_000 + n, bucket * 60_000, "en", "x", 99 + n, (0.2, 0.3, 0.5)) for n in range(8)
    )
    bursts = tuple(
        Burst(
            term=term,
            log10_p=-14.0,
            scale_min=5,
            observed=40,
            expected=0.5,
            authors=(20, 40, 40, 40),
            posts=30,
            significant=True,
            sample=sample,
            series=(0,) * 58 + (10, 30),
            copies=0.1,
            top_author=0.1,
            hashes=array("Q", range(1, 40)).tobytes(),
        )
        for term in ("tag:flood", "word:harbour")
    )
    return BucketRecord(shard=0, shards=1, bucket=bucket, posts=90, tests=400, warming=1.0, bursts=bursts)


@functools.cache
def seeds() -> dict[str, list[bytes]]:
    """Return values as Redian writes them, by topic: what mutations begin with."""
    posts = [msgspec.json.encode(post) for post in history(3, NOW_MS, 0.2)]
    found: dict[str, list[bytes]] = {name: [] for name in CHECKS}
    found["posts"] = [HEARTBEAT, *posts[:20], b"[" + b",".join(posts[20:24]) + b"]", b"[" + posts[24] + b", {}, 1]"]
    builder = SliceBuilder(0, 0, LATENESS_MS)
    for offset, post in enumerate(posts):
        record = Record("posts", 0, offset, post, NOW_MS)
        taken = INTAKE.take(record)
        builder.add(offset, taken.posts, taken.arrived_ms, heartbeat=False)
        if len(builder) == 16 and len(found["terms"]) < 12:
            made = builder.cut()
            found["terms"] += [encode_part(part) for part in parts_of(made, [None] * 16, shards=SHARDS, partitions=1)]
    for bucket in range(2):
        found["bursts"].append(msgspec.msgpack.encode(record_of_bucket(29_538_720 + bucket)))
    lesson = Lesson(number=3, hotspot_id="h", verdict="relevant", features={"size": 0.5, "term #flood": 1.0}, by="ada")
    found["bursts"].append(msgspec.msgpack.encode(lesson))
    stories = Stories(StorySettings(budget=1000.0, lateness_ms=LATENESS_MS))
    outcome = stories.close(29_538_720, [record_of_bucket(29_538_720)])
    found["hotspots"] = [msgspec.json.encode(hotspot) for hotspot in outcome.hotspots]
    states = [Snapshot("shard-0", "writer", 3, b"state " * 9, {0: 17}), Snapshot("stories", "b", 1, b"", {0: 1})]
    found |= asked.seeds() | followed.seeds()
    found["snapshots"] = [msgspec.msgpack.encode(list(records_of(state))) for state in states]
    return found
