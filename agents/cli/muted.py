"""What verdicts would have changed: read from a file for `redian backtest --feedback`, and shown when it is done."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agents.files import UnreadableFile, lines_of
from streams.contracts.feedback import VERDICTS, Feedback
from streams.contracts.outputs import Hotspot
from streams.contracts.terms import shown
from streams.contracts.times import to_ms

if TYPE_CHECKING:
    from rich.table import Table


def verdicts_in(path: Path) -> list[tuple[int, Feedback]]:
    """Return the verdicts of a file, each with the event time (ms) of what was judged.

    Raises:
        UnreadableFile: it is something else.
    """
    found = []
    for number, line in enumerate(lines_of(path), 1):
        try:
            said = msgspec.json.decode(line, type=Feedback)
            if said.verdict in VERDICTS:
                found.append((to_ms(datetime.fromisoformat(said.judged_at)), said))
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
            raise UnreadableFile(f"{path}, line {number}, is no verdict: {error}") from None
    return found


class Muted:
    """The hotspots that verdicts muted, as they were then."""

    def __init__(self) -> None:
        self._first: dict[str, Hotspot] = {}

    def note(self, hotspots: Iterable[Hotspot]) -> None:
        """Look at hotspots that were published."""
        for hotspot in hotspots:
            if hotspot.relevance is not None and hotspot.relevance.muted:
                self._first.setdefault(hotspot.hotspot_id, hotspot)

    def table(self, verdicts: int) -> "Table":
        """Return what was muted, and what moved that."""
        from rich.markup import escape
        from rich.table import Table

        title = f"{verdicts} verdicts would have muted {len(self._first)} hotspots"
        table = Table("when", "hotspot", "terms", "relevant", "because of", title=title, title_justify="left", box=None)
        for hotspot in self._first.values():
            assert hotspot.relevance is not None
            moved = ", ".join(f"{one.feature} {one.by:+.1f}" for one in hotspot.relevance.moved)
            terms = " ".join(shown(term) for term in hotspot.terms[:4])
            when = hotspot.emitted_at[:16].replace("T", " ")
            table.add_row(
                when, hotspot.hotspot_id, escape(terms), f"{hotspot.relevance.probability:.0%}", escape(moved)
            )
        return table
