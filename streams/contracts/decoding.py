"""Decoders of what stands on topics: whatever is wrong with the bytes is one kind of error.

msgspec lets through that a string is not UTF-8, and that something to be passed over is nested too deep for it. Whoever
forgets one of the two dies of a single message, and again after every restart.
"""

from typing import Final, Generic, TypeVar

import msgspec

T = TypeVar("T")

MOST_COUNTED: Final = 1 << 36
"""What no count on a topic exceeds: summed over 65,536 partitions, times a mood in thousandths, it has 64 bits."""


class Decoder(Generic[T]):
    """Decodes values of one type.

    Args:
        decoder: of msgspec, for JSON or for MessagePack.
    """

    def __init__(self, decoder: "msgspec.json.Decoder[T] | msgspec.msgpack.Decoder[T]") -> None:
        self._decoder = decoder

    def decode(self, value: bytes | None) -> T:
        """Return what `value` holds.

        Raises:
            msgspec.MsgspecError: it is nothing of the type.
        """
        try:
            return self._decoder.decode(value or b"")
        except (UnicodeDecodeError, RecursionError) as error:
            raise msgspec.DecodeError(" ".join(str(error).split())) from None


def json_decoder(kind: type[T]) -> Decoder[T]:
    """Return the decoder of a type from JSON."""
    return Decoder(msgspec.json.Decoder(kind))


def packed_decoder(kind: type[T]) -> Decoder[T]:
    """Return the decoder of a type from MessagePack."""
    return Decoder(msgspec.msgpack.Decoder(kind))
