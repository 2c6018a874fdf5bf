"""HTML of posts as plain text: paragraphs and breaks are line ends, links their words; nothing is run or fetched."""

import re
from typing import Final

from streams.markup import events_of

_BLOCKS: Final = frozenset({"p", "br", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "pre", "tr"})
_UNSEEN: Final = frozenset({"script", "style", "template", "head"})
_SPACES: Final = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")


def text_of(html: str) -> str:
    r"""Return the text of a fragment of HTML.

    >>> text_of('<p>Flood in <a href="https://x/tags/turin">#<span>Turin</span></a></p><p>now &amp; here</p>')
    'Flood in #Turin\nnow & here'
    """
    parts = []
    for kind, found in events_of(html, _UNSEEN):
        if kind == "text":
            parts.append(found)
        elif kind == "start" and found in _BLOCKS:
            parts.append("\n")
    return _LINES.sub("\n", _SPACES.sub(" ", "".join(parts))).strip()
