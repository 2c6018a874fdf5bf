"""`redian key`: the keys by which authors are hashed, and their rotation. Only `rotate --print` shows one."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from agents.errors import RedianError

if TYPE_CHECKING:
    from agents.settings import Settings

LEAST_LEAD_MIN: Final = 10
"""A post may be dated five minutes ahead; by then every worker must know the key."""
USUAL_LEAD_MIN: Final = 60


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    key = typer.Typer(help="The keys by which authors are hashed (REDIAN_AUTHOR_KEY), and their rotation.")
    key.command("show")(show)
    key.command("rotate")(rotate)
    app.add_typer(key, name="key", no_args_is_help=True)


def show() -> None:
    """Show from when each key holds, and its fingerprint: it must be the same at every worker. No key is shown."""
    import time

    from rich.console import Console
    from rich.table import Table

    from agents.author_keys import fingerprint, fingerprint_of, time_of
    from agents.settings import current_settings
    from streams.privacy.rotations import Rotations

    keys = current_settings().author_keys()
    era = Rotations(keys.later).era_at(time.time_ns() // 1_000_000)
    table = Table("holds from", "fingerprint", "", box=None, pad_edge=False)
    for number, (bucket, key) in enumerate(((None, keys.first), *keys.later)):
        begins = "the beginning" if bucket is None else time_of(bucket)
        state = "in force" if number == era else "to come" if number > era else "before"
        table.add_row(begins, fingerprint(key), state)
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    console.print(
        f"all together: {fingerprint_of(keys):08x}, which redian_author_keys shows of each worker", style="dim"
    )


def rotate(
    at: Annotated[
        str, typer.Option("--at", help="From when the new key holds, such as 2026-12-01T00:00Z; else a full hour.")
    ] = "",
    *,
    printed: Annotated[
        bool, typer.Option("--print", help="Write the whole secret to standard output, for a store of secrets.")
    ] = False,
) -> None:
    """Make a new key that holds from a time on, and keep it beside those before, where the keys are kept.

    Then restart the workers, one after another, before that time. Nobody is counted as two, profiles and opt-outs
    follow. Earlier keys must stay: the new one hashes what they gave. See docs/privacy.md.
    Examples: redian key rotate
    redian key rotate --at 2026-12-01T00:00Z --print > author-key.next
    """
    import time

    from agents.author_keys import new_key, read_keys, time_of, with_rotation
    from agents.settings import current_settings

    settings = current_settings()
    settings.author_keys()
    now = time.time_ns() // 60_000_000_000
    bucket = _chosen(at) if at else -(-(now + USUAL_LEAD_MIN) // 60) * 60
    if bucket < now + LEAST_LEAD_MIN:
        raise RedianError(
            f"{time_of(bucket)} is too soon: every worker must know the key before, so {LEAST_LEAD_MIN} minutes ahead "
            f"at least; it is {time_of(now)}"
        )
    held = settings.author_key.get_secret_value() if settings.author_key is not None else _kept(settings)
    try:
        secret = with_rotation(held, bucket, new_key())
    except ValueError as error:
        raise RedianError(f"this rotation cannot be added: {error}; see: redian key show") from None
    if printed:
        typer.echo(secret)
    else:
        typer.echo(f"kept in {_keep(settings, secret)}")
    count = len(read_keys(secret).later)
    typer.echo(
        f"the new key holds from {time_of(bucket)} on (rotation {count}): give every worker the same keys and restart "
        "them, one after another, before then",
        err=True,
    )


def _chosen(at: str) -> int:
    from datetime import datetime

    from streams.contracts.times import bucket_of, to_ms

    try:
        return bucket_of(to_ms(datetime.fromisoformat(at)))
    except (ValueError, OverflowError):
        raise RedianError(f"{at} is no time; write it as 2026-12-01T00:00Z") from None


def _kept(settings: "Settings") -> str:
    return settings.author_key_file.read_text("utf-8")


def _keep(settings: "Settings", secret: str) -> str:
    """Keep the keys where they came from, and return where that is."""
    from agents.files import replace_secret
    from agents.settings import ENV_FILE, PREFIX, secret_file, source_of, write_env

    if settings.author_key is None:
        path = settings.author_key_file
    elif (found := secret_file("author_key")) is not None:
        path = found
    elif source_of("author_key") == ENV_FILE:
        write_env("author_key", secret)
        return ENV_FILE
    else:
        raise RedianError(
            f"{PREFIX}AUTHOR_KEY comes from the {source_of('author_key')}, which cannot be written from here; "
            "`redian key rotate --print` writes the new secret to standard output"
        )
    try:
        replace_secret(path, secret)
    except OSError as error:
        raise RedianError(
            f"{path} cannot be written ({error.strerror}); `redian key rotate --print` writes it to standard output"
        ) from None
    return str(path)
