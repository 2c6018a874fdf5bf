"""Prometheus and Alertmanager as child processes on loopback, and somebody who is told: all of it real."""

import json
import re
import shutil
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.adapters.broker_process import free_port, listens
from deploy.generate.rules import RULES

SCRAPE = "500ms"
LONGEST_FOR_S = 5
LONGEST_RANGE_S = 15
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
WAIT_S = 300.0
"""Longer than anything takes on a machine that is busy with something else."""


def wait_for(what: str, holds: Callable[[], bool], within_s: float = WAIT_S) -> None:
    """Return once a condition holds."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.1)


def hurried(rules: str, lowered: Mapping[str, tuple[str, str]]) -> str:
    """Return rules in which a minute is a second, and nothing waits for more than `LONGEST_FOR_S`.

    Args:
        rules: the file's text.
        lowered: by alert, a part of its expression and, in its place, what a small fault reaches.
    """
    content = yaml.safe_load(rules)
    for group in content["groups"]:
        group["interval"] = SCRAPE
        for rule in group["rules"]:
            rule["expr"] = re.sub(
                r"\[(\d+)([smhd])]", lambda m: f"[{_hurried(m[1], m[2], LONGEST_RANGE_S)}]", rule["expr"]
            )
            if "for" in rule:
                rule["for"] = _hurried(rule["for"][:-1], rule["for"][-1], LONGEST_FOR_S)
            old, new = lowered.get(rule.get("alert"), ("", ""))
            assert old in rule["expr"], rule["expr"]
            rule["expr"] = rule["expr"].replace(old, new)
    return str(yaml.safe_dump(content))


def _hurried(number: str, unit: str, most_s: int) -> str:
    return f"{min(max(int(number) * _UNITS[unit] // 60, 1), most_s)}s"


@contextmanager
def _running(command: Sequence[str], folder: Path, port: int) -> Iterator[None]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here; on Debian: apt install prometheus prometheus-alertmanager")
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    try:
        wait_for(f"{command[0]}: {log}", lambda: listens(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text("utf-8")
        yield
    finally:
        process.terminate()
        process.wait(10)


class Prometheus:
    """A server that answers queries."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples of an instant query."""
        found: list[dict[str, Any]] = self._get("/api/v1/query", query=expression)["result"]
        return found

    def ready(self) -> bool:
        """Return whether it answers queries yet."""
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready", timeout=10) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def value(self, expression: str) -> float | None:
        """Return the value of an instant query that has one sample; None without it."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self._url}{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as response:
            data: dict[str, Any] = json.load(response)["data"]
        return data


@contextmanager
def prometheus(
    folder: Path,
    targets: Sequence[str],
    *,
    sources: Path | None = None,
    rules: str = "",
    alertmanager: int = 0,
    scrape: str = SCRAPE,
) -> Iterator[Prometheus]:
    """Run Prometheus on targets of job "redian", and on those of job "sources" that a file tells."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yml").write_text(rules or RULES.read_text("utf-8"), "utf-8")
    config: dict[str, Any] = {
        "global": {"scrape_interval": scrape, "scrape_timeout": scrape, "evaluation_interval": scrape},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "redian", "static_configs": [{"targets": list(targets)}]}],
    }
    if sources is not None:
        config["scrape_configs"].append({"job_name": "sources", "file_sd_configs": [{"files": [str(sources)]}]})
    config["global"]["external_labels"] = {"docs": "http://docs.test"}
    if alertmanager:
        where = [{"targets": [f"127.0.0.1:{alertmanager}"]}]
        config["alerting"] = {"alertmanagers": [{"static_configs": where}]}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    port = free_port()
    command = ["prometheus", "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}"]
    with _running([*command, f"--storage.tsdb.path={folder / 'data'}", "--log.level=warn"], folder, port):
        server = Prometheus(port)
        wait_for("Prometheus is ready", server.ready)
        yield server


class Told:
    """What Alertmanager has told: by alert, how often it fired and how often that was resolved."""

    def __init__(self) -> None:
        self._seen: dict[str, list[str]] = {}

    def take(self, notification: dict[str, Any]) -> None:
        """Note the alerts of a webhook's body, an unchanged one once."""
        for alert in notification["alerts"]:
            states = self._seen.setdefault(alert["labels"]["alertname"], [])
            if not states or states[-1] != alert["status"]:
                states.append(alert["status"])

    def fired(self, alert: str) -> bool:
        """Return whether an alert was told."""
        return "firing" in self._seen.get(alert, [])

    def resolved(self, alert: str) -> bool:
        """Return whether the last that was told of an alert is its end."""
        return self.fired(alert) and self._seen[alert][-1] == "resolved"

    def __str__(self) -> str:
        return ", ".join(f"{name}: {' '.join(states)}" for name, states in sorted(self._seen.items()))


@contextmanager
def serving(answer: Callable[[str, bytes], tuple[int, bytes]]) -> Iterator[str]:
    """Answer requests on loopback, any method; yield the address.

    Args:
        answer: takes path and body, returns status and body; in another thread.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = answer(self.path, self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the name that the base class looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of those who hang up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def alertmanager(folder: Path) -> Iterator[tuple[int, Told]]:
    """Run Alertmanager; yield its port and what a webhook is told."""
    folder.mkdir(parents=True, exist_ok=True)
    told = Told()

    def take(_path: str, body: bytes) -> tuple[int, bytes]:
        told.take(json.loads(body))
        return 200, b""

    with serving(take) as url:
        route = {"receiver": "test", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"}
        webhook = {"url": url, "send_resolved": True}
        config = {"route": route, "receivers": [{"name": "test", "webhook_configs": [webhook]}]}
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(config), "utf-8")
        port = free_port()
        command = ["prometheus-alertmanager", "--config.file=alertmanager.yml", "--cluster.listen-address="]
        own = [f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={folder / 'data'}", "--log.level=warn"]
        with _running([*command, *own], folder, port):
            yield port, told
