"""The watchlists as the page shows them: how each stands, how it went over the last day, and when its mood turned."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

import msgspec

from streams.contracts.watchlists import MAX_WATCHLISTS, WatchAlert, Watchlist, WatchReport

POINTS: Final = 288
"""Reports of one watchlist that its curves can go back to: a day."""
TURNS: Final = 16
"""Alerts of one watchlist that are kept."""


class Listed(msgspec.Struct, frozen=True):
    """A watchlist as the list has it; `report` is null until there is one, `alert` is the last turn of its mood."""

    watchlist: Watchlist
    report: WatchReport | None = None
    alert: WatchAlert | None = None


class Point(msgspec.Struct, frozen=True):
    """How a watchlist stood at `at`, event time; as in its report."""

    at: str
    posts: int
    posts_before: float | None
    authors: int
    share_of_voice: float | None
    mood: float | None
    mood_before: float | None


class Course(msgspec.Struct, frozen=True):
    """A watchlist as its own view has it, oldest first; `group` are the lists of its group, with itself."""

    listed: Listed
    points: list[Point]
    alerts: list[WatchAlert]
    group: list[Listed]


class _Told(msgspec.Struct):
    """What was told of a name, whether or not a watchlist of that name is in force."""

    report: WatchReport | None = None
    points: deque[Point] = msgspec.field(default_factory=lambda: deque(maxlen=POINTS))
    alerts: deque[WatchAlert] = msgspec.field(default_factory=lambda: deque(maxlen=TURNS))


class Watches:
    """Watchlists by name.

    Args:
        tell: is given the watchlist that changed, by name, and null for one that is gone.
    """

    def __init__(self, tell: Callable[[str, Listed | None], None]) -> None:
        self._tell = tell
        self._lists: dict[str, Watchlist] = {}
        self._told: OrderedDict[str, _Told] = OrderedDict()

    def watchlist(self, watchlist: Watchlist) -> None:
        """Take in a watchlist or a new version of one; more than there may be are passed over."""
        if watchlist.name in self._lists or len(self._lists) < MAX_WATCHLISTS:
            self._lists[watchlist.name] = watchlist
            self._say(watchlist.name)

    def drop(self, name: str) -> None:
        """Forget a watchlist, and what was told of it."""
        self._told.pop(name, None)
        if self._lists.pop(name, None) is not None:
            self._tell(name, None)

    def report(self, report: WatchReport) -> None:
        """Take in how a watchlist stands; an older report than is known changes nothing."""
        told = self._of(report.name)
        if told.report is not None and told.report.emitted_at >= report.emitted_at:
            return
        told.report = report
        told.points.append(
            Point(
                report.emitted_at,
                report.posts,
                report.posts_before,
                report.authors,
                report.share_of_voice,
                report.mood,
                report.mood_before,
            )
        )
        self._say(report.name)

    def alert(self, alert: WatchAlert) -> None:
        """Take in that a mood turned; a repeat changes nothing."""
        told = self._of(alert.name)
        if not told.alerts or told.alerts[-1].emitted_at < alert.emitted_at:
            told.alerts.append(alert)
            self._say(alert.name)

    def _of(self, name: str) -> _Told:
        told = self._told.setdefault(name, _Told())
        self._told.move_to_end(name)
        while len(self._told) > MAX_WATCHLISTS:
            self._told.popitem(last=False)
        return told

    def _say(self, name: str) -> None:
        if name in self._lists:
            self._tell(name, self._listed(name))

    def _listed(self, name: str) -> Listed:
        told = self._told.get(name, _Told())
        return Listed(self._lists[name], told.report, told.alerts[-1] if told.alerts else None)

    def all(self) -> list[Listed]:
        """Return all watchlists, by name."""
        return [self._listed(name) for name in sorted(self._lists)]

    def course(self, name: str) -> Course | None:
        """Return all that is known of a watchlist, None for an unknown one."""
        if name not in self._lists:
            return None
        told = self._told.get(name, _Told())
        group = self._lists[name].group
        peers = [peer for peer, other in sorted(self._lists.items()) if group and other.group == group]
        return Course(
            self._listed(name), list(told.points), list(told.alerts), [self._listed(peer) for peer in peers or [name]]
        )
