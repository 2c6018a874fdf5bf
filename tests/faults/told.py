"""Two subscribers of the alerts, one of which can be made to hang, and what each was told."""

import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import msgspec

from agents.adapters.broker_process import HOST
from agents.settings import Settings
from agents.subscribers import editing
from streams.contracts.subscriptions import Rule

PROMPT: Final = "prompt"
HANGS: Final = "hangs"


class Told:
    """Receives their webhooks on loopback. An alert counts as told when the request that brought it was answered."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, list[str]]] = {PROMPT: defaultdict(list), HANGS: defaultdict(list)}
        self._answering = threading.Event()
        self._answering.set()
        told = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                name = self.path.strip("/")
                if name == HANGS and not told._answering.is_set():
                    told._answering.wait()
                    self.close_connection = True  # as one that hung: it never answers this one
                    return
                self.send_response(204)
                self.end_headers()
                told._note(name, self.headers["webhook-id"], body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Receiver)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    async def subscribe(self, settings: Settings) -> None:
        """Add both."""
        rule = Rule(simulated=True)
        for name in (PROMPT, HANGS):
            await editing.add(settings, name, "webhook", f"http://{HOST}:{self._server.server_port}/{name}", rule)

    def hang(self) -> None:
        """Let one of them answer no more."""
        self._answering.clear()

    def answer(self) -> None:
        """Let it answer again."""
        self._answering.set()

    def close(self) -> None:
        """End."""
        self.answer()
        self._server.shutdown()
        self._server.server_close()

    def alerts(self, name: str) -> set[str]:
        """Return the ids of the alerts that one was told."""
        return set(self.messages[name])

    def differences(self, alerts: set[str]) -> dict[str, int]:
        """Return by subscriber how many alerts it was not told, was told though there are none, or by several ids."""
        found = {f"not as told to {name}": len(self.alerts(name) ^ alerts) for name in self.messages}
        found["alerts with several ids"] = sum(
            len(set(ids)) > 1 for told in self.messages.values() for ids in told.values()
        )
        return {kind: number for kind, number in found.items() if number}

    def _note(self, name: str, message: str, body: bytes) -> None:
        self.messages[name][msgspec.json.decode(body)["data"]["alert"]["alert_id"]].append(message)
