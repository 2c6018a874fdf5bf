"""Each kind of bad input ends in a dead letter with its reason, and the posts around it come through."""

import hashlib
import json

import pytest

from streams.contracts.posts import DeadLetter
from streams.intake import REASONS, Intake, IntakeSettings, Record, Taken

ARRIVED_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z


@pytest.fixture(scope="module")
def intake() -> Intake:
    return Intake(IntakeSettings(author_key=b"key of the tests"))


def post(post_id: str = "p", **fields: object) -> bytes:
    wire = {"id": post_id, "platform": "x", "author": "a", "created_at": "2026-02-28T23:59:00Z", "text": "river flood"}
    return json.dumps(wire | fields, ensure_ascii=False).encode()


def without(field: str) -> bytes:
    wire = json.loads(post())
    del wire[field]
    return json.dumps(wire).encode()


def take(intake: Intake, value: bytes | None, **record: object) -> Taken:
    fields: dict[str, object] = {"timestamp_ms": ARRIVED_MS, "headers": {}} | record
    return intake.take(Record("posts", 3, 17, value, **fields))  # type: ignore[arg-type]


BAD_ITEMS = {
    "truncated": (post()[:-9], "not_json"),
    "malformed": (b'{"id": nothing}', "not_json"),
    "no item at all": (b"", "not_json"),
    "invalid UTF-8": (post(text="@@").replace(b"@@", b"\xff\xfe"), "not_utf8"),
    "invalid UTF-8 where nobody reads": (post(extra="@@").replace(b"@@", b"\xff"), "not_utf8"),
    "a surrogate in bytes": (post(text="@@").replace(b"@@", b"\xed\xa0\x80"), "not_utf8"),
    "a lone high surrogate": (post(text="@@").replace(b"@@", b"\\ud83d"), "lone_surrogate"),
    "a lone low surrogate": (post(text="@@").replace(b"@@", b"\\ude00"), "lone_surrogate"),
    "two high surrogates": (post(text="@@").replace(b"@@", b"\\ud83d\\ud83d\\ude00"), "lone_surrogate"),
    "nested 100 deep": (post(extra=json.loads("[" * 100 + "]" * 100)), "too_deep"),
    "100,000 brackets": (b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
    "a number": (b"5", "wrong_type"),
    "null": (b"null", "wrong_type"),
    "a list in a list": (b"[" + post() + b"]", "wrong_type"),
    "an id that is a number": (post(id=5), "wrong_type"),
    "a text that is null": (post(text=None), "wrong_type"),
    "a missing id": (without("id"), "missing_field"),
    "a missing date": (without("created_at"), "missing_field"),
    "an empty author": (post(author=""), "missing_field"),
    "a long id": (post("p" * 257), "field_too_long"),
    "a long text": (post(text="a" * 20_001), "text_too_long"),
    "no date": (post(created_at="yesterday"), "bad_date"),
    "a date without a zone": (post(created_at="2026-02-28T23:59:00"), "bad_date"),
    "1970": (post(created_at="1970-01-01T00:00:00Z"), "too_old"),
    "the year 1": (post(created_at="0001-01-01T00:00:00+14:00"), "too_old"),
    "2099": (post(created_at="2099-01-01T00:00:00Z"), "in_future"),
    "five minutes and a millisecond ahead": (post(created_at="2026-03-01T00:05:00.001Z"), "in_future"),
}


# Alone these two are an empty value and a good list.
ALONE = {name: bad for name, bad in BAD_ITEMS.items() if name not in ("no item at all", "a list in a list")}
# A truncated item swallows the comma after it: see the truncated list.
AMONG = {name: bad for name, bad in BAD_ITEMS.items() if name != "truncated"}


@pytest.mark.parametrize(("item", "reason"), ALONE.values(), ids=ALONE.keys())
def test_a_bad_post_alone_is_a_dead_letter(intake: Intake, item: bytes, reason: str) -> None:
    taken = take(intake, item)
    assert taken.posts == []
    [letter] = taken.dead
    assert (letter.reason, letter.index, letter.original) == (reason, -1, item[: 64 * 1024])


@pytest.mark.parametrize(("item", "reason"), AMONG.values(), ids=AMONG.keys())
def test_a_bad_post_in_a_list_leaves_its_neighbours_alone(intake: Intake, item: bytes, reason: str) -> None:
    taken = take(intake, b"[" + post("before") + b" ,\n" + item + b", " + post("after") + b"]")
    assert [(read.id, read.index) for read in taken.posts] == [("before", 0), ("after", 2)]
    [letter] = taken.dead
    assert (letter.reason, letter.index, letter.original) == (reason, 1, item[: 64 * 1024])
    assert letter.reason in REASONS
    assert letter.detail
    assert "\n" not in letter.detail


def test_of_a_truncated_list_the_whole_posts_come_through(intake: Intake) -> None:
    taken = take(intake, b"[" + post("one") + b"," + post("two") + b"," + post("three")[:-12])
    assert [read.id for read in taken.posts] == ["one", "two"]
    assert [(letter.reason, letter.index) for letter in taken.dead] == [("not_json", 2)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"[" * 100_000, "too_deep"),
        (b"[" + b",".join([post()] * 1_001) + b"]", "list_too_long"),
        (b"[" + b",".join([b"5"] * 1_001) + b"]", "list_too_long"),
        (post(text="a" * 10_000_000), "too_large"),
    ],
    ids=["tombstone", "no bytes", "open brackets", "long list", "long bad list", "10 MB"],
)
def test_a_value_that_cannot_be_used_is_one_dead_letter(intake: Intake, value: bytes | None, reason: str) -> None:
    taken = take(intake, value)
    assert taken.posts == []
    assert not taken.heartbeat
    assert [letter.reason for letter in taken.dead] == [reason]


def test_a_large_original_keeps_64_kib_and_its_hash(intake: Intake) -> None:
    value = post(text="a" * 10_000_000)
    [letter] = take(intake, value).dead
    assert letter == DeadLetter(
        topic="posts", partition=3, offset=17, index=-1, stage="intake", reason="too_large", detail=letter.detail,
        original=value[:65_536], size=len(value), sha256=hashlib.sha256(value).hexdigest(),
    )  # fmt: skip


def test_what_is_only_unusual_is_accepted(intake: Intake) -> None:
    odd = [
        post("unknown", followers=5, mood={"deep": [1, 2]}),
        post("pair").replace(b"river", b"\\ud83d\\ude00"),
        post("offset", created_at="2026-03-01T07:59:00.5+08:00"),
        post("skew", created_at="2026-03-01T00:05:00Z"),
        post("2005", created_at="2005-01-01T00:00:00Z"),
        post("long", text="a" * 20_000),
        post("brackets", text="[[[[{{{{" * 50),
        post("same") + b" ",
        b"\n" + post("same"),
    ]
    taken = take(intake, b"[" + b",".join(odd) + b"]")
    assert taken.dead == []
    assert [read.id for read in taken.posts] == [
        "unknown", "pair", "offset", "skew", "2005", "long", "brackets", "same", "same",
    ]  # fmt: skip
    assert taken.posts[2].created_ms == ARRIVED_MS - 59_500


def test_an_empty_list_only_lets_time_pass(intake: Intake) -> None:
    taken = take(intake, b" [ ] ")
    assert (taken.posts, taken.dead, taken.heartbeat, taken.arrived_ms) == ([], [], True, ARRIVED_MS)


@pytest.mark.parametrize(
    ("header", "arrived_ms"),
    [
        (b"2026-02-28T23:00:00Z", ARRIVED_MS - 3_600_000),
        (b"2026-03-01T07:00:00+08:00", ARRIVED_MS - 3_600_000),
        (b"1772319600000", ARRIVED_MS - 3_600_000),
        (b"soon", ARRIVED_MS),
        (b"2026-02-28T23:00:00", ARRIVED_MS),
        (b"\xff", ARRIVED_MS),
        (b"", ARRIVED_MS),
        (b"0", ARRIVED_MS),
        (b"9" * 5_000, ARRIVED_MS),
    ],
)
def test_arrival_is_the_header_or_the_timestamp(intake: Intake, header: bytes, arrived_ms: int) -> None:
    taken = take(intake, b"[]", headers={"arrived_at": header})
    assert taken.arrived_ms == arrived_ms


@pytest.mark.parametrize(
    "wrong", [{"author_key": b""}, {"max_depth": 0}, {"max_depth": 500}, {"max_list": 65_536}, {"max_text_chars": 0}]
)
def test_settings_that_cannot_hold_are_refused_in_one_line(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must") as refused:
        IntakeSettings(**({"author_key": b"k"} | wrong))  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)
