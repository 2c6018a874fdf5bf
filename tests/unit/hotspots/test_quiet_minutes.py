"""The shorter ways of a minute say what the plain ones say: of one part, and of the smallest hashes."""

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contracts.bursts import BURST_HASHES
from streams.contracts.posts import POSITION_BITS
from streams.contracts.slices import POST_NAMES
from streams.hotspots.content import BucketContent
from streams.hotspots.pending import Chunk, _alone, _united
from streams.hotspots.sampling import _smallest


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    """Return what a part brought to a bucket; now and then with an id or a posting twice, or out of order."""
    ids = draw(st.lists(st.text("abcdef", min_size=1, max_size=2), min_size=1, max_size=6))
    posts = len(ids)
    number = np.arange(posts)
    offsets = draw(st.permutations(range(posts))) if draw(st.integers(0, 4)) == 0 else range(posts)
    terms = draw(st.lists(st.sampled_from("uvwxyz"), min_size=1, max_size=6, unique=True))
    if draw(st.integers(0, 4)):
        terms.sort()
    drawn = draw(st.lists(st.tuples(st.integers(0, len(terms) - 1), st.integers(0, posts - 1)), min_size=1))
    postings = sorted(drawn) if draw(st.booleans()) else sorted(set(drawn))
    return Chunk(
        partition=draw(st.integers(0, 3)),
        ids=ids,
        lang=["en"] * posts,
        platform=[f"on{row}" for row in range(posts)],
        position=(np.array(offsets, "<i8") << POSITION_BITS).tobytes(),
        author=(number % 3).astype("<u8").tobytes(),
        created=number.astype("<i8").tobytes(),
        copy=bytes(8 * posts),
        sentiment=np.repeat(number, 3).astype("<f4").tobytes(),
        terms=terms,
        term=np.array([term for term, _ in postings], "<u4").tobytes(),
        row=np.array([row for _, row in postings], "<u4").tobytes(),
        names=np.repeat(number, POST_NAMES).astype("<u4").tobytes() if draw(st.booleans()) else b"",
        accounts=number.tolist() if draw(st.booleans()) else [],
        places=[f"in{row}" for row in range(posts)] if draw(st.booleans()) else [],
    )


def told(content: BucketContent) -> dict[str, object]:
    """Return everything a content holds, as values to compare."""
    held = msgspec.structs.asdict(content)
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in held.items()}


@settings(max_examples=200, deadline=None)
@given(chunk=chunks())
def test_a_minute_of_one_part_is_what_uniting_makes_of_it(chunk: Chunk) -> None:
    short = _alone(chunk)
    if short is None:
        rows = list(zip(np.frombuffer(chunk.term, "<u4"), np.frombuffer(chunk.row, "<u4"), strict=True))
        position = np.frombuffer(chunk.position, "<i8").tolist()
        in_order = position == sorted(position) and chunk.terms == sorted(chunk.terms)
        assert not in_order or len(set(chunk.ids)) < len(chunk.ids) or len(set(rows)) < len(rows)
    else:
        assert told(short) == told(_united([chunk]))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), posts=st.integers(0, 3000), spread=st.sampled_from([1 << 20, 1 << 50, (1 << 64) - 1]))
def test_the_smallest_hashes_of_a_term_are_among_those_looked_at(seed: int, posts: int, spread: int) -> None:
    chance = np.random.default_rng(seed)
    hashes = chance.integers(0, spread, posts, np.uint64)
    slot = chance.choice([0, 0, 0, 0, 1, 2], posts)
    few = _smallest(hashes, slot, 3)
    for term in range(3):
        rows = np.flatnonzero(slot == term)
        smallest = rows[np.argsort(hashes[rows], kind="stable")][:BURST_HASHES]
        assert set(smallest.tolist()) <= set(few.tolist())
