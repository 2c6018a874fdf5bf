"""Lines of counts: what is read, and what is refused by the number of its line."""

import pytest

from streams.series import UnusableSeries, read_series

DAY = "2026-03-01"


def read(*lines: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    series = read_series(line.encode() for line in lines)
    return tuple(time - series.times_ms[0] for time in series.times_ms), series.counts


def test_lines_in_any_order_are_one_series() -> None:
    ordered = [f"{DAY} 00:{minute:02}:00,{minute}" for minute in range(0, 60, 5)]
    assert read_series(line.encode() for line in ordered[::-1]) == read_series(line.encode() for line in ordered)


def test_a_header_a_mark_of_order_and_empty_lines_are_no_counts() -> None:
    plain = read(f"{DAY} 00:00:00,3", f"{DAY} 00:05:00,4")
    assert read("\ufefftimestamp,value", f"{DAY} 00:00:00,3\r\n", "", f"{DAY} 00:05:00,4") == plain


def test_two_counts_of_one_time_are_added_up() -> None:
    assert read(f"{DAY} 00:00:00,3", f"{DAY}T00:00:00Z,4") == ((0,), (7.0,))


def test_a_zone_is_heeded_and_none_is_utc() -> None:
    assert read(f"{DAY} 01:00:00,1", f"{DAY}T01:00:00+01:00,2")[0] == (0, 3_600_000)


def test_the_interval_is_the_usual_distance_whatever_is_missing() -> None:
    minutes = [0, 5, 10, 50, 55]
    assert read_series(f"{DAY} 00:{minute:02}:00,1".encode() for minute in minutes).interval_ms == 300_000


@pytest.mark.parametrize("lines", [[], ["timestamp,value"], ["", ""]])
def test_an_empty_file_is_a_series_of_nothing(lines: list[str]) -> None:
    assert read_series(line.encode() for line in lines).counts == ()


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-01 00:00:00",
        "2026-03-01 00:00:00,1,2",
        "yesterday,1",
        "2026-03-01 00:00:00,many",
        "2026-03-01 00:00:00,",
        "2026-13-01 00:00:00,1",
        "2026-03-01 00:00:00,-1",
        "2026-03-01 00:00:00,nan",
        "2026-03-01 00:00:00,inf",
        "2026-03-01 00:00:00,1e999",
        "2026-03-01 00:00:00,1000000001",
        "timestamp,value",
        "\x00\ufffd" * 1000,
    ],
)
def test_what_is_no_count_is_refused_by_its_line(line: str) -> None:
    with pytest.raises(UnusableSeries, match=r"^line 2\b") as refused:
        read_series([b"timestamp,value", line.encode()])
    assert len(str(refused.value)) < 700
