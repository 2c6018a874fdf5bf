"""What a watchlist tells of few people: nothing that would be one person's."""

from streams.contracts.watchlists import Mention
from streams.privacy.groups import SMALLEST
from streams.watching.reasons import reasons
from streams.watching.turning import Turning, Window


def mentions(people: int) -> list[Mention]:
    ours = [Mention(n, f"a{n}", n, -900, n, 0, ("word:leaking",)) for n in range(people)]
    others = [Mention(n, f"b{n}", n, 900, n, 0, (f"word:other{n}",)) for n in range(100, 140)]
    return [*ours, *others]


def test_a_reason_of_fewer_people_than_may_be_told_of_is_not_told() -> None:
    assert reasons(mentions(SMALLEST - 1), -1, ()) == ()
    assert [reason.phrase for reason in reasons(mentions(SMALLEST), -1, ())] == ["leaking"]


def test_the_mood_of_fewer_people_than_may_be_told_of_is_not_told() -> None:
    assert Turning().look(Window(SMALLEST - 1, -0.9, 0.1), 0.01, 0).mood is None
    assert Turning().look(Window(SMALLEST, -0.9, 0.1), 0.01, 0).mood == -0.9
