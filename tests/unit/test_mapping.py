"""The mapping language: what it makes, what it refuses, and that nothing makes it raise."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.posts import Post
from streams.mapping import MappingError, Unmapped, apply, read_mapping

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "sources" / "mappings"
PLAIN = b"""platform = "p"
[post]
id = "id"
author = "who"
text = "text"
created_at = "at"
"""
RECORD = {"id": 7, "who": "ann", "text": "hello", "at": "2026-03-01T08:00:00+08:00"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "who", "text", "at"]), inner),
    max_leaves=12,
)


def one(content: bytes, record: object) -> Post:
    (post,) = apply(read_mapping(content), record)
    assert isinstance(post, Post), post
    return post


def problems(content: bytes) -> str:
    with pytest.raises(MappingError) as caught:
        read_mapping(content)
    return str(caught.value)


def test_a_record_becomes_a_post() -> None:
    post = one(PLAIN, RECORD)
    assert (post.id, post.platform, post.author, post.text) == ("7", "p", "ann", "hello")
    assert post.created_at == "2026-03-01T00:00:00.000Z"


def test_the_same_mapping_may_be_json() -> None:
    fields = {"id": "id", "author": "who", "text": "text", "created_at": "at"}
    assert one(json.dumps({"platform": "p", "post": fields}).encode(), RECORD) == one(PLAIN, RECORD)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ('"unix"', 1_772_323_200),
        ('"unix"', "1772323200.0"),
        ('"unix_ms"', 1_772_323_200_000),
        ('"unix_us"', 1_772_323_200_000_000),
        ('"rfc3339"', "2026-03-01T00:00:00Z"),
        ('"%a %b %d %H:%M:%S %z %Y"', "Sun Mar 01 08:00:00 +0800 2026"),
        ('"%Y-%m-%d %H:%M", offset = "+08:00"', "2026-03-01 08:00"),
    ],
)
def test_dates_of_every_form(form: str, value: object) -> None:
    content = PLAIN.replace(b'created_at = "at"', b'created_at = { path = "at", time = ' + form.encode() + b" }")
    assert one(content, {**RECORD, "at": value}).created_at == "2026-03-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"at": "2026-03-01T00:00:00"}, "created_at: names no time zone"),
        ({"at": None}, "created_at: at matches nothing"),
        ({"at": True}, "created_at"),
        ({"text": {"a": 1}}, "text: is an object, not a text"),
        ({"id": True}, "id: is true or false, not a text"),
        ({"who": ""}, "author: who matches nothing"),
    ],
)
def test_a_problem_names_the_field_and_the_path(changed: dict[str, object], told: str) -> None:
    (made,) = apply(read_mapping(PLAIN), {**RECORD, **changed})
    assert isinstance(made, Unmapped)
    assert told in "; ".join(made.problems)


def test_a_mapping_that_matches_nothing_says_so_for_every_field() -> None:
    (made,) = apply(read_mapping(PLAIN), {"other": 1})
    assert isinstance(made, Unmapped)
    assert [problem.split(":")[0] for problem in made.problems] == ["id", "author", "text", "created_at"]
    assert made.reason == "missing_field"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "[post]"),
        (b"\xff\xfe", "neither TOML nor JSON"),
        (b"{" * 50_000, "neither TOML nor JSON"),
        (PLAIN + b'likes = "n"', "post.likes is no field"),
        (PLAIN.replace(b'"who"', b'"a..b"'), "post.author is no JMESPath"),
        (PLAIN.replace(b'"who"', b'{ path = "a", value = "b" }'), "either a path or a value"),
        (PLAIN.replace(b'"who"', b'{ pth = "a" }'), "post.author.pth is unknown"),
        (PLAIN.replace(b'text = "text"\n', b""), "text is missing"),
        (PLAIN.replace(b'"at"', b'{ path = "at", time = "soon" }'), "time should be one of"),
        (PLAIN.replace(b'"at"', b'{ path = "at", offset = "8" }'), "should look like +08:00"),
        (b"wherever = 1\n" + PLAIN, "wherever is unknown"),
        (PLAIN + b" " * 70_000, "larger than"),
    ],
)
def test_a_bad_mapping_says_what_is_wrong(content: bytes, told: str) -> None:
    assert told in problems(content)


@given(JSON)
def test_no_record_makes_it_raise(record: object) -> None:
    plain, items = read_mapping(PLAIN), read_mapping(b'items = "id"\nskip = "length(who) > `1`"\n' + PLAIN)
    for mapping in (plain, items):
        assert all(isinstance(made, Post | Unmapped) for made in apply(mapping, record))


@given(st.binary(max_size=300))
def test_no_file_makes_it_raise_anything_else(content: bytes) -> None:
    for given_content in (content, b"{" + content, PLAIN + content):
        with suppress(MappingError):
            read_mapping(given_content)


def test_markup_becomes_text() -> None:
    content = PLAIN.replace(b'text = "text"', b'text = { path = "text", html = true }')
    text = "<p>Flood &amp; fire<br>in <b>Turin</b></p><script>alert(1)</script>"
    assert one(content, {**RECORD, "text": text}).text == "Flood & fire\nin Turin"


def test_the_examples_of_the_documentation_can_be_used() -> None:
    files = sorted(EXAMPLES.glob("*.toml"))
    assert len(files) == 4
    for file in files:
        read_mapping(file.read_bytes())
    weibo = read_mapping((EXAMPLES / "weibo.toml").read_bytes())
    status = {
        "idstr": "5", "text": "短",
        "user": {"idstr": "1", "followers_count": 3, "created_at": "Fri Aug 28 08:00:00 +0800 2009"},
        "longText": {"longTextContent": "长文"}, "created_at": "Sun Mar 01 08:00:00 +0800 2026",
        "retweeted_status": {"idstr": "4"},
    }  # fmt: skip
    (post,) = apply(weibo, {"statuses": [status, {**status, "deleted": "1"}]})
    assert isinstance(post, Post)
    assert (post.text, post.repost_of, post.followers, post.lang) == ("长文", "4", 3, "zh")
    assert post.author_since == "2009-08-28T00:00:00.000Z"
