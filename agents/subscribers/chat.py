"""Chats, pushes and mail through Apprise: Slack, Teams, Telegram, Discord, DingTalk, Feishu, WeCom, mail and others.

Apprise makes its own requests: its sockets are judged where they connect. Services of this machine itself (desktops,
the system's log) are not offered.
"""

import asyncio
import logging
from typing import Any, Final

from agents.adapters.outbound import Policy, connecting_within, not_public
from agents.errors import RedianError
from agents.subscribers.channel import Sent
from streams.contracts.subscriptions import Subscriber
from streams.subscriptions.message import Message, text_of, title_of

WAIT_S: Final = 30.0
_LOCAL: Final = frozenset({"dbus", "glib", "gio", "gnome", "kde", "qt", "macosx", "syslog", "windows"})


def notifier(address: str) -> Any:
    """Return what tells the service of an Apprise address.

    Raises:
        RedianError: no service has such an address, or it is this machine itself.
    """
    import apprise

    scheme = address.partition("://")[0].lower()
    if scheme in _LOCAL:
        raise RedianError(f"{scheme}:// would tell the machine of the worker, not a person; give another service")
    made = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Redian", app_desc="Redian", app_url="", async_mode=True))
    if not made.add(address):
        raise RedianError(
            f"no service has an address like {scheme}://…; the forms are listed at "
            "https://github.com/caronc/apprise/wiki, such as slack://, tgram://, dingtalk://, mailto://"
        )
    return made


class _Said(logging.Handler):
    """Keeps the last warning of Apprise, which says why it failed."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()


class ChatChannel:
    """Tells people in the words of `message`."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def send(self, subscriber: Subscriber, message: Message, now_ms: int) -> Sent:  # noqa: ARG002 - it has no clock
        """Try once."""
        from apprise import NotifyFormat

        said = _Said()
        logger = logging.getLogger("apprise")
        logger.addHandler(said)
        try:
            service = notifier(subscriber.address)
            with connecting_within(self._policy) as refused:
                async with asyncio.timeout(WAIT_S):
                    told = await service.async_notify(
                        body=text_of(message), title=title_of(message), body_format=NotifyFormat.TEXT
                    )
        except TimeoutError:
            return Sent("retry", f"no answer within {WAIT_S:g} s")
        except RedianError as error:
            return Sent("retry", str(error))
        finally:
            logger.removeHandler(said)
        if told:
            return Sent("delivered", "told")
        if refused:
            return Sent("retry", str(not_public(refused[0])))
        # Apprise's own words may hold the address, and with it a token.
        return Sent("retry", "the service did not take it" + (", see the worker's log" if said.last else ""))

    async def close(self) -> None:
        """Nothing is held between messages."""
