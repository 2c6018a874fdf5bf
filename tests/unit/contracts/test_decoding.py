"""Whatever is wrong with bytes on a topic is one kind of error, which every reader expects."""

import msgspec
import pytest

from streams.contracts.answers import Question
from streams.contracts.decoding import json_decoder, packed_decoder
from streams.contracts.lessons import Lesson


@pytest.mark.parametrize(
    "value",
    [None, b"", b"{", b"\xff", b'{"id":"\xff","text":"x"}', b'{"id":"\\ud800","text":"x"}', b'{"id":1,"text":"x"}',
     b'{"id":"x","text":"y","else":' + b"[" * 100_000, b"[]"],
)  # fmt: skip
def test_what_is_no_question_is_refused_as_that(value: bytes | None) -> None:
    with pytest.raises(msgspec.MsgspecError) as told:
        json_decoder(Question).decode(value)
    assert "\n" not in str(told.value)


def test_packed_bytes_alike() -> None:
    good = msgspec.msgpack.encode(Lesson(number=1, hotspot_id="h", verdict="relevant", features={}))
    assert packed_decoder(Lesson).decode(good).number == 1
    for at in range(len(good)):
        broken = good[:at] + b"\xff" + good[at + 1 :]
        try:
            packed_decoder(Lesson).decode(broken)
        except msgspec.MsgspecError:
            continue
