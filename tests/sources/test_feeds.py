"""Feeds beyond the contract: validators, XML attacks, bombs, HTML in the place of XML, OPML, private addresses."""

import gzip
import resource
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path

import pytest

from agents.adapters.sources.feeds import Declared, Feed, feeds_in, refuse_entities
from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Interrupted, Refused
from tests.sources.conftest import running, until, until_written
from tests.sources.platform import WaitingClock
from tests.sources.servers.feed import FeedServer

pytestmark = pytest.mark.sources

EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><item><guid>1</guid><title>&secret;</title></item></channel></rss>"""
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<rss version="2.0"><channel><item><guid>1</guid><title>&b;</title></item></channel></rss>"""
PARAMETER = b"""<!DOCTYPE rss [<!ENTITY % out SYSTEM "http://127.0.0.1:1/x.dtd"> %out;]><rss version="2.0"/>"""
BROKEN = b"""<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><item>&a;"""
WIDE = EXTERNAL.decode().replace('version="1.0"?', 'version="1.0" encoding="utf-16"?').encode("utf-16")
ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>urn:1</id>
<title>Atom entry</title><updated>2026-03-01T08:00:00Z</updated><link href="https://n.example/1"/>
<summary type="html">&lt;p&gt;with &lt;b&gt;markup&lt;/b&gt;&lt;/p&gt;</summary></entry></feed>"""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FeedServer]:
    made = FeedServer(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def first(server: FeedServer) -> object:
    source = server.source(WaitingClock())
    return await anext(source.batches(None))


@pytest.mark.parametrize("document", [EXTERNAL, LAUGHS, PARAMETER, BROKEN, WIDE])
async def test_declared_entities_are_refused(server: FeedServer, document: bytes) -> None:
    with pytest.raises(Declared):
        refuse_entities(document)
    server.document = document
    with pytest.raises(Interrupted, match="entities"):
        await first(server)


async def test_a_bomb_is_not_unfolded(server: FeedServer) -> None:
    server.document = gzip.compress(b"\0" * 500_000_000, 1)
    server.headers = {"Content-Encoding": "gzip"}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Interrupted, match="too_large"):
        await first(server)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize("document", [b"<html><body>hello</body></html>", b"", b"{}", b"\0\0\0"])
async def test_what_is_no_feed_is_an_interruption(server: FeedServer, document: bytes) -> None:
    server.document = document
    with pytest.raises(Interrupted, match="nonsense"):
        await first(server)


async def test_atom_is_read_and_its_markup_is_text(server: FeedServer) -> None:
    server.document = ATOM
    batch = await first(server)
    (post,) = batch.posts  # type: ignore[attr-defined]
    assert post.text == "Atom entry\nwith markup"
    assert (post.id, post.created_at) == ("urn:1", "2026-03-01T08:00:00.000Z")


@pytest.mark.parametrize("begun", ["<a ", "<!--", "<![", "<div>"])
async def test_megabytes_of_markup_that_nobody_closed_are_one_entry(server: FeedServer, begun: str) -> None:
    """Each took hours."""
    markup = escape(f"<p>The river rises</p><script>no()</script>{begun * 300_000}")
    server.document = ATOM.replace(escape("<p>with <b>markup</b></p>").encode(), markup.encode())
    batch = await first(server)
    (post,) = batch.posts  # type: ignore[attr-defined]
    assert post.text.startswith("Atom entry\nThe river rises")
    assert "no()" not in post.text


async def test_what_has_not_changed_is_not_sent_again(broker: str, server: FeedServer) -> None:
    clock = WaitingClock()
    source = server.source(clock)
    async with running(broker, source, clock):
        await server.publish(1)
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
        await until(lambda: server.not_modified > 3)
    assert all(wait == 300 for wait in clock.waits)


async def test_a_private_address_is_read_only_if_a_person_named_its_number(server: FeedServer) -> None:
    server.document = b""
    source = Feed(f"http://localhost:{server.port}/feed.xml", clock=WaitingClock(), web=Web())
    with pytest.raises(Refused, match="not public"):
        await anext(source.batches(None))
    hidden = Feed(f"http://127.0.0.1:{server.port}/feed.xml", clock=WaitingClock(), web=Web(), named=False)
    with pytest.raises(Refused, match="not public"):
        await anext(hidden.batches(None))


def test_opml_gives_each_feed_once(tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    outline = '<outline text="News"><outline xmlUrl="https://a.example/rss"/><outline xmlUrl="https://b.example/atom"/>'
    opml.write_text(
        f'<opml version="2.0"><body>{outline}<outline xmlUrl="https://a.example/rss"/></outline></body></opml>'
    )
    assert feeds_in(opml) == ["https://a.example/rss", "https://b.example/atom"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(EXTERNAL, "entities"), (b"<opml><body>", "is no OPML"), (b"<opml/>", "names no feed"), (None, "cannot be read")],
)
def test_a_bad_opml_is_one_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    opml = tmp_path / "feeds.opml"
    if content is not None:
        opml.write_bytes(content)
    with pytest.raises(Refused, match=told):
        feeds_in(opml)
