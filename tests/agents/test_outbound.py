"""Requests to chosen addresses, over real sockets: what is reached, what is refused before a byte is sent."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from agents.adapters.addresses import may_reach, networks_of
from agents.adapters.outbound import (
    OutboundRefused,
    Policy,
    checked_url,
    connecting_within,
    fetch,
    open_session,
    reachable,
)

LOOPBACK = Policy(allowed=networks_of("127.0.0.2/32"), plain_http=True, max_bytes=100_000, total_s=5, silence_s=2)
NOTHING = Policy(plain_http=True, total_s=5, silence_s=2)


class Names(aiohttp.abc.AbstractResolver):
    """A resolver of the test: each name leads to its addresses in turn, as in DNS rebinding."""

    def __init__(self, **names: list[list[str]]) -> None:
        self._names = {name.replace("_", "."): answers for name, answers in names.items()}

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[Any]:
        answers = self._names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for address in addresses
        ]

    async def close(self) -> None:
        """Hold nothing."""


class Server:
    """Answers on all of 127.0.0.0/8 and counts who came."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[str] = []
        self.port = 0


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    seen = Server()

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.requests.append(request.path)
        if request.path == "/away":
            raise web.HTTPFound("http://127.0.0.1/secret")
        if request.path == "/big":
            return web.Response(body=b"x" * 200_000)
        if request.path == "/bomb":
            return web.Response(body=gzip.compress(b"\0" * 50_000_000), headers={"Content-Encoding": "gzip"})
        if request.path == "/gzip":
            return web.Response(body=gzip.compress(b"small"), headers={"Content-Encoding": "gzip"})
        if request.path == "/cut":
            return web.Response(body=gzip.compress(b"small" * 99)[:-9], headers={"Content-Encoding": "gzip"})
        if request.path == "/brotli":
            return web.Response(body=b"?", headers={"Content-Encoding": "br"})
        if request.path == "/slow":
            await asyncio.sleep(30)
        if request.path == "/socket":
            talk = web.WebSocketResponse()
            await talk.prepare(request)
            await talk.send_str("hello")
            await talk.close()
            return talk
        body = f"{request.headers.get('Cookie')} {(await request.read()).decode()}"
        answered = web.Response(text=body)
        answered.set_cookie("track", "me")
        return answered

    runner = web.AppRunner(web.Application(), shutdown_timeout=0.1)
    runner.app.router.add_route("*", "/{tail:.*}", answer)
    await runner.setup()
    listening = socket.create_server(("0.0.0.0", 0))
    seen.port = listening.getsockname()[1]
    await web.SockSite(runner, listening).start()
    yield seen
    await runner.cleanup()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "::127.0.0.1", "fec0::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not may_reach(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "172.32.0.1", "172.15.0.1", "192.167.0.1", "100.128.0.1", "11.0.0.1", "2606:4700::1",
        "::ffff:1.1.1.1", "64:ff9b::101:101",
    ],
)  # fmt: skip
def test_a_public_address_is_reached(address: str) -> None:
    assert may_reach(address)


def test_what_the_operator_allows_is_reached_and_no_more() -> None:
    allowed = networks_of("10.1.0.0/16, fd00::/8")
    assert may_reach("10.1.2.3", allowed)
    assert may_reach("::ffff:10.1.2.3", allowed)
    assert may_reach("fd00::5", allowed)
    assert not may_reach("10.2.0.1", allowed)


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "file:///etc/passwd", "gopher://a/", "ftp://a/", "https://", "https://user:pw@a.example/",
        "http://a.example/", "https://[::1/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_an_address_that_is_none_of_the_web_is_refused_before_anything(url: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        checked_url(url, Policy())
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1", "0177.0.0.1"],
)
async def test_this_machine_is_not_reached_however_it_is_written(server: Server, host: str) -> None:
    async with open_session(NOTHING) as session:
        with pytest.raises((OutboundRefused, aiohttp.ClientError)):
            await fetch(session, "GET", f"http://{host}:{server.port}/", NOTHING)
    assert server.requests == []


async def test_a_name_is_judged_by_what_is_connected_to(server: Server) -> None:
    names = Names(inside_example=[["10.0.0.1", "127.0.0.1"]], both_example=[["127.0.0.1", "127.0.0.2"]])
    async with open_session(LOOPBACK, resolver=names) as session:
        with pytest.raises(OutboundRefused, match="REDIAN_OUTBOUND_ALLOW"):
            await fetch(session, "GET", f"http://inside.example:{server.port}/", LOOPBACK)
        assert server.requests == []
        answer = await fetch(session, "GET", f"http://both.example:{server.port}/ok", LOOPBACK)
    assert answer.status == 200


async def test_a_name_that_changes_its_address_is_refused_the_second_time(server: Server) -> None:
    names = Names(rebind_example=[["127.0.0.2"], ["127.0.0.1"]])
    async with open_session(LOOPBACK, resolver=names, headers={"Connection": "close"}) as session:
        assert (await fetch(session, "GET", f"http://rebind.example:{server.port}/1", LOOPBACK)).status == 200
        with pytest.raises(OutboundRefused):
            await fetch(session, "GET", f"http://rebind.example:{server.port}/2", LOOPBACK)
    assert server.requests == ["/1"]


async def test_redirects_are_not_followed_whoever_asks(server: Server) -> None:
    url = f"http://127.0.0.2:{server.port}/away"
    async with open_session(LOOPBACK) as session:
        with pytest.raises(OutboundRefused, match="sends elsewhere"):
            await fetch(session, "GET", url, LOOPBACK)
        with pytest.raises(OutboundRefused, match="sends elsewhere"):
            await session.get(url)
    assert server.requests == ["/away", "/away"]


@pytest.mark.parametrize(
    ("path", "told"),
    [("/big", "more than"), ("/bomb", "more than"), ("/cut", "breaks off"), ("/brotli", "encoding br")],
)
async def test_an_answer_that_is_too_much_is_refused(server: Server, path: str, told: str) -> None:
    async with open_session(LOOPBACK) as session:
        with pytest.raises(OutboundRefused, match=told):
            await fetch(session, "GET", f"http://127.0.0.2:{server.port}{path}", LOOPBACK)


async def test_a_silent_host_ends_in_a_timeout(server: Server) -> None:
    hasty = Policy(allowed=LOOPBACK.allowed, total_s=0.3)
    async with open_session(hasty) as session:
        with pytest.raises(TimeoutError):
            await fetch(session, "GET", f"http://127.0.0.2:{server.port}/slow", hasty)


async def test_an_answer_is_read_and_no_cookie_is_kept(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    async with open_session(LOOPBACK) as session:
        for _ in range(2):
            answer = await fetch(session, "POST", f"http://127.0.0.2:{server.port}/", LOOPBACK, body=b"said")
            assert answer.body == b"None said"
        assert (await fetch(session, "GET", f"http://127.0.0.2:{server.port}/gzip", LOOPBACK)).body == b"small"


async def test_web_sockets_keep_to_the_same_rules(server: Server) -> None:
    async with open_session(LOOPBACK) as session:
        async with session.ws_connect(f"http://127.0.0.2:{server.port}/socket") as talk:
            assert await talk.receive_str() == "hello"
        with pytest.raises(OutboundRefused):
            await session.ws_connect(f"ws://127.0.0.1:{server.port}/socket")
    assert server.requests == ["/socket"]


async def test_what_another_client_is_to_connect_to_is_judged_as_a_number(server: Server) -> None:
    assert await reachable("127.0.0.2", server.port, LOOPBACK) == ["127.0.0.2"]
    with pytest.raises(OutboundRefused):
        await reachable("localhost", server.port, LOOPBACK)


async def test_the_sockets_of_a_library_are_judged_in_its_thread_and_nobody_elses(server: Server) -> None:
    def ask(host: str) -> None:
        with socket.create_connection((host, server.port), 1.0):
            pass

    with connecting_within(LOOPBACK) as refused:
        await asyncio.to_thread(ask, "127.0.0.2")
        assert refused == []
        for host in ("localhost", "127.0.0.3"):
            with pytest.raises(OSError, match="not public"):
                await asyncio.to_thread(ask, host)
        with pytest.raises(OSError, match="not public"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(b"", ("127.0.0.3", server.port))
        with pytest.raises(OSError, match="not public"), socket.socket(socket.AF_UNIX) as local:
            local.connect("/nowhere")
        await asyncio.get_running_loop().run_in_executor(None, ask, "localhost")
    assert {"127.0.0.1", "127.0.0.3", "/nowhere"} <= set(refused)
    ask("localhost")
