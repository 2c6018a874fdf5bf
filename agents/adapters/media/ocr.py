"""Writing in pictures, read by RapidOCR in a process of its own: what a stranger's bytes do to a decoder ends there.

One picture at a time; a process that takes too long, or dies, is replaced at the next picture.
"""

import asyncio
import sys
from contextlib import suppress
from importlib.util import find_spec
from typing import Final

import msgspec

from agents.adapters.media.describer import IMAGE, DescriberFailed, Unfit
from agents.adapters.media.ocr_child import LENGTH, Outcome
from agents.errors import SettingsError

PATIENCE_S: Final = 20.0
"""For one picture, the start of the process included."""

_LINE_BYTES: Final = 64 * 1024


class OcrDescriber:
    """Reads English and Chinese.

    Raises:
        SettingsError: the extra `media` is not installed.
    """

    kind = "ocr"
    takes = IMAGE
    name = "rapidocr"

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        if find_spec("rapidocr") is None:
            raise SettingsError(
                "REDIAN_DESCRIBE asks for ocr, and RapidOCR is not installed; run: pip install 'redian[media]'"
            )
        self._patience_s = patience_s
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._asking: asyncio.Task[str] | None = None

    async def describe(self, data: bytes, mime: str) -> str:  # noqa: ARG002 - the decoder finds out itself
        """Return the lines of writing in a picture.

        Raises:
            DescriberFailed: reading it took too much time or memory.
            Unfit: it is damaged.
        """
        await self._turn.acquire()
        # Who asked may stop waiting; the process finishes this picture first, or the next one's answer would be its.
        self._asking = asyncio.create_task(self._ask(data))
        self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)

    def _asked(self, asking: asyncio.Task[str]) -> None:
        self._turn.release()
        if not asking.cancelled():
            asking.exception()  # told to who asked, if anyone still waits

    async def _ask(self, data: bytes) -> str:
        try:
            async with asyncio.timeout(self._patience_s):
                child = self._child = self._child or await self._start()
                assert child.stdin is not None
                assert child.stdout is not None
                child.stdin.write(LENGTH.pack(len(data)) + data)
                await child.stdin.drain()
                answer = await child.stdout.readline()
        except TimeoutError:
            await self._end()
            raise DescriberFailed(f"a picture took longer than {self._patience_s:g} s to read") from None
        except (OSError, ValueError):  # the process is gone, or its line has no end
            answer = b""
        except asyncio.CancelledError:
            await self._end()
            raise
        if not answer.endswith(b"\n"):
            await self._end()
            raise DescriberFailed("reading a picture took more memory than it may")
        outcome = msgspec.json.decode(answer, type=Outcome)
        if outcome.why:
            raise Unfit(outcome.why)
        return outcome.text

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agents.adapters.media.ocr_child",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=_LINE_BYTES,
        )  # fmt: skip

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def close(self) -> None:
        """End the process."""
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait({self._asking})
        await self._end()
