"""A piece of content as Markdown or HTML, everything in it escaped for where it goes."""

import html
import re
from typing import Final

from streams.content.composing import Piece

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")
_COLOURS: Final = {"negative": "#c0392b", "neutral": "#8a8f98", "positive": "#2e8b57"}


def markdown_of(piece: Piece) -> str:
    """Return a piece as Markdown; no character of a post can become markup."""

    def plain(text: str) -> str:
        return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))

    parts = [f"# {plain(piece.title)}", " ".join(plain(sentence.text) for sentence in piece.sentences)]
    parts += ["\n".join(f"- {plain(figure)}" for figure in piece.figures)]
    if piece.mood:
        rows = "\n".join(f"| {name} | {share:.0%} |" for name, share in sorted(piece.mood.items()))
        parts.append(f"| mood | share |\n| --- | --- |\n{rows}")
    return "\n\n".join(part for part in parts if part) + "\n"


def html_of(piece: Piece) -> str:
    """Return a piece as an HTML article; a report shows its mood as a chart."""
    parts = [f'<article lang="{html.escape(piece.lang)}">', f"<h1>{html.escape(piece.title)}</h1>"]
    parts += [
        f'<p data-posts="{html.escape(" ".join(sentence.evidence))}">{html.escape(sentence.text)}</p>'
        for sentence in piece.sentences
    ]
    if piece.mood:
        parts.append(_chart(piece.mood))
    if piece.figures:
        parts.append(f"<ul>{''.join(f'<li>{html.escape(figure)}</li>' for figure in piece.figures)}</ul>")
    return "\n".join([*parts, "</article>"]) + "\n"


def _chart(mood: dict[str, float]) -> str:
    """Return shares of moods as a bar each."""
    bars = []
    for place, (name, share) in enumerate(sorted(mood.items())):
        y, label = 8 + place * 26, html.escape(name)
        bars.append(
            f'<text x="0" y="{y + 14}">{label}</text><rect x="80" y="{y}" width="{share * 200:.0f}" height="18" '
            f'fill="{_COLOURS.get(name, "#8a8f98")}"/><text x="{86 + share * 200:.0f}" y="{y + 14}">{share:.0%}</text>'
        )
    height = 12 + 26 * len(mood)
    return f'<svg role="img" width="340" height="{height}" font-size="13" fill="currentColor">{"".join(bars)}</svg>'
