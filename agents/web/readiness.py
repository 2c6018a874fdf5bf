"""Whether a worker can do its work: what `/readyz` tells an orchestrator, and a person who asks why not."""

from typing import Final, Literal

import msgspec

Check = Literal["broker", "assignment", "recovery", "input", "model", "provider"]
CHECKS: Final[tuple[Check, ...]] = ("broker", "assignment", "recovery", "input", "model", "provider")


class Found(msgspec.Struct, frozen=True):
    """The outcome of one check, with what a person would want to know."""

    ok: bool
    detail: str


class Readiness:
    """The checks of one worker; all must hold."""

    def __init__(self) -> None:
        self._found: dict[Check, Found] = {check: Found(False, "not looked at yet") for check in CHECKS}

    def set(self, check: Check, ok: bool, detail: str) -> None:
        """Note the outcome of a check."""
        self._found[check] = Found(ok, detail)

    @property
    def found(self) -> dict[Check, Found]:
        """The outcome of every check."""
        return dict(self._found)

    @property
    def ready(self) -> bool:
        """Whether all checks hold."""
        return all(found.ok for found in self._found.values())

    def as_json(self) -> bytes:
        """Return `{"ready": …, "checks": {name: {"ok": …, "detail": …}}}`."""
        return msgspec.json.encode({"ready": self.ready, "checks": self._found})
