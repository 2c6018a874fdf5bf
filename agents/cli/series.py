"""`redian evaluate --series`: alarms on series of counts, judged by the rules of a public benchmark."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from agents.errors import RedianError
from agents.files import UnreadableFile, lines_of

if TYPE_CHECKING:
    from rich.table import Table

    from streams.series import Alarm, Scored, Series, Window

_LISTED: Final = 2000


def evaluate_series(target: Path, labels: Path, budget: float, *, listed: bool, as_json: bool) -> None:
    """See `redian evaluate --series`.

    Args:
        target: a CSV file of one series, or a folder of them.
        labels: when something happened, by the name of a file.
        budget: false alarms a day over all series together.

    Raises:
        RedianError: in one line, what is missing or does not fit.
    """
    import msgspec
    from rich.console import Console

    from streams.series import SeriesSettings, alarms_of, score, total

    files = sorted(target.glob("*.csv")) if target.is_dir() else [target]
    if not files:
        raise RedianError(f"{target} has no CSV files of timestamp,value")
    known = _windows(labels)
    strange = [path.name for path in files if path.name not in known]
    if strange:
        raise RedianError(f"{labels} does not name {', '.join(strange)}; an empty list says that nothing happened")
    settings = SeriesSettings(budget=budget / len(files))
    console = Console()
    results: dict[str, Scored] = {}
    for path in files:
        series = _series(path)
        alarms = list(alarms_of(series, settings))
        try:
            results[path.name] = score(series.times_ms, [alarm.time_ms for alarm in alarms], known[path.name])
        except ValueError as error:
            raise RedianError(f"{labels}, {path.name}: {error}") from None
        if listed and not as_json:
            console.print(_every(path.name, alarms, known[path.name]))
    if as_json:
        whole = total(list(results.values()))
        figures = {
            "score": None if whole is None else round(whole, 2),
            "files": {name: _figures(one) for name, one in results.items()},
        }
        console.out(msgspec.json.encode(figures).decode(), highlight=False)
        return
    console.print(_table(results, budget))


def _windows(path: Path) -> "dict[str, list[Window]]":
    """Return the windows by the bare name of a file: the benchmark's own file names folders before it."""
    import msgspec

    from streams.series import Window, time_of

    try:
        told = msgspec.json.decode(b"".join(lines_of(path)), type=dict[str, list[tuple[str, str]]])
        found = {
            name.rsplit("/", 1)[-1]: [Window(time_of(begin), time_of(end)) for begin, end in spans]
            for name, spans in told.items()
        }
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableFile(f'{path} is not {{"NAME.csv": [[begin, end], …], …}}: {error}') from None
    backwards = [name for name, spans in found.items() for span in spans if span.end_ms < span.begin_ms]
    if backwards:
        raise UnreadableFile(f"{path}, {backwards[0]}: a window ends before it begins")
    return found


def _series(path: Path) -> "Series":
    from streams.series import UnusableSeries, read_series

    try:
        return read_series(lines_of(path))
    except UnusableSeries as error:
        raise UnreadableFile(f"{path}, {error}") from None


def _figures(one: "Scored") -> dict[str, object]:
    from streams.series import total

    score = total([one])
    return {
        "score": None if score is None else round(score, 2),
        "found": one.found,
        "windows": one.windows,
        "false": one.false,
        "days": round(one.days, 2),
    }


def _table(results: "dict[str, Scored]", budget: float) -> "Table":
    from rich.table import Table

    from streams.series import total

    table = Table(title=f"budget {budget:g} false a day over all series", title_justify="left", show_footer=True)
    every = list(results.values())
    whole = total(every)
    found, windows = sum(one.found for one in every), sum(one.windows for one in every)
    a_day = sum(one.false_a_day for one in every)
    table.add_column("series", "all")
    table.add_column("found", f"{found} of {windows}", justify="right")
    table.add_column("false a day", f"[bold]{a_day:.2f}[/] ({sum(one.false for one in every)})", justify="right")
    table.add_column("days", "", justify="right")
    table.add_column("score", "-" if whole is None else f"[bold green]{whole:.1f}[/]", justify="right")
    for name, one in results.items():
        score = total([one])
        table.add_row(
            name,
            f"{one.found} of {one.windows}",
            f"{one.false_a_day:.2f} ({one.false})",
            f"{one.days:.1f}",
            "-" if score is None else f"{score:.1f}",
        )
    return table


def _every(name: str, alarms: "list[Alarm]", windows: "list[Window]") -> "Table":
    from rich.table import Table

    from streams.contracts.times import format_time

    table = Table(title=name, title_justify="left")
    for column in ("alarm", "window", "observed", "expected", "within", "-log10 p"):
        table.add_column(column, no_wrap=True, justify="left" if column in ("alarm", "window") else "right")
    for alarm in alarms[:_LISTED]:
        inside = any(window.begin_ms <= alarm.time_ms <= window.end_ms for window in windows)
        table.add_row(
            format_time(alarm.time_ms),
            "[green]inside[/]" if inside else "[red]outside[/]",
            f"{alarm.observed:g}",
            f"{alarm.expected:.1f}",
            f"{alarm.scale_ms // 60_000} min",
            f"{alarm.surprise:.1f}",
        )
    return table
