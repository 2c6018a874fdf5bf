"""A progress bar over files by bytes, on standard error, only where somebody watches."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def reading(files: Sequence[Path]) -> Iterator[Callable[[int], None]]:
    """Show a bar while files are read; the value yielded takes the bytes read since it was last called."""
    total = sum(path.stat().st_size for path in files if path.is_file())
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=total)
        yield lambda count: progress.advance(task, count)
