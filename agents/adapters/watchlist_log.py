"""The topic of the watchlists, record by record."""

import logging
from typing import Any

import msgspec

from streams.contracts.decoding import json_decoder
from streams.contracts.watchlists import Watchlist
from streams.watching.book import Book
from streams.watching.query import BadQuery

log = logging.getLogger(__name__)

_LISTS = json_decoder(Watchlist)


def take_record(book: Book, record: Any) -> None:
    """Take a record of `watchlists` into the book; what cannot be used is passed over with a warning."""
    name = (record.key or b"").decode("utf-8", "replace")
    if record.value is None:
        book.drop(name)
        return
    try:
        book.put(_LISTS.decode(record.value))
    except (BadQuery, msgspec.MsgspecError) as error:
        log.warning("watchlist %r is not used: %s", name[:100], error)
