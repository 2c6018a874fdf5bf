"""The keys of the author hashes as an operator keeps them: the first, then a time and a key for each rotation.

One secret, one line or several: `KEY 2026-12-01T00:00Z KEY …`. Nothing here is ever shown but times and fingerprints.
"""

import os
import re
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from agents.errors import SettingsError
from streams.contracts.times import BUCKET_MS, to_ms
from streams.privacy.rotations import fitting

LEAST_CHARS: Final = 16
MOST_ROTATIONS: Final = 100
"""Beyond it a post's hash would cost more than the rest of intake."""

_KEY_BYTES: Final = 32
_FORM: Final = "%Y-%m-%dT%H:%MZ"
_ROTATION: Final = re.compile(r"\s+(\d{4}-\d\d-\d\dT\d\d:\d\dZ)\s+")


class AuthorKeys(NamedTuple):
    """The first key, and the later ones, each with the bucket from which it holds."""

    first: bytes
    later: tuple[tuple[int, bytes], ...] = ()

    def __repr__(self) -> str:
        return f"<{1 + len(self.later)} keys>"


def new_key() -> str:
    """Return a fresh key."""
    return secrets.token_hex(_KEY_BYTES)


def read_keys(text: str) -> AuthorKeys:
    """Return the keys that a secret holds.

    Raises:
        ValueError: one is too short, or their times are none or do not ascend; the text says no part of a key.
    """
    first, *rest = _ROTATION.split(text.strip())
    times, keys = rest[::2], rest[1::2]
    if min(map(len, (first, *keys))) < LEAST_CHARS:
        raise ValueError(f"at least {LEAST_CHARS} characters are needed")
    if len(times) > MOST_ROTATIONS:
        raise ValueError(f"at most {MOST_ROTATIONS} rotations are kept")
    buckets = [_bucket(time) for time in times]
    for time, one, other in zip(times[1:], buckets, buckets[1:], strict=False):
        if other <= one:
            raise ValueError(f"the key of {time} does not follow the one before it in time")
    return AuthorKeys(first.encode(), tuple(zip(buckets, (key.encode() for key in keys), strict=True)))


def kept_keys(path: Path) -> AuthorKeys:
    """Return the keys that a file holds; where there is none yet, it is made with a key of its own.

    Raises:
        SettingsError: the file cannot be kept, or what it holds is no key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _keep_new_key(path)
        held = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the author key cannot be kept in {path} ({error.strerror}); set REDIAN_DATA_DIR to a folder of yours"
        ) from None
    try:
        return read_keys(held.decode())
    except ValueError as error:
        why = error if type(error) is ValueError else "it is no text"
        raise SettingsError(
            f"{path} holds no author key ({why}); bring it back from a copy, or remove it: with a "
            "new key all are strangers"
        ) from None


def _keep_new_key(path: Path) -> None:
    """Make a key and keep it at `path`; a disk that is full leaves none, rather than an empty one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new_key().encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise


def with_rotation(text: str, bucket: int, key: str) -> str:
    """Return a secret with one more key, which holds from a bucket on.

    Raises:
        ValueError: it would not follow the others, or is too short.
    """
    extended = f"{text.strip()} {time_of(bucket)} {key}"
    read_keys(extended)
    return extended


def time_of(bucket: int) -> str:
    """Return the beginning of a bucket as it is written in the secret."""
    return f"{datetime.fromtimestamp(bucket * BUCKET_MS // 1000, UTC):{_FORM}}"


def fingerprint(key: bytes) -> str:
    """Return what tells keys apart and tells nothing of them."""
    return blake2b(digest_size=4, key=fitting(key), person=b"redian print").hexdigest()


def fingerprint_of(keys: AuthorKeys) -> int:
    """Return 32 bits that are the same for the same keys at the same times, for workers to be compared by."""
    told = "".join(f"{bucket} {fingerprint(key)} " for bucket, key in ((0, keys.first), *keys.later))
    return int.from_bytes(blake2b(told.encode(), digest_size=4).digest(), "little")


def _bucket(time: str) -> int:
    try:
        return to_ms(datetime.strptime(time, _FORM).replace(tzinfo=UTC)) // BUCKET_MS
    except ValueError:
        raise ValueError(f"{time} is no time") from None
