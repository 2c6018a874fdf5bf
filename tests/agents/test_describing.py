"""Media of posts: writing in pictures read by RapidOCR, the rest told by a server; and what strangers send."""

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO

import msgspec
import pytest
from aiohttp import web
from PIL import Image
from prometheus_client import REGISTRY

from agents.adapters.addresses import networks_of
from agents.adapters.generators.openai import OpenAiGenerator
from agents.adapters.media import ocr
from agents.adapters.media.chat import ChatDescriber
from agents.adapters.media.describer import MAX_BYTES, Describer, DescriberFailed, Unfit, check_image, mime_of
from agents.adapters.media.ocr import OcrDescriber
from agents.adapters.outbound import Policy
from agents.describing import Describing, make_describing
from agents.errors import SettingsError
from agents.settings import Settings
from streams.contracts.posts import Post
from streams.intake import Intake, IntakeSettings, Record
from tests.agents.language_model import DONE, events, said, serving
from tests.agents.pictures import claiming, drawn

LOOPBACK = Policy(allowed=networks_of("127.0.0.1/32"), max_bytes=MAX_BYTES, total_s=10)
WAV = b"RIFF\x24\0\0\0WAVEfmt "


def post(*media: str) -> Post:
    return Post(
        id="1", platform="x", author="a", created_at="2026-03-01T00:00:00Z", text="Look at this", media=list(media)
    )


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("redian_media_described_total", {"outcome": outcome}) or 0.0


class Echo:
    """A describer of the test: knows a picture by its length."""

    kind, takes, name = "ocr", "image", "echo"

    async def describe(self, data: bytes, mime: str) -> str:
        return f"{mime} {len(data)}"

    async def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
async def files() -> AsyncIterator[tuple[str, dict[str, bytes]]]:
    """A server of files, and what it has; /hangs never answers."""
    held: dict[str, bytes] = {}
    stopping = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/hangs":
            await stopping.wait()
        if request.path == "/away":
            raise web.HTTPFound("/picture")
        if request.path not in held:
            raise web.HTTPNotFound
        return web.Response(body=held[request.path], content_type="image/png")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    yield f"http://127.0.0.1:{port}", held
    stopping.set()
    await runner.cleanup()


async def described(found: Post, *describers: Describer, limit_s: float = 20, policy: Policy = LOOPBACK) -> Post:
    describing = Describing(describers, policy, most_media=4, limit_s=limit_s)
    try:
        return await describing.describe(found)
    finally:
        await describing.close()


async def test_writing_in_pictures_is_read_in_both_languages_and_counts(
    files: tuple[str, dict[str, bytes]],
) -> None:
    address, held = files
    held |= {"/en": drawn("Bridge collapsed in Turin"), "/zh": drawn("都灵大桥坍塌", form="JPEG")}
    found = await described(post(f"{address}/en", f"{address}/zh"), OcrDescriber())
    assert found.described is not None
    assert [(one.kind, one.media, one.by) for one in found.described] == [
        ("ocr", 0, "rapidocr"),
        ("ocr", 1, "rapidocr"),
    ]
    english, chinese = (one.text for one in found.described)
    assert english.startswith("Bridge collapsed ")
    assert "\n" not in english
    assert chinese == "都灵大桥坍塌"
    intake = Intake(IntakeSettings(author_key=b"key of the tests"))
    [read] = intake.take(Record("posts", 0, 0, msgspec.json.encode([found]), 1_772_323_200_000)).posts
    assert {"word:bridge", "word:turin"} <= set(read.media_terms)
    assert any("坍塌" in term for term in read.media_terms)


async def test_a_picture_that_breaks_off_or_kills_the_reader_costs_only_itself() -> None:
    whole = drawn("harbour")
    reader = OcrDescriber()
    try:
        with pytest.raises(Unfit, match="damaged"):
            await reader.describe(whole[: len(whole) // 2], "image/png")
        assert reader._child is not None
        reader._child.kill()
        with pytest.raises(DescriberFailed):
            await reader.describe(whole, "image/png")
        assert await reader.describe(whole, "image/png") == "harbour"
    finally:
        await reader.close()


async def test_a_picture_that_takes_too_long_is_given_up_and_the_next_is_read_anew() -> None:
    reader = OcrDescriber(patience_s=0.01)  # shorter than the process takes to start
    with pytest.raises(DescriberFailed, match="longer than"):
        await reader.describe(drawn("harbour"), "image/png")
    assert reader._child is None
    await reader.close()


def test_ocr_without_its_package_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"pip install 'redian\[media\]'"):
        make_describing(Settings(describe="ocr"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (claiming(50_000, 50_000), "pixels"),
        (claiming(2_000_000_000, 2), "picture"),
        (claiming(20_000, 2), "20,000 × 2"),
        (claiming(6_000, 6_000), "6,000 × 6,000"),
        (b"\x89PNG\r\n\x1a\n", "no picture"),
        (b"\xff\xd8\xff" + b"\0" * 100, "no picture"),
        (b"GIF8", "no picture"),
    ],
    ids=["50,000 squared", "two thousand million wide", "a long line", "36 megapixels", "no header", "zeros", "GIF"],
)
def test_a_picture_is_refused_by_its_header(data: bytes, why: str) -> None:
    assert mime_of(data).startswith("image/")
    with pytest.raises(Unfit, match=why):
        check_image(data)


@pytest.mark.parametrize("data", [b"", b"<html>", b"%PDF-1.7", b"<svg xmlns=", b"RIFF", b"II*\0", b"MZ"])
def test_what_is_neither_picture_nor_recording_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(Unfit):
        mime_of(data)


@pytest.mark.parametrize(
    ("path", "body", "outcome"),
    [
        ("/bomb", claiming(50_000, 50_000), "refused"),
        ("/page", b"<html>log in</html>", "refused"),
        ("/large", b"\xff\xd8\xff" + b"\0" * MAX_BYTES, "refused"),
        ("/away", b"", "refused"),
        ("/sound", WAV, "wordless"),
        ("/none", None, "failed"),
        ("/hangs", None, "late"),
    ],
)
async def test_a_post_goes_as_it_is_where_its_media_cannot_be_told(
    files: tuple[str, dict[str, bytes]], path: str, body: bytes | None, outcome: str
) -> None:
    address, held = files
    if body is not None:
        held[path] = body
    before, whole = counted(outcome), post(address + path)
    assert await described(whole, Echo(), limit_s=0.5 if path == "/hangs" else 20) == whole
    assert counted(outcome) == before + 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "file:///etc/passwd",
        "",
        "https://a@b/",
    ],
)
async def test_media_lead_into_no_private_network(address: str) -> None:
    before, whole = counted("refused"), post(address)
    assert await described(whole, Echo(), policy=Policy()) == whole
    assert counted("refused") == before + 1


async def test_only_so_many_media_of_a_post_are_fetched_and_one_that_hangs_spoils_no_other(
    files: tuple[str, dict[str, bytes]],
) -> None:
    address, held = files
    held["/picture"] = drawn("harbour")
    found = await described(post(f"{address}/hangs", *[f"{address}/picture"] * 9), Echo(), limit_s=3)
    assert [one.media for one in found.described or ()] == [1, 2, 3]


async def test_captions_and_speech_come_from_a_server_with_the_file_in_the_request(
    files: tuple[str, dict[str, bytes]],
) -> None:
    address, held = files
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "WEBP")
    held |= {"/picture": picture.getvalue(), "/sound": WAV}
    with serving(lambda handler: events(handler, said(" A flooded street. ", "stop"), DONE)) as (url, asked):
        generator = OpenAiGenerator(url, "eyes", timeout_s=10)
        both = ChatDescriber("caption", generator, 10), ChatDescriber("speech", generator, 10)
        found = await described(post(f"{address}/picture", f"{address}/sound"), *both)
    assert [(one.kind, one.text, one.by, one.media) for one in found.described or ()] == [
        ("caption", "A flooded street.", "openai:eyes", 0),
        ("speech", "A flooded street.", "openai:eyes", 1),
    ]
    sent = json.dumps(asked)
    assert "data:image/webp;base64," in sent
    assert '"format": "wav"' in sent


async def test_a_server_that_answers_nonsense_costs_the_description_not_the_post(
    files: tuple[str, dict[str, bytes]],
) -> None:
    address, held = files
    held["/sound"] = WAV
    before, whole = counted("failed"), post(f"{address}/sound")
    with serving(lambda handler: events(handler, "<html>", kind="text/html")) as (url, _):
        assert await described(whole, ChatDescriber("speech", OpenAiGenerator(url, "m", timeout_s=5), 5)) == whole
    assert counted("failed") == before + 1


@pytest.mark.parametrize("kind", ["caption", "speech"])
def test_a_describer_without_its_server_is_one_line(kind: str) -> None:
    with pytest.raises(SettingsError, match="REDIAN_DESCRIBE_URL"):
        make_describing(Settings(describe=kind))


def test_nothing_is_described_unless_it_is_asked_for() -> None:
    assert make_describing(Settings()) is None
