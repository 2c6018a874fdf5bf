"""A receiver of webhooks on loopback that can be slow, fail, send elsewhere, be gone, or have expired."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Receiver:
    """What came, by path; `/ok`, `/slow`, `/fails`, `/away`, `/gone`, `/refuses`, `/busy`, `/recovers`, `/huge`."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.counts: Counter[str] = Counter()
        self.port = 0
        self.failing = True
        self.release = asyncio.Event()

    @property
    def url(self) -> str:
        """Address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def at(self, path: str) -> list[bytes]:
        """Return the bodies that came to a path."""
        return [body for found, _, body in self.came if found == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Behave as the path says."""
        path = request.path
        self.counts[path] += 1
        self.came.append((path, {k.lower(): v for k, v in request.headers.items()}, await request.read()))
        if path.startswith("/slow"):
            await self.release.wait()
        if path == "/away":
            raise web.HTTPFound("http://169.254.169.254/latest/meta-data")
        if path == "/busy":
            return web.Response(status=429, headers={"Retry-After": "120"})
        if path == "/huge":
            return web.Response(body=b"x" * 1_000_000)
        if path == "/recovers" and not self.failing:
            return web.Response(status=204)
        failing = {"/fails": 500, "/gone": 410, "/refuses": 422, "/recovers": 503}
        return web.Response(status=failing.get(path, 200))


@asynccontextmanager
async def receiving(encrypted: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Yield a receiver that listens on a free port."""
    receiver = Receiver()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", receiver.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=encrypted)
    await site.start()
    receiver.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield receiver
    finally:
        receiver.release.set()
        await runner.cleanup()


def expired_certificate(folder: Path) -> ssl.SSLContext:
    """Return a server's context with a certificate that ended yesterday."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(yesterday - timedelta(days=30))
        .not_valid_after(yesterday)
        .sign(key, hashes.SHA256())
    )
    path = folder / "expired.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
