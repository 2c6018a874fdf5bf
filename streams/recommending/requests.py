"""What a request for recommendations asks for, and whether it can be used."""

from typing import Final

import msgspec

from streams.contracts.recommendations import MOST, RecommendationRequest

MAX_ID_CHARS: Final = 256
_HASH_DIGITS: Final = 16

_REQUESTS = msgspec.json.Decoder(RecommendationRequest)


class Unusable(Exception):
    """A request that cannot be used. `reason` is "unreadable" or "bad_request"; `request_id` is absent without one."""

    def __init__(self, reason: str, detail: str, request_id: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.request_id = request_id


def read_request(value: bytes) -> RecommendationRequest:
    """Read a request.

    Raises:
        Unusable: it is none, or asks for what there is not.
    """
    try:
        request = _REQUESTS.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable("unreadable", " ".join(str(error).split())[:200]) from None
    if not 0 < len(request.id) <= MAX_ID_CHARS:
        raise Unusable("bad_request", f"an id has 1 to {MAX_ID_CHARS} characters")
    if len(request.author) != _HASH_DIGITS or not set(request.author) <= set("0123456789abcdef"):
        raise Unusable("bad_request", f"an author is {_HASH_DIGITS} hexadecimal digits", request.id)
    if not 1 <= request.count <= MOST:
        raise Unusable("bad_request", f"a count is 1 to {MOST}", request.id)
    return request
