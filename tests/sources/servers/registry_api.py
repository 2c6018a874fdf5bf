"""A schema registry on loopback, as Confluent documents it: schemas by id and by subject, Protobuf as descriptors."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

KIND = "application/vnd.schemaregistry.v1+json"
STRING, INT64, MESSAGE, ENUM, BYTES = (
    FieldDescriptorProto.TYPE_STRING,
    FieldDescriptorProto.TYPE_INT64,
    FieldDescriptorProto.TYPE_MESSAGE,
    FieldDescriptorProto.TYPE_ENUM,
    FieldDescriptorProto.TYPE_BYTES,
)


class RegistryApi:
    """Give it schemas in `by_id` and `by_subject`; `asked` says what was asked for, `login` whom it lets in."""

    def __init__(self, login: str = "") -> None:
        self.by_id: dict[int, dict[str, object]] = {}
        self.by_subject: dict[tuple[str, str], dict[str, object]] = {}
        self.asked: list[str] = []
        self.login = login
        self.address = ""

    def avro(self, number: int, schema: object) -> None:
        """Hold an Avro schema; registries do not name that kind."""
        self.by_id[number] = {"schema": json.dumps(schema)}

    def protobuf(self, number: int, file: FileDescriptorProto, *references: tuple[str, str, int]) -> None:
        """Hold a Protobuf schema that imports (name, subject, version)."""
        self.by_id[number] = _protobuf(file, references)

    def imported(
        self, subject: str, version: int, file: FileDescriptorProto, *references: tuple[str, str, int]
    ) -> None:
        """Hold what a schema imports."""
        self.by_subject[subject, str(version)] = _protobuf(file, references)

    async def _schema(self, request: web.Request) -> web.Response:
        return self._answer(request, self.by_id.get(int(request.match_info["number"])))

    async def _version(self, request: web.Request) -> web.Response:
        return self._answer(
            request, self.by_subject.get((request.match_info["subject"], request.match_info["version"]))
        )

    def _answer(self, request: web.Request, held: dict[str, object] | None) -> web.Response:
        self.asked.append(request.path_qs)
        expected = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        if self.login and request.headers.get("Authorization") != expected:
            return web.json_response({"error_code": 401}, status=401, content_type=KIND)
        if held is None:
            return web.json_response(
                {"error_code": 40403, "message": "Schema not found"}, status=404, content_type=KIND
            )
        told = {name: value for name, value in held.items() if name not in ("text", "serialized")}
        if "serialized" in held:
            told["schema"] = held["serialized" if request.query.get("format") == "serialized" else "text"]
        return web.json_response(told, content_type=KIND)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["RegistryApi"]:
        """Answer for as long as the body runs."""
        app = web.Application()
        app.router.add_get("/schemas/ids/{number}", self._schema)
        app.router.add_get("/subjects/{subject}/versions/{version}", self._version)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


def _protobuf(file: FileDescriptorProto, references: tuple[tuple[str, str, int], ...]) -> dict[str, object]:
    return {
        "schemaType": "PROTOBUF",
        "text": "what people write; not read",
        "serialized": base64.b64encode(file.SerializeToString()).decode(),
        "references": [{"name": name, "subject": subject, "version": version} for name, subject, version in references],
    }


def post_schema() -> FileDescriptorProto:
    """Return a file whose second message holds a post, dated as Protobuf dates."""
    file = FileDescriptorProto(name="posts.proto", package="other.team", syntax="proto3")
    file.dependency.extend(["google/protobuf/timestamp.proto", "common/people.proto", "confluent/meta.proto"])
    file.message_type.add(name="Unused")
    message = file.message_type.add(name="Envelope").nested_type.add(name="Post")
    for number, name in enumerate(("id", "platform", "text"), 1):
        message.field.add(name=name, number=number, type=STRING, label=1)
    message.field.add(name="created_at", number=4, type=MESSAGE, type_name=".google.protobuf.Timestamp", label=1)
    message.field.add(name="writer", number=5, type=MESSAGE, type_name=".common.Person", label=1)
    return file


def people_schema() -> FileDescriptorProto:
    """Return a file that the posts import."""
    file = FileDescriptorProto(name="people.proto", package="common", syntax="proto3")
    person = file.message_type.add(name="Person")
    person.field.add(name="id", number=1, type=INT64, label=1)
    return file
