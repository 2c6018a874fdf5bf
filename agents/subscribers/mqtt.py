"""MQTT as a channel: the JSON of a webhook, published at least once to one topic of a broker.

An address is `mqtt://name:password@host:1883/some/topic`, `mqtts://` with TLS. A connection is made for each message:
alerts are few, and none is held open for a subscriber that is told once a day. The client connects to the number that
was judged, not to the name.
"""

import asyncio
import ssl
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from yarl import URL

from agents.adapters.outbound import Policy, reachable
from agents.errors import RedianError
from agents.subscribers.channel import Sent
from streams.contracts.subscriptions import Subscriber
from streams.contracts.times import format_time
from streams.subscriptions.message import Message, body_of

WAIT_S: Final = 15.0
AT_LEAST_ONCE: Final = 1
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_NOT_IN_A_NAME: Final = frozenset("+#\0")


class Address(msgspec.Struct, frozen=True):
    """A topic of a broker, and who asks."""

    host: str
    port: int
    topic: str
    encrypted: bool
    username: str | None
    password: str | None


def address_of(text: str) -> Address:
    """Read an address.

    Raises:
        RedianError: it is none; passwords are not repeated.
    """
    try:
        url = URL(text, encoded=True)
        port = url.explicit_port
    except ValueError:
        url, port = URL(), None
    topic = unquote(url.raw_path[1:])
    if url.scheme not in _PORTS or not url.host or not topic or _NOT_IN_A_NAME & set(topic):
        raise RedianError("an MQTT address is like mqtt://host:1883/some/topic, or mqtts:// with TLS; no + or # in it")
    return Address(url.host, port or _PORTS[url.scheme], topic, url.scheme == "mqtts", url.user, url.password)


class _Trust(ssl.SSLContext):
    """Checks the certificate of a host that is connected to by its number."""

    host = ""

    def wrap_socket(self, *given: Any, **named: Any) -> ssl.SSLSocket:
        """Wrap a socket to `host`, whatever the client calls it."""
        return super().wrap_socket(*given, **{**named, "server_hostname": self.host})


def _trust(host: str) -> ssl.SSLContext:
    made = _Trust(ssl.PROTOCOL_TLS_CLIENT)
    made.load_default_certs()
    made.host = host
    return made


class MqttChannel:
    """Publishes each message, and waits until the broker has it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def send(self, subscriber: Subscriber, message: Message, now_ms: int) -> Sent:
        """Try once."""
        import aiomqtt

        try:
            at = address_of(subscriber.address)
            async with asyncio.timeout(WAIT_S):
                await self._publish(at, body_of(message, format_time(now_ms)))
        except RedianError as error:
            return Sent("retry", str(error))
        except TimeoutError:
            return Sent("retry", f"no answer within {WAIT_S:g} s")
        except ssl.SSLCertVerificationError as error:
            return Sent("retry", f"its certificate is not accepted: {error.verify_message}")
        except (aiomqtt.MqttError, OSError) as error:
            return Sent("retry", f"the broker does not take it: {error}")
        return Sent("delivered", "published")

    async def _publish(self, at: Address, body: bytes) -> None:
        """Publish at the first address of the host that takes it."""
        import aiomqtt

        trust: dict[str, Any] = {"tls_context": _trust(at.host)} if at.encrypted else {}
        numbers = await reachable(at.host, at.port, self._policy)
        for number in numbers:
            try:
                async with aiomqtt.Client(
                    number, at.port, username=at.username, password=at.password, **trust
                ) as client:
                    await client.publish(at.topic, body, AT_LEAST_ONCE)
            except (aiomqtt.MqttError, OSError):
                if number == numbers[-1]:
                    raise
            else:
                return

    async def close(self) -> None:
        """Nothing is held between messages."""
