"""`redian dead`: what could not be used, shown safely, and returned to its topic when the reason is gone."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.deadletters import Letter

_HEX_ROW = 16
_MASK = "•••"
"""For what identifies a person."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    dead = typer.Typer(
        help="Look at dead letters: what could not be used and why. Return them when the reason is gone."
    )
    dead.command("list")(list_letters)
    dead.command("show")(show)
    dead.command("replay")(replay)
    app.add_typer(dead, name="dead", no_args_is_help=True)


def list_letters(
    reason: Annotated[str | None, typer.Option(help="Only this reason, such as not_json.")] = None,
    newest: Annotated[int, typer.Option(min=0, help="Read this many from the end only; 0: all there are.")] = 1000,
    rows: Annotated[int, typer.Option(min=1, help="Rows to show, the newest.")] = 30,
) -> None:
    """List dead letters, the newest last, and count them by reason.

    Example: redian dead list --reason too_old
    """
    from collections import Counter

    from rich.console import Console
    from rich.table import Table

    from agents.deadletters import letters_of
    from agents.settings import current_settings
    from streams.contracts.times import format_time

    found = [held for held in letters_of(current_settings(), newest=newest) if reason in (None, held.letter.reason)]
    console = Console(highlight=False)
    if not found:
        console.print("no dead letters" + (" of this reason" if reason else ""))
        return
    table = Table("number", "buried", "stood at", "stage", "reason", "bytes", "detail", box=None)
    for held in found[-rows:]:
        letter = held.letter
        place = f"{_safe(letter.topic)}/{letter.partition} {letter.offset}"
        table.add_row(
            str(held.number),
            format_time(held.buried_ms)[:19].replace("T", " "),
            place + ("" if letter.index < 0 else f" [{letter.index}]"),
            _safe(letter.stage),
            _safe(letter.reason) + (" (returned)" if held.returned else ""),
            f"{letter.size:,}",
            _safe(letter.detail[:80]),
        )
    console.print(table)
    counts = Counter(held.letter.reason for held in found).most_common()
    console.print(f"\n{len(found):,} letters: " + ", ".join(f"{_safe(name)} {count:,}" for name, count in counts))
    console.print(f"redian dead show {found[-1].number} shows one with its bytes", style="dim")


def show(
    number: Annotated[int, typer.Argument(help="Of the letter, as `redian dead list` has it.")],
    limit: Annotated[int, typer.Option("--bytes", min=1, help="How many bytes of the original to show.")] = 2000,
    raw: Annotated[bool, typer.Option("--raw", help="Also what identifies a person: numbers, addresses.")] = False,
) -> None:
    """Show one dead letter and its original bytes: as text where they are text, else in hex. None of it is obeyed.

    Telephone numbers, addresses of mail, numbers of documents, cards and accounts are masked, as in every output.
    """
    from rich.console import Console

    from agents.deadletters import letters_of
    from agents.errors import RedianError
    from agents.settings import current_settings

    held = next((held for held in letters_of(current_settings()) if held.number == number), None)
    if held is None:
        raise RedianError(f"there is no dead letter {number}; `redian dead list` has those there are")
    letter, console = held.letter, Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{_safe(letter.reason)}[/]  {_safe(letter.detail)}")
    console.print(
        f"stage {_safe(letter.stage)}, stood at {_safe(letter.topic)}/{letter.partition} offset {letter.offset}"
    )
    console.print(f"index {letter.index}, {letter.size:,} bytes, sha256 {_safe(letter.sha256)}")
    kept = "" if held.whole else f"; {len(letter.original):,} bytes of it were kept"
    console.print(("returned to its topic" if held.returned else "not returned") + kept)
    console.print()
    console.print(shown_bytes(letter.original[:limit], raw=raw))
    if len(letter.original) > limit:
        console.print(f"… {len(letter.original) - limit:,} bytes more; --bytes shows them", style="dim")


def replay(
    numbers: Annotated[list[int] | None, typer.Argument(help="Of the letters, as `redian dead list` has them.")] = None,
    reason: Annotated[str | None, typer.Option(help="All letters of this reason.")] = None,
    really: Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what would be done.")] = False,
) -> None:
    """Return letters to topic posts, each once: a letter that was returned is marked and passed over the next time.

    They arrive now, so a post whose minute is over is scored and not counted. Originals of which only the beginning
    was kept cannot be returned. Example: redian dead replay --reason in_future --yes
    """
    from rich.console import Console

    from agents.deadletters import give_back, letters_of
    from agents.errors import RedianError
    from agents.settings import current_settings

    if bool(numbers) == bool(reason):
        raise RedianError("name letters by their numbers, or all of a reason with --reason")
    settings = current_settings()
    wanted = set(numbers or ())
    chosen = [held for held in letters_of(settings) if held.number in wanted or held.letter.reason == reason]
    missing = wanted - {held.number for held in chosen}
    if missing:
        raise RedianError(f"there is no dead letter {min(missing)}; `redian dead list` has those there are")
    ready = [held for held in chosen if held.returnable]
    console = Console(highlight=False)
    for text, count in _passed_over(chosen):
        console.print(f"{count:,} {text}", style="dim")
    if not really:
        console.print(f"{len(ready):,} would be returned to topic posts; --yes does it")
        return
    console.print(f"[bold]{give_back(settings, ready):,}[/] returned to topic posts")


def _passed_over(chosen: "list[Letter]") -> list[tuple[str, int]]:
    """Say why letters are not returned, and how many each."""
    returned = sum(held.returned for held in chosen)
    rest = [held for held in chosen if not held.returned and not held.returnable]
    cut = sum(not held.whole for held in rest)
    told = (
        ("were returned before", returned),
        ("are kept in part only", cut),
        ("are of other topics, or empty", len(rest) - cut),
    )
    return [(text, count) for text, count in told if count]


def shown_bytes(data: bytes, *, raw: bool = False) -> str:
    """Return bytes for a terminal: text where they are text, hex otherwise; no control character, no markup.

    Without `raw`, marks stand in a text for what identifies a person; in hex, a * for each of its bytes.
    """
    from streams.privacy.personal import taken_out

    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        # A limit may cut the last character in two: that alone does not make it hex.
        if error.start < len(data) - 3 or error.reason != "unexpected end of data":
            return _safe(_hex(data if raw else _starred(data)))
        text = data[: error.start].decode()
    return _safe(text if raw else taken_out(text, _MASK))


def _starred(data: bytes) -> bytes:
    """Return bytes of the same length with a * for each of what identifies a person."""
    from streams.privacy.personal import find

    starred = bytearray(data)
    for begin, end, _ in find(data.decode("latin-1")):  # a character is a byte there
        starred[begin:end] = b"*" * (end - begin)
    return bytes(starred)


def _hex(data: bytes) -> str:
    rows = []
    for begin in range(0, len(data), _HEX_ROW):
        row = data[begin : begin + _HEX_ROW]
        readable = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{begin:08x}  {row.hex(' '):{3 * _HEX_ROW}} {readable}")
    return "\n".join(rows)


def _safe(text: str) -> str:
    """Write out what a terminal would obey (controls, directions of writing), and escape the markup of rich."""
    from rich.markup import escape

    plain = "".join(
        char if char == "\n" or (char.isprintable() and not _turns(char)) else char.encode("unicode_escape").decode()
        for char in text
    )
    return escape(plain)


def _turns(char: str) -> bool:
    return "\u200b" <= char <= "\u200f" or "\u202a" <= char <= "\u202e" or "\u2060" <= char <= "\u2069"
