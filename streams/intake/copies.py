"""Keys of near-duplicate text: equal where only capitals, marks, mentions, addresses or digits differ.

What it promises: texts with the same set of content words, once case, punctuation, emoji, mentions, addresses, hash
signs and digits are taken away, always share a key; word order and repetition do not matter. One changed word keeps
the key with a chance that grows with the length (about 1 - 2k/n for k of n words). The key is a hash of the k smallest
hashes of the set (bottom-k sketch, Broder 1997), the same in every process.
"""

import re
from collections.abc import Iterable
from typing import Final

import xxhash

SMALLEST: Final = 6
"""k: the more, the fewer unlike texts share a key; the fewer, the more changes a key survives.

Of 3,397 real English posts that shared a key with another, 2 had less than half their words in common at k = 6, 202 at
k = 4; of 1,852 Chinese ones 26 and 282.
"""

_SEED: Final = 0x4EAD
_DIGITS: Final = re.compile(r"\d+")
_BETWEEN: Final = "\x1f"


def copy_key(words: Iterable[str], min_words: int) -> int:
    """Return the 64-bit key of a text's content words, 0 for fewer than `min_words` different ones."""
    stripped = set(_DIGITS.sub("", _BETWEEN.join(words)).split(_BETWEEN))
    stripped.discard("")
    if len(stripped) < min_words:
        return 0
    smallest = sorted(xxhash.xxh3_64_intdigest(word.encode(), _SEED) for word in stripped)[:SMALLEST]
    packed = b"".join(value.to_bytes(8, "little") for value in smallest)
    return xxhash.xxh3_64_intdigest(packed, _SEED) or 1
