"""A network that can be cut and slowed: what stands between the workers and a broker."""

import socket
import threading
import time
from contextlib import suppress

from agents.adapters.broker_process import HOST

CHUNK = 16 * 1024


class Proxy:
    """Passes TCP connections on to a port of loopback.

    `delay_s` holds back every chunk of at most 16 KiB, either way; with `cut` connections end and none begins.
    """

    def __init__(self, port: int, target: int) -> None:
        self._target = target
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.delay_s = 0.0
        self._cut = False
        self._listening = socket.create_server((HOST, port))
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End all connections and refuse new ones."""
        self._cut = True
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _end(end)

    def mend(self) -> None:
        """Let connections through again, without delay."""
        self._cut = False
        self.delay_s = 0.0

    def close(self) -> None:
        """End for good."""
        self._closed = True
        self.cut()
        _end(self._listening)

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._cut:
                _end(near)
                continue
            try:
                far = socket.create_connection((HOST, self._target), timeout=5)
            except OSError:
                _end(near)
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if self.delay_s:
                    time.sleep(self.delay_s)
                sink.sendall(data)
        for end in (source, sink):
            _end(end)
        with self._lock:
            self._open -= {source, sink}


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
