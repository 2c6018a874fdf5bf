"""Outside evidence: what others list as hot, with their own times, and which hotspots they list too."""

import msgspec

SCHEMA = 1


class Listing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A title that came onto somebody's list. It was not there at `absent_at` and was there at `seen_at` (RFC 3339).

    `list` names the list, as the operator did. The same listing may come again, later seen after a restart.
    """

    schema: int = SCHEMA
    list: str
    title: str
    rank: int
    absent_at: str
    seen_at: str


class SeenOutside(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A hotspot that a list has too: newest value per hotspot and list.

    `told_at` is when the hotspot was first told, in event time. `lead_s` is from there to `absent_at`, the last moment
    at which the title was not on the list, so it is never too long; below 0, the list was earlier. `share` of the
    title's characters are covered by the hotspot's words.
    """

    schema: int = SCHEMA
    hotspot_id: str
    list: str
    title: str
    told_at: str
    absent_at: str
    seen_at: str
    lead_s: int
    share: float

    @property
    def key(self) -> bytes:
        """The key on the compacted topic."""
        return f"{self.hotspot_id}\0{self.list}".encode()
