"""`redian score`: what the model's heads tell of posts in a file, with language and terms, a line for each."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from streams.contracts.posts import Model, ReadPost

if TYPE_CHECKING:
    from streams.intake import Intake
    from streams.scoring import Scorer

STDIN = "-"
_POSTS_AT_ONCE = 512
_SHOWN_PROBLEMS = 100


class ScoreLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of output."""

    id: str
    lang: str
    terms: tuple[str, ...]
    model: Model
    sentiment: dict[str, float] | None = None
    emotion: dict[str, float] | None = None
    irony: float | None = None
    offensive: float | None = None
    hate: float | None = None
    heads: dict[str, dict[str, float]] | None = None
    flags: tuple[str, ...] = ()


class _Numbered(msgspec.Struct, frozen=True):
    line: int
    post: ReadPost


class _Problems:
    """Tells which lines could not be scored, the first of them one by one, then how many."""

    def __init__(self) -> None:
        self.count = 0

    def tell(self, line: int, reason: str) -> None:
        self.count += 1
        if self.count <= _SHOWN_PROBLEMS:
            typer.echo(f"line {line}: {reason}", err=True)

    def finish(self) -> None:
        """Exit with status 1 if there were any."""
        if not self.count:
            return
        if self.count > _SHOWN_PROBLEMS:
            typer.echo(f"… and {self.count - _SHOWN_PROBLEMS:,} more", err=True)
        typer.secho(f"redian: {self.count:,} posts could not be scored; the others were", fg="red", err=True)
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("score")(score)


def score(
    file: Annotated[str, typer.Argument(help="JSON Lines of posts, plain or gzip; - for standard input.")],
    explain: Annotated[bool, typer.Option("--explain", help="Show what each word adds instead.")] = False,
    head: Annotated[str | None, typer.Option(help="With --explain: the head, such as emotion.")] = None,
) -> None:
    """Score posts: one JSON line each with id, lang, terms, what the model's heads tell, and the model that says so.

    `sentiment` and `emotion` map label to probability; `irony`, `offensive` and `hate` are probabilities.

    With --explain, each word is coloured by what it adds to a head's likeliest label: the logit is exactly the sum.
    Where the output is no terminal that is JSON Lines too.
    A line that cannot be scored is told on standard error with its number; the exit status is then 1.
    Example: redian score posts.jsonl.gz > scored.jsonl, or: redian score few.jsonl --explain --head emotion
    """
    import sys

    from agents.errors import RedianError
    from agents.settings import current_settings
    from agents.startup import make_intake, make_scorer

    settings = current_settings()
    scorer = make_scorer(settings)
    if scorer is None:
        raise RedianError("the encoder is off, so there is nothing to score with; leave out `--encoder off`")
    if head is not None and not explain:
        raise RedianError("--head says what to explain; add --explain")
    problems = _Problems()
    if explain:
        from agents.cli.explained import show

        read = (numbered.post for numbered in _read(_lines(file), make_intake(settings), problems))
        show(((post.id, post.text) for post in read), scorer, head)
        problems.finish()
        return
    for batch in _batches(_read(_lines(file), make_intake(settings), problems)):
        for line in _scored(batch, scorer, problems):
            sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        sys.stdout.buffer.flush()
    problems.finish()


def _lines(file: str) -> Iterator[bytes]:
    """Yield the lines of a file or of standard input.

    Raises:
        UnreadableFile: see `agents.files`.
    """
    import gzip
    import io
    import sys
    import zlib

    from agents.files import LINE_BYTES, UnreadableFile, lines_of

    if file != STDIN:
        yield from lines_of(Path(file))
        return
    raw = io.BufferedReader(sys.stdin.buffer)  # type: ignore[type-var]
    source = gzip.open(raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw  # noqa: SIM115 - standard input is not ours to close
    try:
        while line := source.readline(LINE_BYTES):
            yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"standard input is damaged gzip ({error})") from None


def _read(lines: Iterator[bytes], intake: "Intake", problems: _Problems) -> Iterator[_Numbered]:
    """Yield the posts of lines as intake reads them."""
    import time

    from streams.contracts.topics import POSTS
    from streams.intake import Record

    now_ms = time.time_ns() // 1_000_000
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        taken = intake.take(Record(POSTS.name, 0, number, line, now_ms))
        for dead in taken.dead:
            problems.tell(number, f"{dead.reason}: {dead.detail}")
        for post in taken.posts:
            yield _Numbered(number, post)


def _batches(posts: Iterator[_Numbered]) -> Iterator[list[_Numbered]]:
    batch: list[_Numbered] = []
    for post in posts:
        batch.append(post)
        if len(batch) == _POSTS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _scored(batch: list[_Numbered], scorer: "Scorer", problems: _Problems) -> Iterator[ScoreLine]:
    scores = scorer.score([numbered.post.text for numbered in batch])
    for numbered, given in zip(batch, scores, strict=True):
        if given.failed:
            problems.tell(numbered.line, "score_failed: the model gave no finite numbers for this text")
            continue
        post = numbered.post
        yield ScoreLine(id=post.id, lang=post.lang, terms=post.terms, model=scorer.model, **given.published())
