"""Remembers what was worked out for a string: most words of a post stood in one before."""

from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

LONGEST: Final = 64
"""Longer strings are worked out each time, so that nobody can fill the memory with a few thousand of them."""


class Remembered(dict[str, T]):
    """A function of a string as a dictionary that fills itself, and that forgets what was long not asked for.

    Of two generations it is the younger; a full one becomes the elder, and the elder is dropped. So a look-up that
    succeeds costs no more than in any dictionary, while `functools.lru_cache` mends a list at each.

    Args:
        work_out: the function. Equal strings must give equal values.
        most: strings remembered, of both generations together.
    """

    __slots__ = ("_elder", "_most", "_work_out")

    def __init__(self, work_out: Callable[[str], T], most: int) -> None:
        self._work_out = work_out
        self._most = most // 2
        self._elder: dict[str, T] = {}

    def __missing__(self, text: str) -> T:
        value = self._elder.get(text)
        if value is None:
            value = self._work_out(text)
            if len(text) > LONGEST:
                return value
        if len(self) >= self._most:
            self._elder = dict(self)
            self.clear()
        self[text] = value
        return value
