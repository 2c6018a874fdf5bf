"""What a request for recommendations asks for, and whether it can be used."""

from typing import Final

import msgspec

from streams.contracts.decoding import json_decoder
from streams.contracts.recommendations import MOST, RecommendationRequest
from streams.contracts.requests import Unusable, check_id

_HASH_DIGITS: Final = 16

_REQUESTS = json_decoder(RecommendationRequest)


def read_request(value: bytes) -> RecommendationRequest:
    """Read a request.

    Raises:
        Unusable: it is none, or asks for what there is not.
    """
    try:
        request = _REQUESTS.decode(value)
    except msgspec.MsgspecError as error:
        raise Unusable("unreadable", " ".join(str(error).split())[:200]) from None
    check_id(request.id)
    if len(request.author) != _HASH_DIGITS or not set(request.author) <= set("0123456789abcdef"):
        raise Unusable("bad_request", f"an author is {_HASH_DIGITS} hexadecimal digits", request.id)
    if not 1 <= request.count <= MOST:
        raise Unusable("bad_request", f"a count is 1 to {MOST}", request.id)
    return request
