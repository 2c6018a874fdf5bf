"""Which hotspots a list has too, as both come in: the order in which they come changes nothing but the wait.

Bounded: the newest listings of each list and the newest hotspots are compared.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from streams.contracts.outside import Listing, SeenOutside
from streams.contracts.times import to_ms
from streams.ingesting.leads import DAY_MS, LEAST_SHARE, coverage

WITHIN_MS: Final = 6 * 3_600_000
"""Further apart, two are not the same event: a short title is covered by chance within a day."""

LISTINGS: Final = 20_000
HOTSPOTS: Final = 500
LISTS: Final = 16
TERMS: Final = 64


class _Told(msgspec.Struct):
    """A hotspot as it was first told, with the words that its alerts and briefs have."""

    at: str
    at_ms: int
    terms: tuple[str, ...]
    text: str = ""


class _Listed(msgspec.Struct, frozen=True):
    listing: Listing
    absent_ms: int


class LeadBook:
    """Hotspots and listings of late, and the best title of each list for each hotspot."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, OrderedDict[str, _Listed]] = OrderedDict()
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._best: dict[tuple[str, str], tuple[float, int, SeenOutside]] = {}

    def listed(self, listing: Listing) -> list[SeenOutside]:
        """Take in a listing; return which hotspots it is a better title for than any before."""
        found = _Listed(listing, _ms(listing.absent_at))
        held = self._lists.setdefault(listing.list, OrderedDict())
        self._lists.move_to_end(listing.list)
        while len(self._lists) > LISTS:
            self._lists.popitem(last=False)
        known = held.get(listing.title)
        if known is not None and abs(found.absent_ms - known.absent_ms) <= DAY_MS:
            return []  # as it was first seen
        held[listing.title] = found
        held.move_to_end(listing.title)
        while len(held) > LISTINGS:
            held.popitem(last=False)
        return self._better([(name, told, found) for name, told in self._told.items()])

    def told(self, hotspot_id: str, at: str, terms: Sequence[str]) -> list[SeenOutside]:
        """Take in an alert; return which titles are better for its hotspot than any before.

        Args:
            hotspot_id: whose it is; the first time that a hotspot was told counts.
            at: when it was told.
            terms: of the alert.
        """
        held = self._told.setdefault(hotspot_id, _Told(at, _ms(at), ()))
        held.terms = tuple(dict.fromkeys((*held.terms, *terms)))[:TERMS]
        held.text = self._texts.get(hotspot_id, "")
        while len(self._told) > HOTSPOTS:
            gone, _ = self._told.popitem(last=False)
            self._best = {key: best for key, best in self._best.items() if key[0] != gone}
        return self._against_all(hotspot_id, held)

    def worded(self, hotspot_id: str, text: str) -> list[SeenOutside]:
        """Take in the words of a brief, which may come before the alert; return better titles."""
        self._texts[hotspot_id] = text
        self._texts.move_to_end(hotspot_id)
        while len(self._texts) > HOTSPOTS:
            self._texts.popitem(last=False)
        held = self._told.get(hotspot_id)
        if held is None:
            return []
        held.text = text
        return self._against_all(hotspot_id, held)

    def _against_all(self, hotspot_id: str, held: _Told) -> list[SeenOutside]:
        return self._better([(hotspot_id, held, found) for known in self._lists.values() for found in known.values()])

    def _better(self, pairs: Sequence[tuple[str, _Told, _Listed]]) -> list[SeenOutside]:
        changed: dict[tuple[str, str], SeenOutside] = {}
        for name, told, found in pairs:
            apart = abs(found.absent_ms - told.at_ms)
            if apart > WITHIN_MS:
                continue
            listing = found.listing
            share = coverage(listing.title, told.terms, told.text)
            key = (name, listing.list)
            best = self._best.get(key)
            if share < LEAST_SHARE or (best is not None and (share, -apart) <= best[:2]):
                continue
            seen = SeenOutside(
                hotspot_id=name,
                list=listing.list,
                title=listing.title,
                told_at=told.at,
                absent_at=listing.absent_at,
                seen_at=listing.seen_at,
                lead_s=(found.absent_ms - told.at_ms) // 1000,
                share=round(share, 3),
            )
            self._best[key] = (share, -apart, seen)
            changed[key] = seen
        return list(changed.values())


def _ms(at: str) -> int:
    return to_ms(datetime.fromisoformat(at))
