"""Makes a post's text fit to be shown to strangers: no control characters, what identifies a person masked.

Leaves escaping to whoever shows the text: what is safe in a terminal is not what is safe in HTML.
"""

import re
from typing import Final

from streams.privacy.personal import find

MAIL_MASK: Final = "[e-mail]"
NUMBER_MASK: Final = "[number]"

_CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def masked(text: str) -> str:
    """Return `text` without control characters, with what identifies a person masked."""
    text = _CONTROLS.sub(" ", text)
    pieces, end = [], 0
    for begin, after, kind in find(text):
        pieces += [text[end:begin], MAIL_MASK if kind == "mail" else NUMBER_MASK]
        end = after
    return "".join([*pieces, text[end:]])
