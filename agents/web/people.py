"""The profiles that the page shows: those that changed last, without who is not to be known any more."""

import heapq
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from streams.contracts.decoding import json_decoder
from streams.contracts.profiles import Profile
from streams.profiles.uniting import united

MOST: Final = 20_000
"""Authors whose profiles are kept, at about a kilobyte each."""
LISTED: Final = 20

_PROFILES = json_decoder(Profile)


class Known(msgspec.Struct, frozen=True):
    """How many profiles there are, and some of them."""

    count: int
    profiles: list[Profile]


class _Held(msgspec.Struct):
    """What the partitions say of an author, as it came, and their posts as they were then."""

    platform: str
    parts: dict[int, tuple[bytes, float]]


class People:
    """Profiles by the hash of the author.

    Args:
        hides: whether an author, by platform and hash, is not to be known: who opted out, or was taken back. Asked each
            time, for the profile may still stand on its topic.
    """

    def __init__(self, hides: Callable[[str, int], bool] = lambda _platform, _author: False) -> None:
        self._hides = hides
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def take(self, partition: int, author: str, value: bytes | None) -> None:
        """Take in what a partition says of an author; null takes it back.

        Raises:
            MsgspecError: it is no profile.
        """
        held = self._held.get(author)
        if value is None:
            if held is not None:
                held.parts.pop(partition, None)
                if not held.parts:
                    del self._held[author]
            return
        profile = _PROFILES.decode(value)
        if held is None:
            held = self._held[author] = _Held(profile.platform, {})
        held.parts[partition] = value, profile.posts
        self._held.move_to_end(author)
        while len(self._held) > MOST:
            self._held.popitem(last=False)

    def __contains__(self, author: str) -> bool:
        held = self._held.get(author)
        return held is not None and not self._hides(held.platform, int(author, 16))

    def profile(self, author: str) -> Profile | None:
        """Return the profile of an author, united over the partitions; None where none is to be shown."""
        if author not in self:
            return None
        return united([_PROFILES.decode(value) for value, _ in self._held[author].parts.values()])

    def beginning_with(self, digits: str) -> Known:
        """Return profiles of authors whose hash begins with `digits`, who write most first, `LISTED` at most."""
        found = [author for author in self._held if author.startswith(digits) and author in self]
        chosen = heapq.nsmallest(LISTED, found, key=lambda author: (-self._posts(author), author))
        profiles = (self.profile(author) for author in chosen)
        return Known(len(found), [profile for profile in profiles if profile is not None])

    def _posts(self, author: str) -> float:
        return sum(posts for _, posts in self._held[author].parts.values())
