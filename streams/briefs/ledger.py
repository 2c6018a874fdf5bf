"""The last briefs of each hotspot: what the next one is compared with."""

from collections import OrderedDict
from typing import Final

from streams.contracts.outputs import Brief, Hotspot

MAX_HOTSPOTS: Final = 2_000
_KEPT: Final = 2
"""Briefs of a hotspot that are kept: a state that is delivered again must find the brief before its own."""


def supersedes(brief: Brief, held: Brief) -> bool:
    """Say whether a brief is a later revision of the same one."""
    return brief.brief_id == held.brief_id and brief.revision > held.revision


class Ledger:
    """Briefs by hotspot, those of the hotspots written of last."""

    def __init__(self) -> None:
        self._briefs: OrderedDict[str, list[Brief]] = OrderedDict()

    def keep(self, brief: Brief) -> None:
        """Take in a brief; new briefs of one hotspot must come in order of time.

        A repeat changes nothing, a revision replaces what it revises.
        """
        held = self._briefs.setdefault(brief.hotspot_id, [])
        if not held or held[-1].emitted_at < brief.emitted_at:
            held.append(brief)
            del held[:-_KEPT]
        else:
            held[:] = [brief if supersedes(brief, one) else one for one in held]
        self._briefs.move_to_end(brief.hotspot_id)
        if len(self._briefs) > MAX_HOTSPOTS:
            self._briefs.popitem(last=False)

    def before(self, hotspot: Hotspot) -> Brief | None:
        """Return the last brief of a hotspot from before this state of it."""
        held = self._briefs.get(hotspot.hotspot_id, [])
        return next((brief for brief in reversed(held) if brief.emitted_at < hotspot.emitted_at), None)
