"""Makes a post's text fit to be shown to strangers: no control characters, no mail addresses, numbers of people masked.

Leaves escaping to whoever shows the text: what is safe in a terminal is not what is safe in HTML.
"""

import re
from typing import Final

MAIL_MASK: Final = "[e-mail]"
NUMBER_MASK: Final = "[number]"

_CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_MAIL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
# Telephone numbers and identity cards, not figures of the news: dates, counts and prices must survive.
_NUMBER: Final = re.compile(
    r"(?<![A-Za-z0-9.,])(?:"
    r"\+\d[\d ().-]{6,18}\d"
    r"|(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}"
    r"|1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
    r"|0\d{2,3}-\d{7,8}"
    r"|\d{17}[\dXx]"
    r")(?!\d)"
)


def masked(text: str) -> str:
    """Return `text` without control characters, with mail addresses, telephone and identity numbers masked."""
    return _NUMBER.sub(NUMBER_MASK, _MAIL.sub(MAIL_MASK, _CONTROLS.sub(" ", text)))
