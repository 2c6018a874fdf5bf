"""What is remembered of words is bounded, in number and in length."""

from streams.remembering import LONGEST, Remembered


def counted(most: int) -> tuple[Remembered[str], list[str]]:
    asked: list[str] = []

    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    return Remembered(upper, most), asked


def test_a_string_is_worked_out_once() -> None:
    upper, asked = counted(4)
    assert [upper[text] for text in ("a", "b", "a")] == ["A", "B", "A"]
    assert asked == ["a", "b"]


def test_what_is_asked_for_again_is_kept_and_what_is_not_is_forgotten() -> None:
    upper, asked = counted(4)
    for text in ("a", "b", "c", "a", "d", "a", "e", "a"):
        assert upper[text] == text.upper()
    assert asked == ["a", "b", "c", "d", "e"]
    assert upper["b"] == "B"
    assert asked[-1] == "b"


def test_no_more_than_two_generations_are_held() -> None:
    upper, _ = counted(10)
    for number in range(1_000):
        assert upper[str(number)] == str(number)
    assert len(upper) <= 5


def test_a_long_string_is_not_kept() -> None:
    upper, asked = counted(4)
    assert upper["x" * (LONGEST + 1)] == upper["x" * (LONGEST + 1)]
    assert len(asked) == 2
