"""What counts as overhead in `make peers`, and that the peers' job publishes what a worker's agent does."""

from collections.abc import Iterator

import msgspec
import pytest

from agents.bench.report import Figure
from streams.contracts.posts import ScoredPost
from streams.contracts.topics import DEAD, SCORED, TERMS
from streams.counting.parts import decode_part
from streams.intake import Record
from streams.simulation import live
from tests.bench.peers.comparing import REDIAN, Used, figures_of
from tests.bench.peers.job import Job


def used(overhead: float, encoding: float = 1.0) -> Used:
    return Used(all=8.0 + encoding + overhead, streams=8.0, encoding=encoding, messages=10)


def test_overhead_is_what_lies_beside_the_shared_calls_and_is_compared_with_the_better_peer() -> None:
    rounds = [
        {REDIAN: used(1.0), "swift": used(2.0), "slow": used(4.0)},
        {REDIAN: used(3.0), "swift": used(2.0), "slow": used(1.0)},
        {REDIAN: used(1.0), "swift": used(4.0), "slow": used(8.0)},
    ]
    found = {figure.name: figure for figure in figures_of(rounds, posts=1_000_000)}
    assert found["Redian: overhead"].values == pytest.approx((1.0, 3.0, 1.0))
    ratio = found["overhead of Redian ÷ of swift, the better peer"]
    assert ratio.values == pytest.approx((0.5, 1.5, 0.25))
    assert ratio.bar == "≤ 0.5"
    assert isinstance(ratio, Figure)


def test_encoding_counts_as_overhead_in_a_figure_of_its_own() -> None:
    found = figures_of([{REDIAN: used(1.0, 3.0), "peer": used(2.0, 2.0)}], posts=1)
    assert next(figure for figure in found if "encoding of scored posts" in figure.name).values == pytest.approx((1.0,))


def records(messages: int) -> Iterator[Record]:
    posts = live(seed=3, begin_ms=1_772_409_600_000)
    for offset in range(messages):
        value = msgspec.json.encode([next(posts) for _ in range(64)])
        yield Record("posts", 1, offset, value, 1_772_500_000_000)
    yield Record("posts", 1, messages, b"no post", 1_772_500_000_000)


def test_the_job_publishes_parts_scored_posts_and_dead_letters_of_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIAN_AUTHOR_KEY", "of tests and nobody else")
    job = Job()
    made = list(job.published(1, [(record.offset, job.take(record)) for record in records(2)]))
    parts = [decode_part(message.value) for message in made if message.topic == TERMS.name]
    assert {part.shard for part in parts} == set(range(job.settings.shards))
    assert {(part.partition, part.start, part.end) for part in parts} == {(1, 0, 3 << 16)}
    lists = [
        msgspec.json.decode(message.value, type=list[ScoredPost]) for message in made if message.topic == SCORED.name
    ]
    assert [len(scored) for scored in lists] == [64, 64]
    assert [message.key for message in made if message.topic == DEAD.name] == [b"posts/1/2/-1"]
