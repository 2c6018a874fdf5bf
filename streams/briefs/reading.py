"""From the bytes of a value of `alerts` to the alert, if it holds together and its evidence can stand in a log."""

import math
from typing import Final

import msgspec

from streams.contracts.outputs import Alert
from streams.contracts.terms import MAX_TERM_CHARS

_MOST: Final = 1_000
_MAX_STRING: Final = 256
_MAX_OFFSET: Final = 1 << 62

_DECODER = msgspec.json.Decoder(Alert)


def read_alert(value: bytes) -> Alert:
    """Read an alert.

    Raises:
        msgspec.MsgspecError: `value` is no alert, or does not hold together.
    """
    try:
        alert = _DECODER.decode(value)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None
    if (fault := _fault_of(alert)) is not None:
        raise msgspec.ValidationError(fault)
    return alert


def _fault_of(alert: Alert) -> str | None:
    if max(len(alert.sources), len(alert.evidence), len(alert.terms), len(alert.why.top_terms)) > _MOST:
        return f"a list of more than {_MOST}"
    for source in alert.sources:
        if not (0 <= source.partition < 1 << 16 and 0 <= source.offset < _MAX_OFFSET and 0 <= source.index < 1 << 16):
            return "evidence that stands nowhere"
    names = (alert.alert_id, alert.hotspot_id, alert.stage, alert.emitted_at, alert.started_at, *alert.evidence)
    if any(len(name) > _MAX_STRING for name in (*names, *alert.why.platforms, *alert.why.languages)):
        return f"a string of more than {_MAX_STRING} characters"
    if any(len(term) > MAX_TERM_CHARS + 1 for term in (*alert.terms, *alert.why.top_terms)):
        return f"a term of more than {MAX_TERM_CHARS} characters"
    shares = (*alert.why.platforms.values(), *alert.why.languages.values(), *(alert.why.sentiment or {}).values())
    if not all(math.isfinite(number) for number in (alert.why.expected, alert.why.p_value, *shares)):
        return "a figure that is no number"
    return None
