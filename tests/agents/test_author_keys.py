"""The keys of author hashes: read without a word of them, rotated by one command wherever they are kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.author_keys import fingerprint, fingerprint_of, new_key, read_keys, time_of, with_rotation
from agents.cli.key import rotate
from agents.errors import RedianError
from streams.contracts.times import bucket_of
from tests.agents.test_settings import redian

FIRST = "a first key of these tests alone"
NEXT = "a second key of these tests"
BUCKET = 29_610_720
WORDS = st.text("abcdef 0123456789+/=:-TZ", min_size=16, max_size=64).map(str.strip).filter(lambda key: len(key) >= 16)


@given(buckets=st.lists(st.integers(20_000_000, 40_000_000), unique=True, max_size=4).map(sorted), key=WORDS)
def test_rotations_are_read_as_they_were_written(buckets: list[int], key: str) -> None:
    secret, keys = key, [new_key() for _ in buckets]
    for bucket, later in zip(buckets, keys, strict=True):
        secret = with_rotation(secret, bucket, later)
    for form in (secret, secret.replace(" 20", "\n20") + "\n"):
        read = read_keys(form)
        assert read.later == tuple(zip(buckets, (later.encode() for later in keys), strict=True))
    assert not any(later in repr(read) for later in keys)


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("short", "at least 16 characters"),
        (f"{FIRST} {time_of(BUCKET)} short", "at least 16 characters"),
        (f"{FIRST} {time_of(BUCKET)} {NEXT} {time_of(BUCKET)} {NEXT}!", "does not follow"),
        (f"{FIRST} 2026-13-01T00:00Z {NEXT}", "is no time"),
        (" ".join([FIRST, *(f"{time_of(BUCKET + n)} {NEXT}" for n in range(101))]), "at most 100"),
    ],
)
def test_keys_that_are_none_are_told_without_a_word_of_them(secret: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        read_keys(secret)
    assert "these tests" not in str(caught.value)


def test_fingerprints_tell_keys_apart() -> None:
    once, rotated = read_keys(FIRST), read_keys(with_rotation(FIRST, BUCKET, NEXT))
    assert fingerprint_of(once) == fingerprint_of(read_keys(f"{FIRST}\n"))
    moved = read_keys(with_rotation(FIRST, BUCKET + 1, NEXT))
    assert len({fingerprint_of(keys) for keys in (once, rotated, moved)}) == 3
    assert fingerprint(once.first) != fingerprint(rotated.later[0][1])


@pytest.mark.parametrize("kept", ["made", "file", ".env"])
def test_one_command_rotates_the_key_where_it_is_kept(tmp_path: Path, kept: str) -> None:
    given = {}
    path = tmp_path / ".redian" / "author.key"
    if kept == "file":
        path = tmp_path / "author-key"
        path.write_text(FIRST + "\n", "utf-8")
        given = {"author_key_file": str(path)}
    elif kept == ".env":
        path = tmp_path / ".env"
        path.write_text(f"REDIAN_BUDGET=2\nREDIAN_AUTHOR_KEY={FIRST}\n", "utf-8")
    ran = redian(tmp_path, "key", "rotate", **given)
    assert ran.returncode == 0, ran.stderr
    shown = redian(tmp_path, "key", "show", **given)
    first, later = (line.split() for line in shown.stdout.splitlines()[1:3])
    assert kept == "made" or first[2] == fingerprint(FIRST.encode())
    assert later[-2:] == ["to", "come"]
    ahead = datetime.fromisoformat(later[0]) - datetime.now(UTC)
    assert timedelta(minutes=50) < ahead < timedelta(hours=2, minutes=1)
    if kept != ".env":
        assert path.stat().st_mode & 0o077 == 0
        secret = path.read_text("utf-8")
        assert not any(word in shown.stdout + ran.stdout + ran.stderr for word in secret.split() if len(word) > 20)


def test_a_key_from_the_environment_is_printed_for_its_store_alone(tmp_path: Path) -> None:
    ran = redian(tmp_path, "key", "rotate", author_key=FIRST)
    assert ran.returncode == 2
    assert "--print" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    at = time_of(bucket_of(int(datetime.now(UTC).timestamp() * 1000)) + 1000)
    printed = redian(tmp_path, "key", "rotate", "--print", "--at", at, author_key=FIRST)
    assert printed.returncode == 0, printed.stderr
    keys = read_keys(printed.stdout)
    assert keys.first == FIRST.encode()
    assert [time_of(bucket) for bucket, _ in keys.later] == [at]
    assert keys.later[0][1].decode() not in printed.stderr
    again = redian(tmp_path, "key", "rotate", "--print", "--at", at, author_key=printed.stdout.strip())
    assert again.returncode == 2
    assert "does not follow" in again.stderr


@pytest.mark.parametrize(
    ("at", "told"), [("2026-03-01T00:00Z", "too soon"), ("tomorrow", "is no time"), ("2099-03-01T00:00", "is no time")]
)
def test_a_time_that_no_worker_could_keep_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RedianError, match=told):
        rotate(at)
    assert read_keys((tmp_path / ".redian" / "author.key").read_text("utf-8")).later == ()
