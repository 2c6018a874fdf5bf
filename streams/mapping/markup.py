"""HTML of posts as plain text: paragraphs and breaks are line ends, links their words; nothing is run or fetched."""

import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset({"p", "br", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "pre", "tr"})
_UNSEEN: Final = frozenset({"script", "style", "template", "head"})
_SPACES: Final = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - of the base
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS and self.parts:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def text_of(html: str) -> str:
    r"""Return the text of a fragment of HTML.

    >>> text_of('<p>Flood in <a href="https://x/tags/turin">#<span>Turin</span></a></p><p>now &amp; here</p>')
    'Flood in #Turin\nnow & here'
    """
    parser = _Text()
    parser.feed(html)
    parser.close()
    return _LINES.sub("\n", _SPACES.sub(" ", "".join(parser.parts))).strip()
