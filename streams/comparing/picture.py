"""Draws how many events are found at how many false alerts a day, one line a method, as an SVG that stands alone."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

import msgspec

_WIDTH: Final = 760
_HEIGHT: Final = 440
_LEFT: Final = 60
_RIGHT: Final = 200
_TOP: Final = 50
_BOTTOM: Final = 60
_LEAST: Final = 0.05
_MOST: Final = 20.0
_COLOURS: Final = ("#d84315", "#1565c0", "#2e7d32", "#6a1b9a", "#8d6e63", "#455a64")
_LABEL: Final = 18


class Curve(msgspec.Struct, frozen=True):
    """One method: points of (false alerts a day, share of events found), in order of the first."""

    name: str
    points: Sequence[tuple[float, float]]


def drawn(title: str, curves: Sequence[Curve]) -> str:
    """Return the picture. Fewer false alerts a day than 0.05 stand at 0.05; more than 20 are left out."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="28" font-size="16" font-weight="bold">{escape(title)}</text>',
        *_axes(),
    ]
    for number, curve in enumerate(curves):
        parts.append(_line(curve, _COLOURS[number % len(_COLOURS)], number, 3.0 if number == 0 else 1.8))
    return "\n".join([*parts, "</svg>\n"])


def _across(false_a_day: float) -> float:
    share = math.log(max(false_a_day, _LEAST) / _LEAST) / math.log(_MOST / _LEAST)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _down(found: float) -> float:
    return _TOP + (1 - found) * (_HEIGHT - _TOP - _BOTTOM)


def _axes() -> list[str]:
    parts = []
    for mark in (0.1, 0.3, 1, 3, 10):
        x = _across(mark)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="#e0e0e0"/>')
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{mark:g}</text>')
    for mark in (0, 0.25, 0.5, 0.75, 1):
        y = _down(mark)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e0e0e0"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{mark:.0%}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 16}" text-anchor="middle">false alerts a day</text>')
    parts.append(
        f'<text transform="translate(16 {(_TOP + _HEIGHT - _BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
        "events found</text>"
    )
    return parts


def _line(curve: Curve, colour: str, number: int, width: float) -> str:
    points = [(_across(false), _down(found)) for false, found in curve.points if false <= _MOST]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width + 1}"/>' for x, y in points)
    y = _TOP + 10 + number * _LABEL
    x = _WIDTH - _RIGHT + 20
    return (
        f'<g fill="{colour}" stroke="none"><polyline points="{path}" fill="none" stroke="{colour}"'
        f' stroke-width="{width}" stroke-linejoin="round"/>{dots}'
        f'<rect x="{x}" y="{y - 9}" width="14" height="4"/><text x="{x + 22}" y="{y}">{escape(curve.name)}</text></g>'
    )
