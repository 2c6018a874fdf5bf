"""A topic as a Parquet file, for questions in SQL: all that the log holds, up to its end at that moment."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any, Final, get_args, get_origin

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from kafka import KafkaConsumer, TopicPartition

from agents.adapters.connection import blocking
from agents.settings import Settings
from streams.contracts.topics import Topic

ROWS: Final = 10_000
"""Rows of a row group, and how many are held at a time."""
_PLAIN: Final = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), bytes: pa.binary()}
_MOMENT: Final = pa.timestamp("ms", tz="UTC")


def export(settings: Settings, topic: Topic, out: Path) -> int:
    """Write every value of a JSON topic to a Parquet file, one row each, and return how many there were.

    Fields that end in `_at` become moments. Tombstones and values that cannot be read are left out.
    """
    schema = pa.schema(
        [pa.field(field.name, _moment(field) or _arrow(field.type)) for field in msgspec.structs.fields(topic.value)]
    )
    count = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        held: list[dict[str, Any]] = []
        for value in _values(settings, topic):
            held.append(_row(value))
            if len(held) == ROWS:
                writer.write_table(pa.Table.from_pylist(held, schema))
                count += len(held)
                held = []
        writer.write_table(pa.Table.from_pylist(held, schema))
    return count + len(held)


def _values(settings: Settings, topic: Topic) -> Iterator[Any]:
    kind = topic.value | list[topic.value] if topic.many else topic.value  # type: ignore[name-defined]
    decoder = msgspec.json.Decoder(kind)
    consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
    try:
        places = [TopicPartition(topic.name, number) for number in consumer.partitions_for_topic(topic.name) or ()]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    try:
                        found = decoder.decode(record.value or b"[]")
                    except msgspec.MsgspecError:
                        continue
                    yield from found if isinstance(found, list) else [found]
    finally:
        consumer.close()


def _row(value: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in value.__struct_fields__:
        field = getattr(value, name)
        row[name] = datetime.fromisoformat(field) if name.endswith("_at") and field else _cell(field)
    return row


def _cell(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _cell(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return [(key, _cell(inner)) for key, inner in value.items()]
    return [_cell(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _moment(field: Any) -> Any:
    return _MOMENT if field.name.endswith("_at") and field.type is str else None


def _arrow(kind: Any) -> Any:
    kinds = [found for found in get_args(kind) if found is not NoneType]
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return pa.struct([pa.field(field.name, _arrow(field.type)) for field in msgspec.structs.fields(kind)])
    if get_origin(kind) is dict:
        return pa.map_(pa.string(), _arrow(kinds[1]))
    if get_origin(kind) in (list, tuple):
        return pa.list_(_arrow(kinds[0]))
    return _arrow(kinds[0])
