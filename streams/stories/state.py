"""The state of the story stage at rest: what it knows, in which order, and how it is read back."""

from typing import Final

import msgspec

from streams.alerts.decision import Purse
from streams.contracts.lessons import Lesson
from streams.contracts.snapshots import StateUnreadable
from streams.stories.acquaintance import Everyday
from streams.stories.sizes import Example
from streams.stories.story import Story

STATE_VERSION: Final = 2


class StoriesStateError(StateUnreadable):
    """A stored state cannot be read: another version wrote it, or it is damaged."""


class State(msgspec.Struct, array_like=True):
    """Everything the stage knows; a state of before a field was there has its default."""

    version: int
    bucket: int
    live: list[Story]
    closed: list[Story]
    purse: Purse
    tests: float
    minutes: float
    everyday: Everyday
    owner: dict[str, str]
    lessons: list[Lesson] = []
    muting: Purse | None = None
    sizes: list[Example] = []
    era: int = 0


def decoded(state: bytes) -> State:
    """Return a state that was stored.

    Raises:
        StoriesStateError: it has another version or is no state.
    """
    try:
        version = msgspec.msgpack.decode(state, type=list)[0]
        if version != STATE_VERSION:
            raise StoriesStateError(f"stories have state version {version}, this program reads {STATE_VERSION}")
        return msgspec.msgpack.decode(state, type=State)
    except (msgspec.MsgspecError, IndexError) as error:
        raise StoriesStateError(f"the state of the stories is damaged: {error}") from error
