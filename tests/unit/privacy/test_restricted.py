"""What is not for everyone is counted, carried, and quoted to no one."""

import msgspec
import pytest

from streams.contracts.outputs import Source
from streams.intake import Intake, IntakeSettings, Record
from streams.mapping import apply, read_mapping
from streams.pipeline import posts_of
from streams.privacy.restricted import LONGEST, MOST, carried, is_quotable, withheld

WHEN_MS = 1_772_366_400_000


def record_of(*restricted: object) -> Record:
    posts = [
        {"id": f"p{n}", "platform": "x", "author": "a", "created_at": "2026-03-01T12:00:00Z", "text": "Flood in Turin",
         **({} if held is None else {"restricted": held})}
        for n, held in enumerate(restricted)
    ]  # fmt: skip
    return Record("posts", 0, 0, msgspec.json.encode(posts), WHEN_MS)


@pytest.fixture
def intake() -> Intake:
    return Intake(IntakeSettings(author_key=b"a key that only these tests use"))


@pytest.mark.parametrize(
    ("restricted", "quotable"),
    [
        ((), True),
        (("sensitive",), True),
        (("adult",), False),
        (("sensitive", "withheld:DE"), False),
        (("other",), True),
    ],
)
def test_what_is_for_some_people_alone_is_not_quotable(restricted: tuple[str, ...], quotable: bool) -> None:
    assert is_quotable(restricted) == quotable


def test_a_country_is_written_one_way() -> None:
    assert withheld("de") == withheld("DE") == "withheld:DE"


def test_only_so_much_is_carried() -> None:
    assert carried(None) == carried([]) == ()
    assert carried(["b", "a", "b", "", "x" * (LONGEST + 1)]) == ("a", "b")
    assert len(carried([f"n{n}" for n in range(100)])) == MOST


def test_posts_are_counted_and_carry_what_is_said_of_them(intake: Intake) -> None:
    taken = intake.take(record_of(None, ["adult"], [], ["withheld:DE", "sensitive"]))
    assert [post.restricted for post in taken.posts] == [(), ("adult",), (), ("sensitive", "withheld:DE")]
    assert all(post.terms for post in taken.posts)


def test_what_is_no_list_of_texts_is_a_dead_letter_of_that_post_alone(intake: Intake) -> None:
    taken = intake.take(record_of(None, "adult", [7]))
    assert [post.id for post in taken.posts] == ["p0"]
    assert [letter.reason for letter in taken.dead] == ["wrong_type", "wrong_type"]


def test_evidence_is_without_them(intake: Intake) -> None:
    record = record_of(None, ["adult"], ["sensitive"], ["withheld:FR"])
    sources = [Source(f"p{n}", 0, 0, n) for n in range(4)]
    assert [post.id for post in posts_of(sources, lambda *_: record, intake)] == ["p0", "p2"]


def test_a_mapping_fills_it() -> None:
    mapping = read_mapping(
        b'platform = "f"\n[post]\nid = "id"\nauthor = "by"\ntext = "text"\n'
        b'created_at = "at"\nrestricted = "nsfw && [\'adult\'] || none"\n'
    )
    made = {"id": "1", "by": "a", "text": "t", "at": "2026-03-01T00:00:00Z"}
    (adult,), (plain,) = (apply(mapping, {**made, "nsfw": nsfw}) for nsfw in (True, False))
    assert adult.restricted == ["adult"]  # type: ignore[union-attr]
    assert plain.restricted is None  # type: ignore[union-attr]
