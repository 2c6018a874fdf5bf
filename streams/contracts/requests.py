"""What requests on topics have in common: an id of bounded length, and what one is that cannot be used."""

from typing import Final

MAX_ID_CHARS: Final = 256


class Unusable(Exception):
    """A request that cannot be used.

    `reason` is from the closed list of its topic, `detail` one human line; `request_id` is absent where it has none.
    """

    def __init__(self, reason: str, detail: str, request_id: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.request_id = request_id


def check_id(request_id: str) -> None:
    """Check an id.

    Raises:
        Unusable: nobody could be answered by it.
    """
    if not 0 < len(request_id) <= MAX_ID_CHARS:
        raise Unusable("bad_request", f"an id has 1 to {MAX_ID_CHARS} characters")
