"""Whatever the bytes, intake neither raises nor loses an item."""

import base64
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contracts.posts import DeadLetter
from streams.contracts.terms import KINDS, MAX_TERM_CHARS, MAX_TERMS_PER_POST, kind_of
from streams.intake import REASONS, Intake, IntakeSettings, Record
from streams.intake.decoding import is_deeper, split

INTAKE = Intake(IntakeSettings(author_key=b"key of the tests"))
ARRIVED_MS = 1_772_323_200_000

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TEXTS = st.text() | st.lists(
    st.sampled_from(
        ["#", "@", "//@", "RT @a: ", "[哈哈]", "http://a.b/c", "www.", "t.cn/x", " ", "暴雨", "的", "flood", "’s",
         "&amp;", "&#x202e;", "\u200d", "😀", "ﷺ", "İ", "ß", "ΐ", "12", "ア", "の", "한", "展开全文c", "…", "\x01",
         "\x03", "\ue000"]
    )
).map("".join)  # fmt: skip
POSTS = st.fixed_dictionaries(
    {
        "id": st.text(max_size=300),
        "platform": st.sampled_from(["x", "weibo"]),
        "author": st.text(min_size=1, max_size=5),
        "created_at": st.sampled_from(["2026-02-28T23:59:00Z", "1999-01-01T00:00:00Z", "2026-02-31T00:00:00Z"]),
        "text": TEXTS,
    },
    optional={"lang": st.text(max_size=5), "repost_of": st.text(max_size=300), "anything": JSON},
)


def record(value: bytes | None) -> Record:
    return Record("posts", 0, 0, value, ARRIVED_MS)


@given(
    st.binary() | st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b",", b'"', b"\\", b"1", b"\xff"])).map(b"".join)
)
@settings(max_examples=500)
def test_any_bytes_become_posts_dead_letters_or_a_heartbeat(value: bytes) -> None:
    taken = INTAKE.take(record(value))
    assert taken.heartbeat != bool(taken.posts or taken.dead)
    assert {letter.reason for letter in taken.dead} <= set(REASONS)


@given(st.lists(POSTS | JSON, max_size=6))
@settings(max_examples=300)
def test_every_item_of_a_list_is_accounted_for(items: list[object]) -> None:
    value = json.dumps(items, ensure_ascii=True).encode()
    taken = INTAKE.take(record(value))
    indices = [read.index for read in taken.posts] + [letter.index for letter in taken.dead]
    assert sorted(indices) == list(range(len(items)))
    for letter in taken.dead:
        assert json.loads(letter.original) == items[letter.index]


@given(POSTS)
@settings(max_examples=500)
def test_terms_are_unique_bounded_and_of_a_known_kind(wire: dict[str, object]) -> None:
    for read in INTAKE.take(record(json.dumps(wire).encode())).posts:
        assert len(set(read.terms)) == len(read.terms) <= MAX_TERMS_PER_POST
        assert all(len(term) <= MAX_TERM_CHARS for term in read.terms)
        assert {kind_of(term) for term in read.terms} <= set(KINDS)
        assert not any(ord(char) < 32 for char in read.text)
        assert 0 <= read.author < 1 << 64
        assert 0 <= read.copy_key < 1 << 64


@given(st.lists(JSON, max_size=6), st.sampled_from([None, (",", ":")]))
def test_splitting_by_brackets_gives_what_parsing_gives(
    items: list[object], separators: tuple[str, str] | None
) -> None:
    value = json.dumps(items, separators=separators).encode()
    parts = [json.loads(part) for part in split(value)] if items else []
    assert parts == items


@given(JSON)
def test_depth_is_found_without_parsing(item: object) -> None:
    def depth(value: object) -> int:
        if isinstance(value, dict):
            return 1 + max(map(depth, value.values()), default=0)
        return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0

    data = json.dumps(item).encode()
    assert is_deeper(data, depth(item) - 1)
    assert not is_deeper(data, depth(item))


def test_a_dead_letter_is_json_with_its_bytes_in_base64() -> None:
    [letter] = INTAKE.take(record(b"\xff\x00 no post")).dead
    wire = msgspec.json.encode(letter)
    assert base64.b64decode(json.loads(wire)["original"]) == b"\xff\x00 no post"
    assert msgspec.json.decode(wire, type=DeadLetter) == letter


_ITEMS = st.one_of(
    POSTS.map(json.dumps).map(str.encode), st.sampled_from([b"{}", b"3", b'"\xff"', b"[" * 80 + b"]" * 80])
)


@given(st.lists(_ITEMS, min_size=1, max_size=6), st.integers(0, 9), st.sets(st.integers(0, 6)))
def test_posts_read_again_are_those_read_at_first(items: list[bytes], cut: int, indices: set[int]) -> None:
    whole = b"[" + b",".join(items) + b"]"
    record = Record("posts", 0, 0, whole[: len(whole) - cut], ARRIVED_MS)
    taken = INTAKE.take(record).posts
    assert INTAKE.again(record, indices) == [post for post in taken if post.index in indices]


@pytest.mark.parametrize("value", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b"", b"[]", None])
def test_nothing_is_read_again_where_no_post_stands(value: bytes | None) -> None:
    assert INTAKE.again(Record("posts", 0, 0, value, ARRIVED_MS), {0, 1}) == []


@given(st.lists(POSTS, max_size=6))
@settings(max_examples=100)
def test_posts_of_one_record_are_read_as_each_would_be_alone(items: list[object]) -> None:
    together = INTAKE.take(record(json.dumps(items).encode()))
    alone = [INTAKE.take(record(json.dumps([item]).encode())) for item in items]
    read = [msgspec.structs.replace(post, index=0) for post in together.posts]
    assert read == [post for one in alone for post in one.posts]
    assert [letter.reason for letter in together.dead] == [letter.reason for one in alone for letter in one.dead]
