"""What one bucket of one shard holds when it closes: the detector's whole input, free of any arrival order."""

from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from streams.contracts.slices import POST_NAMES

_T = TypeVar("_T")

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


class BucketContent(msgspec.Struct, frozen=True, kw_only=True):
    """One shard, one bucket, every post counted once (posts with one id are united).

    `terms` are sorted. Postings are in CSR form: the posts of term k are the rows `rows[starts[k]:starts[k + 1]]` of
    the post columns, so `starts` has `len(terms) + 1` entries. Post columns have n rows each: `ids`, `lang`, `platform`
    and `places` as lists of strings, `accounts` as one of days, the position in the log in `partition`, `offset` and
    `index`, 64-bit hashes in `author` and `copy` (0: too short to say), `created` in milliseconds, `sentiment` float32
    [n, 3] with NaN for a post without a score, `names` uint32 [n, POST_NAMES] as in a part.
    """

    terms: list[str]
    starts: Ints
    rows: Ints
    ids: list[str]
    partition: Ints
    offset: Ints
    index: Ints
    author: Hashes
    copy: Hashes
    created: Ints
    lang: list[str]
    platform: list[str]
    sentiment: npt.NDArray[np.float32]
    names: npt.NDArray[np.uint32]
    accounts: list[int]
    places: list[str]

    @property
    def posts(self) -> int:
        """Number of posts."""
        return len(self.ids)

    @classmethod
    def empty(cls) -> "BucketContent":
        """Return the content of a bucket in which nothing was written."""
        none = np.empty(0, np.int64)
        return cls(
            terms=[],
            starts=np.zeros(1, np.int64),
            rows=none,
            ids=[],
            partition=none,
            offset=none,
            index=none,
            author=np.empty(0, np.uint64),
            copy=np.empty(0, np.uint64),
            created=none,
            lang=[],
            platform=[],
            sentiment=np.empty((0, 3), np.float32),
            names=np.empty((0, POST_NAMES), np.uint32),
            accounts=[],
            places=[],
        )


def filled(column: list[_T], unknown: _T, rows: int) -> list[_T]:
    """Return a column of `rows` entries; one without any is of a part or a state in which nothing is known of it."""
    return column or [unknown] * rows
