"""Edits of subscribers as the log has them: of two at once the first holds, for every reader."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.contracts.subscriptions import Subscriber
from streams.subscriptions.definitions import Definitions, Edited

FIRST = Subscriber(name="s", version=1, edit="e1", channel="topic", address="t1")


def test_an_edit_follows_a_version_and_the_first_of_two_holds() -> None:
    held = Definitions()
    mine, theirs = (
        replace(FIRST, version=2, edit="m", address="mine"),
        replace(FIRST, version=2, edit="t", address="theirs"),
    )
    assert held.apply("s", FIRST) is Edited.APPLIED
    assert held.apply("s", theirs) is Edited.APPLIED
    assert held.apply("s", mine) is Edited.STALE
    assert held.apply("s", theirs) is Edited.REPEATED  # the winner, put back
    assert held.get("s") == theirs


def test_removed_is_gone_and_may_come_again() -> None:
    held = Definitions()
    held.apply("s", FIRST)
    assert held.apply("s", None) is Edited.APPLIED
    assert held.apply("s", None) is Edited.REPEATED
    assert held.get("s") is None
    assert held.apply("s", replace(FIRST, edit="again")) is Edited.APPLIED
    assert len(held) == 1


@given(st.permutations(["a", "b", "c"]))
def test_once_the_winner_is_put_back_a_compacted_log_tells_the_same(order: list[str]) -> None:
    log = [FIRST, *(replace(FIRST, version=2, edit=name) for name in order)]
    held = Definitions()
    put_back = [held.get("s") for edited in log if held.apply("s", edited) is Edited.STALE]
    late = Definitions()
    late.apply("s", put_back[-1])  # all that compaction left
    assert late.get("s") == held.get("s")
