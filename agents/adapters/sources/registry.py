"""A schema registry, as Confluent's documents it: values that name their schema become plain records.

Avro, Protobuf and JSON by the schema's own type. The address is a person's, what stands in values is not: a number that
no schema has is a matter of that value, a registry that is wrong as a whole ends the reading.
"""

import base64
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import fastavro
import msgspec

from agents.adapters.outbound import Policy, fetch
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import Web, expect, judge, told
from agents.adapters.sources.protobuf import BadSchema, BadValue, Schema
from agents.adapters.sources.records import Record, json_record
from agents.adapters.sources.source import Malformed, Refused

MAGIC: Final = 0
"""First byte of a value in the registry's framing; then the schema's id in four bytes, then the rest."""

KINDS: Final = ("application/vnd.schemaregistry.v1+json", "application/json")

_NO_SCHEMA: Final = 40403
"""What a registry says of an id that it does not have, beside 404; any other 404 is a wrong address."""
_MOST_IMPORTS: Final = 100
_MOST_UNKNOWN: Final = 10_000
"""Numbers without a schema that are remembered, so that rubbish in a topic does not become questions."""

Read = Callable[[bytes], Record]


class Registry:
    """Schemas by id, each asked for once.

    Args:
        address: of the registry.
        clock: for limits.
        web: how to go there.
        login: "name:password" where it asks for one.
    """

    def __init__(self, address: str, *, clock: Clock, web: Web, login: str = "") -> None:
        self._address = address.rstrip("/")
        self._clock = clock
        self._web = web
        self._policy: Policy = web.policy(address)
        self._headers = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {}
        self._readers: dict[int, Read] = {}
        self._unknown: set[int] = set()

    async def record(self, value: bytes) -> Record:
        """Return what a value says.

        Raises:
            Interrupted: the registry does not answer now.
            Refused: it does not let us in, or what it gives is no schema.
        """
        if len(value) < 6 or value[0] != MAGIC:
            return Malformed(value, "wrong_type", "the value has no schema id before it")
        number = int.from_bytes(value[1:5], "big")
        if number not in self._readers and number not in self._unknown:
            reader = await self._reader(number)
            if reader is not None:
                self._readers[number] = reader
            elif len(self._unknown) < _MOST_UNKNOWN:
                self._unknown.add(number)
        read = self._readers.get(number)
        if read is None:
            return Malformed(value, "wrong_type", f"the registry has no schema {number}")
        return read(value)

    async def _reader(self, number: int) -> Read | None:
        """Return what reads the values of a schema, None for a number that has none."""
        answer = await self._ask(f"/schemas/ids/{number}")
        if answer is None:
            return None
        kind = answer.get("schemaType", "AVRO")
        if kind == "AVRO":
            return _avro(number, answer)
        if kind == "PROTOBUF":
            return await self._protobuf(number, answer)
        if kind == "JSON":
            return _json
        raise Refused(f"schema {number} of the registry is {str(kind)[:40]!r}: Avro, Protobuf and JSON are read")

    async def _protobuf(self, number: int, answer: Mapping[str, Any]) -> Read:
        imports: dict[str, str] = {}
        serialized = await self._ask(f"/schemas/ids/{number}?format=serialized") or {}
        await self._import(answer.get("references"), imports)
        try:
            schema = Schema(str(serialized.get("schema")), imports.items())
        except BadSchema as error:
            raise Refused(f"schema {number} of the registry is no Protobuf that can be read: {error}") from None

        def read(value: bytes) -> Record:
            try:
                return _object(value, schema.read(value[5:]))
            except BadValue as error:
                return Malformed(value, "wrong_type", str(error))

        return read

    async def _import(self, references: object, imports: dict[str, str]) -> None:
        """Fetch what a schema imports, what is imported by that first."""
        for reference in references if isinstance(references, list) else []:
            name, subject, version = (str(reference.get(key)) for key in ("name", "subject", "version"))
            if name in imports:
                continue
            if len(imports) >= _MOST_IMPORTS:
                raise Refused(f"a schema of the registry imports more than {_MOST_IMPORTS} others")
            imports[name] = ""  # one that imports itself does so once
            place = f"/subjects/{quote(subject, safe='')}/versions/{quote(version, safe='')}?format=serialized"
            found = await self._ask(place) or {}
            await self._import(found.get("references"), imports)
            del imports[name]
            imports[name] = str(found.get("schema"))

    async def _ask(self, place: str) -> dict[str, Any] | None:
        """Return an answer of the registry, None if it knows nothing of that kind."""
        async with told(), self._web.session(self._policy, self._headers) as session:
            answer = await fetch(session, "GET", self._address + place, self._policy)
        if answer.status == 404 and (_object_in(answer.body) or {}).get("error_code") == _NO_SCHEMA:
            return None
        judge(answer.status, answer.headers, "the registry", self._clock)
        expect(answer.headers.get("content-type", ""), "the registry", KINDS)
        found = _object_in(answer.body)
        if found is None:
            raise Refused("the registry does not answer with a JSON object")
        return found


def _object_in(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _avro(number: int, answer: Mapping[str, Any]) -> Read:
    try:
        schema = fastavro.parse_schema(json.loads(answer["schema"]))
    except (ValueError, KeyError, TypeError, fastavro.schema.SchemaParseException) as error:
        raise Refused(f"schema {number} of the registry is no Avro: {error!r}") from None

    def read(value: bytes) -> Record:
        try:
            found = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
        except Exception as error:  # noqa: BLE001 - damaged bytes meet whatever the decoder was about to do
            return Malformed(value, "wrong_type", f"the value is no Avro of its schema: {error!r}")
        # Dates become RFC 3339 and bytes base64, as they would be in JSON.
        return _object(value, msgspec.to_builtins(found))

    return read


def _json(value: bytes) -> Record:
    return json_record(value[5:])


def _object(value: bytes, found: Any) -> Record:
    return found if isinstance(found, dict) else Malformed(value, "wrong_type", "a record is an object")
