"""What identifies a person is masked; dates and figures of the news are not."""

import pytest

from streams.briefs.masking import masked


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("write to jane.doe@example.org now", "write to", "jane"),
        ("call 555-123-4567 for help", "for help", "4567"),
        ("call +86 139 1234 5678 for help", "for help", "1234"),
        ("联系电话13812345678谢谢", "谢谢", "13812345678"),
        ("身份证11010519491231002X丢失", "丢失", "110105"),
    ],
)
def test_addresses_and_numbers_of_persons_are_masked(text: str, kept: str, gone: str) -> None:
    assert kept in masked(text)
    assert gone not in masked(text)


@pytest.mark.parametrize(
    "text",
    ["on 2026-01-02 14:30 about 120,000 people came", "7.1 magnitude, 12.5 km deep", "2026年1月2日 14:30:05 发生地震"],
)
def test_dates_and_figures_survive(text: str) -> None:
    assert masked(text) == text


def test_control_and_direction_characters_never_reach_a_reader() -> None:
    assert not set(masked("a\x1b[31mb\u202ec\x00")) & set("\x1b\u202e\x00")
