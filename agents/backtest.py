"""Runs the pipeline over files: the log that `replay` would write, kept in a temporary file instead of a broker."""

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from agents.files import lines_of
from streams.contracts.feedback import Feedback
from streams.contracts.framing import ARRIVED_AT, Framed, messages_of
from streams.contracts.topics import POSTS
from streams.intake import Intake, Record
from streams.pipeline import Counts, Outputs, Pipeline, PipelineSettings
from streams.scoring import Scorer


class LogFile:
    """Messages by partition and offset, in a temporary file that vanishes when closed."""

    def __init__(self, partitions: int) -> None:
        self._file = TemporaryFile(prefix="redian-backtest-")  # noqa: SIM115 - open as long as the log
        self._begins = [array("q") for _ in range(partitions)]
        self._sizes = [array("q") for _ in range(partitions)]
        self._arrived = [array("q") for _ in range(partitions)]
        self._end = 0

    def append(self, message: Framed) -> Record:
        """Write a message and return it as the record it became."""
        partition = message.partition
        self._file.seek(self._end)
        self._file.write(message.value)
        self._begins[partition].append(self._end)
        self._sizes[partition].append(len(message.value))
        self._arrived[partition].append(message.arrived_ms)
        self._end += len(message.value)
        return _record(partition, len(self._begins[partition]) - 1, message.value, message.arrived_ms)

    def read(self, partition: int, offset: int) -> Record | None:
        """Return a record again; nothing expires here."""
        if offset >= len(self._begins[partition]):
            return None
        self._file.seek(self._begins[partition][offset])
        value = self._file.read(self._sizes[partition][offset])
        return _record(partition, offset, value, self._arrived[partition][offset])

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


def _record(partition: int, offset: int, value: bytes, arrived_ms: int) -> Record:
    headers = {ARRIVED_AT: str(arrived_ms).encode()}
    return Record(
        topic=POSTS.name, partition=partition, offset=offset, value=value, timestamp_ms=arrived_ms, headers=headers
    )


def run_backtest(
    files: Iterable[Path],
    *,
    settings: PipelineSettings,
    intake: Intake,
    scorer: Scorer | None,
    posts_per_message: int,
    on_bytes: Callable[[int], None] = lambda _: None,
    feedback: Sequence[tuple[int, Feedback]] = (),
) -> Iterator[tuple[Outputs, Counts]]:
    """Yield what each step of the pipeline brought out, with the account so far; the last one is the whole account.

    Args:
        files: JSON Lines, gzip or not, one log together in this order.
        on_bytes: told how many bytes of each file were read, for a progress bar.
        feedback: verdicts, see `Pipeline`.
    """
    log = LogFile(settings.partitions)
    pipeline = Pipeline(settings, intake, scorer, log.read, feedback)
    lines = (line for path in files for line in lines_of(path, on_bytes))
    try:
        for message in messages_of(
            lines,
            posts_per_message=posts_per_message,
            partitions=settings.partitions,
            lateness_ms=settings.lateness_ms,
            now_ms=time.time_ns() // 1_000_000,
        ):
            for outputs in pipeline.take(log.append(message)):
                yield outputs, pipeline.counts
        yield Outputs(), pipeline.counts
    finally:
        log.close()
