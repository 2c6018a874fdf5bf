"""`python -m agents.bench.flame STACKS SVG [ROOT]`: draws what a profiler sampled, the outermost call on top.

STACKS is what `py-spy record --function --format raw` writes: `outer (file:line);inner (file:line) samples`, line by
line. Only what is below the first call that contains ROOT is drawn: if it is not named, of `redian bench intake` the
stages all together, beside which other cases run.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final

from agents.errors import RedianError

ROOT: Final = "stages.<locals>.whole ("
_LEAST: Final = 0.005
"""Calls with a smaller share of the samples are left out: nobody could read them."""

_WIDTH: Final = 760
_LINE: Final = 18
_HEAD: Final = 30
_LETTER: Final = 6.4
"""Width of a letter, generously."""
_LOCALS: Final = re.compile(r"[^ ]*<locals>\.")

_COLOURS: Final = {
    "streams/intake/": "#f7b787",
    "streams/counting/": "#f5dd80",
    "streams/hotspots/": "#b5dc8b",
    "streams/stories/": "#97cbe6",
    "streams/briefs/": "#cfb2dd",
    "streams/": "#c9d3d8",
    "agents/": "#c9d3d8",
}
_ELSEWHERE: Final = "#a9b4ba"
_LEGEND: Final = {
    "intake": "streams/intake/", "counting": "streams/counting/", "hotspots": "streams/hotspots/",
    "stories": "streams/stories/", "briefs": "streams/briefs/", "the rest of Redian": "streams/", "libraries": "",
}  # fmt: skip


class Call:
    """A function called from where it was called from: samples in it and below it, and what it calls, by name."""

    def __init__(self) -> None:
        self.samples = 0
        self.calls: dict[str, Call] = {}


def calls_of(lines: Iterable[str], root: str) -> Call:
    """Return what a function calls, wherever it was called from.

    Raises:
        RedianError: no stack goes through it.
    """
    whole = Call()
    for line in lines:
        stack, _, samples = line.rpartition(" ")
        frames = stack.split(";")
        begin = next((number for number, frame in enumerate(frames) if root in frame), None)
        if begin is None:
            continue
        at = whole
        at.samples += int(samples)
        for frame in frames[begin + 1 :]:
            at = at.calls.setdefault(frame, Call())
            at.samples += int(samples)
    if not whole.samples:
        raise RedianError(f"no sample is of {root!r}: were these stacks written with --function --format raw?")
    return whole


def drawn(whole: Call) -> str:
    """Return the picture: calls by name from left to right, as wide as their share of the samples."""
    boxes = list(_boxes(whole, whole.samples, 0.0, 0))
    height = _HEAD + _LINE * (1 + max((depth for depth, _ in boxes), default=0))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
            ' font-family="sans-serif" font-size="11" fill="#222">',
            f"<title>{whole.samples:,} samples</title>",
            *_legend(),
            *(box for _, box in boxes),
            "</svg>\n",
        ]
    )


def _boxes(call: Call, samples: int, left: float, depth: int) -> Iterator[tuple[int, str]]:
    for frame, below in sorted(call.calls.items()):
        share = below.samples / samples
        if share < _LEAST:
            continue
        name, _, file = frame.partition(" (")
        yield depth, _box(_LOCALS.sub("", name), file.rpartition(":")[0], share, left, _HEAD + depth * _LINE)
        yield from _boxes(below, samples, left, depth + 1)
        left += share * _WIDTH


def _box(name: str, file: str, share: float, left: float, top: int) -> str:
    """Return a box with as much of its name as fits; pointing at it shows all."""
    colour = next((colour for begin, colour in _COLOURS.items() if file.startswith(begin)), _ELSEWHERE)
    width = share * _WIDTH
    told = f"{name} {share:.0%}"
    fitting = int((width - 6) / _LETTER)
    shown = told if len(told) <= fitting else name if len(name) <= fitting else f"{name[: fitting - 1]}…"
    text = f'<text x="{left + 3:.1f}" y="{top + 12.5}">{escape(shown)}</text>' if fitting >= 4 else ""
    area = f'x="{left:.1f}" y="{top}" width="{width - 0.6:.1f}" height="{_LINE - 1}"'
    title = f"<title>{escape(name)} ({escape(file)}) {share:.1%}</title>"
    return f'<g>{title}<rect {area} fill="{colour}"/>{text}</g>'


def _legend() -> Iterator[str]:
    left = 0.0
    for name, begin in _LEGEND.items():
        width = len(name) * _LETTER + 12
        colour = _COLOURS.get(begin, _ELSEWHERE)
        yield f'<rect x="{left:.1f}" y="2" width="{width:.1f}" height="{_LINE}" rx="3" fill="{colour}"/>'
        yield f'<text x="{left + 6:.1f}" y="15">{name}</text>'
        left += width + 4


def main(stacks: str, picture: str, root: str = ROOT) -> None:
    """Draw one."""
    Path(picture).write_text(drawn(calls_of(Path(stacks).read_text("utf-8").splitlines(), root)), "utf-8")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except RedianError as error:
        sys.exit(f"redian: {error}")
