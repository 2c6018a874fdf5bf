"""How long before, or after, somebody else's list a hotspot was told: outside evidence, with its own timestamps.

A list is only as exact as it is often taken: a title first seen at 10:00 on an hourly list was listed at some moment
after 09:00, so a lead is counted to the earliest of these moments: the list's own delay does not flatter.
"""

import re
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

import msgspec

DAY_MS: Final = 86_400_000
LEAST_SHARE: Final = 0.6
"""Of a title's characters that a hotspot's terms must cover."""

LEAST_RUN: Final = 4
"""Characters that a title and a text must share in a row: two or three are a word that any text may hold."""

_NOISE: Final = re.compile(r"[\W_]+")


class Listed(msgspec.Struct, frozen=True):
    """A title on a list. It was not there at `absent_ms` and was there at `seen_ms`."""

    title: str
    absent_ms: int
    seen_ms: int


class Told(msgspec.Struct, frozen=True):
    """A hotspot as it was first told; `text` is what its brief says, "" without one."""

    hotspot_id: str
    emitted_ms: int
    terms: tuple[str, ...]
    text: str = ""


class Lead(msgspec.Struct, frozen=True):
    """A hotspot that a list has too. `lead_ms` is from the alert to the earliest moment of listing, or below 0."""

    hotspot_id: str
    title: str
    lead_ms: int


class Report(msgspec.Struct, frozen=True):
    """All leads over one list, and what is on one side only."""

    leads: tuple[Lead, ...]
    told: int
    listed: int

    @property
    def median_ms(self) -> float | None:
        """The median lead; None without any."""
        return median(lead.lead_ms for lead in self.leads) if self.leads else None

    @property
    def earlier(self) -> int:
        """How many were told before they were listed."""
        return sum(lead.lead_ms > 0 for lead in self.leads)


class ListWatch(msgspec.Struct):
    """A list that is looked at again and again: which of its titles are new.

    `before_ms` is the last look, `last` when each title of late was there.
    """

    before_ms: int | None = None
    last: dict[str, int] = {}

    def observe(self, at_ms: int, titles: Sequence[str]) -> list[Listed]:
        """Take in a look, return what is new on it; one that is not behind the last changes nothing.

        A title of the first look is none: since when it was there is unknown. One that comes back after a day without
        it is listed anew.
        """
        before = self.before_ms
        if before is not None and at_ms <= before:
            return []
        found = []
        for title in dict.fromkeys(titles):
            if before is not None and at_ms - self.last.get(title, at_ms - 2 * DAY_MS) > DAY_MS:
                found.append(Listed(title, before, at_ms))
            self.last[title] = at_ms
        self.before_ms = at_ms
        self.last = {title: last for title, last in self.last.items() if at_ms - last <= DAY_MS}
        return found


def first_seen(snapshots: Iterable[tuple[int, Sequence[str]]]) -> list[Listed]:
    """Return when each title first came onto a list, see `ListWatch`.

    Args:
        snapshots: time (ms) and titles of the list then, in order of time.
    """
    watch = ListWatch()
    return [found for at_ms, titles in snapshots for found in watch.observe(at_ms, titles)]


def _plain(text: str) -> str:
    return _NOISE.sub("", text).casefold()


def coverage(title: str, terms: Iterable[str], text: str = "") -> float:
    """Return the share of a title's characters that terms, and what a text has in common with it, cover.

    >>> coverage("樊振东德甲夺冠", ["word:樊振东", "word:夺冠"])
    0.7142857142857143
    >>> coverage("樊振东德甲夺冠", [], "【樊振东德甲首冠】今晚夺冠")
    0.7142857142857143
    """
    plain = _plain(title)
    covered = [False] * len(plain)
    for term in terms:
        word = _plain(term.partition(":")[2] or term)
        if len(word) < 2:
            continue
        start = plain.find(word)
        while start >= 0:
            covered[start : start + len(word)] = [True] * len(word)
            start = plain.find(word, start + 1)
    told = _plain(text)
    for start in range(len(plain) - LEAST_RUN + 1 if told else 0):
        if plain[start : start + LEAST_RUN] in told:
            covered[start : start + LEAST_RUN] = [True] * LEAST_RUN
    return sum(covered) / len(plain) if plain else 0.0


def leads_over(listed: Sequence[Listed], told: Sequence[Told], *, within_ms: int = DAY_MS) -> Report:
    """Return the leads of hotspots over a list: each hotspot with the title that its terms cover best.

    Args:
        listed: from `first_seen`.
        told: each hotspot's first alert.
        within_ms: how far apart the two may be to be the same event.
    """
    leads = []
    for hotspot in told:
        best: tuple[float, int, Listed] | None = None
        for title in listed:
            apart = abs(title.absent_ms - hotspot.emitted_ms)
            if apart > within_ms:
                continue
            share = coverage(title.title, hotspot.terms, hotspot.text)
            if share >= LEAST_SHARE and (best is None or (share, -apart) > best[:2]):
                best = (share, -apart, title)
        if best is not None:
            leads.append(Lead(hotspot.hotspot_id, best[2].title, best[2].absent_ms - hotspot.emitted_ms))
    return Report(tuple(leads), len(told), len(listed))
