"""Reads one PDF from standard input and writes its sections as JSON: a process that may be killed.

The limits of memory and time are set before the first byte is read. Where the system has none, only the parent's
patience remains.
"""

import subprocess
import sys
from typing import Final

import msgspec

from streams.support.documents import Section, UnreadableDocument

CPU_S: Final = 30
MEMORY_BYTES: Final = 1024 * 1024 * 1024
PATIENCE_S: Final = 60.0


class _Outcome(msgspec.Struct):
    sections: list[Section] = []
    why: str = ""


def read_pdf(data: bytes) -> list[Section]:
    """Return the sections of a PDF, read in a process of its own.

    Raises:
        UnreadableDocument: it cannot be used, or reading it takes too much time or memory.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "agents.adapters.pdf_child"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableDocument(f"reading it took longer than {PATIENCE_S:.0f} s") from None
    if done.returncode < 0:
        raise UnreadableDocument("reading it took more time or memory than a document may")
    if done.returncode != 0:
        raise UnreadableDocument("it cannot be read as a PDF")
    outcome = msgspec.json.decode(done.stdout, type=_Outcome)
    if outcome.why:
        raise UnreadableDocument(outcome.why)
    return outcome.sections


def main() -> None:
    """Read, within the limits."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    from streams.support.pdf import pdf_sections

    try:
        outcome = _Outcome(sections=pdf_sections(sys.stdin.buffer.read()))
    except UnreadableDocument as error:
        outcome = _Outcome(why=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
