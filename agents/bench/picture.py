"""Draws reports as an SVG that stands alone: a bar for each ratio to a reference, with its spread over the rounds."""

from collections.abc import Sequence
from html import escape
from typing import Final

from agents.bench.paired import Measured
from agents.bench.report import Report

_WIDTH: Final = 760
_LEFT: Final = 300
_RIGHT: Final = 90
_LINE: Final = 26
_HEAD: Final = 34
_GREY: Final = "#90a4ae"
_RED: Final = "#d84315"


def drawn(reports: Sequence[Report]) -> str:
    """Return the picture: a block a report, its reference at 1, each scale its own."""
    parts: list[str] = []
    top = 10
    for report in reports:
        if report.measured:
            parts += _block(report, top)
            top += _HEAD + _LINE * len(report.measured) + 14
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img"'
            ' font-family="sans-serif" font-size="13">',
            "<title>redian bench</title>",
            f'<rect width="{_WIDTH}" height="{top}" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _block(report: Report, top: int) -> list[str]:
    most = max(max(case.ratios) for case in report.measured)
    title = f"{report.bench}: posts a CPU-second ÷ {report.reference}"
    parts = [f'<text x="12" y="{top + 20}" font-size="15" font-weight="bold">{escape(title)}</text>']
    for number, case in enumerate(report.measured):
        colour = _GREY if case.name == report.reference else _RED
        parts += _bar(case, top + _HEAD + number * _LINE, most, colour)
    return parts


def _bar(case: Measured, y: int, most: float, colour: str) -> list[str]:
    def across(ratio: float) -> float:
        return _LEFT + ratio / most * (_WIDTH - _LEFT - _RIGHT)

    middle = y + _LINE / 2
    low, high, width = across(min(case.ratios)), across(max(case.ratios)), across(case.ratio) - _LEFT
    return [
        f'<text x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(case.name)}</text>',
        f'<rect x="{_LEFT}" y="{y + 4}" width="{width:.1f}" height="{_LINE - 8}" fill="{colour}"/>',
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="#000"/>',
        f'<text x="{max(across(case.ratio), high) + 6:.1f}" y="{middle + 4}">{case.ratio:.3g}</text>',
    ]
