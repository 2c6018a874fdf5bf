"""What was taken back is known by id within its platform, and by author; the oldest is forgotten, the newest is not."""

import msgspec
import pytest

from streams.contracts.outputs import Source
from streams.contracts.sources import Deletion
from streams.intake import Intake, IntakeSettings, Record
from streams.pipeline import posts_of
from streams.privacy.takenback import TakenBack

INTAKE = Intake(IntakeSettings(author_key=b"a key that only these tests use"))
WHEN = "2026-03-01T00:00:00Z"


def deletion(**fields: str) -> Deletion:
    return Deletion(platform=fields.pop("platform", "x"), deleted_at=WHEN, source="test", **fields)


def evidence(taken_back: TakenBack) -> list[str]:
    posts = [
        {"id": str(n), "platform": "x", "author": f"a{n % 2}", "created_at": WHEN, "text": f"Flood in Turin {n}"}
        for n in range(4)
    ]
    record = Record("posts", 0, 7, msgspec.json.encode(posts), 1_772_323_200_000, {})
    sources = [Source(str(n), 0, 7, n) for n in range(4)]
    return [post.id for post in posts_of(sources, lambda *_: record, INTAKE, taken_back.has)]


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({}, ["0", "1", "2", "3"]),
        ({"id": "1"}, ["0", "2", "3"]),
        ({"author": "a1"}, ["0", "2"]),
        ({"id": "1", "platform": "y"}, ["0", "1", "2", "3"]),
        ({"author": "a1", "platform": "y"}, ["0", "1", "2", "3"]),
    ],
)
def test_what_was_taken_back_is_no_evidence(fields: dict[str, str], left: list[str]) -> None:
    taken_back = TakenBack(INTAKE.authors)
    taken_back.add(deletion(**fields))
    assert evidence(taken_back) == left


def test_memory_is_bounded_and_the_newest_are_known() -> None:
    taken_back = TakenBack(INTAKE.authors, size=10)
    for n in range(1000, 0, -1):
        taken_back.add(deletion(id=str(n)))
    assert len(taken_back) <= 20
    assert evidence(taken_back) == ["0"]
