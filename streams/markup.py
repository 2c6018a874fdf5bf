"""HTML of strangers, read as browsers read it and in a time that grows with its length alone.

Python's own parser takes half a minute for 30 kB of tags that nobody closes, whoever writes them into a feed.
See docs/decisions/0011.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal

from lxml import etree

_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""What no document may hold, and libxml2 stops at."""

Event = tuple[Literal["start", "end", "text"], str]
"""A tag that begins or ends, by its name in small letters, or text between tags."""


def events_of(html: str, unseen: frozenset[str]) -> Iterator[Event]:
    """Yield the tags and the text of HTML, a page or a part of one. What is broken is read as far as it goes.

    Args:
        html: of any length; text that stands more than 2,048 elements deep is left out.
        unseen: tags of which neither they nor what is in them is yielded.
    """
    whole = html.rfind(">") + 1  # a tag that never ends is none: somebody wrote "<"
    html = _NO_TEXT.sub(" ", html[:whole] + html[whole:].replace("<", "&lt;"))
    if not html.strip():
        return
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(html.encode(), parser)
    if root is None:
        return
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        shown = element.tag not in unseen
        if event == "start":
            if shown:
                yield "start", element.tag
                if element.text:
                    yield "text", element.text
            else:
                walk.skip_subtree()
        else:
            if shown:
                yield "end", element.tag
            if element.tail:
                yield "text", element.tail
