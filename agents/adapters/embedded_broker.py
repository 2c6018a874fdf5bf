"""The broker that needs no installation: noida-db, one binary from the package index, for trying out and quick tests.

It keeps its state as one file that it writes about a second after a change, so durability and fail-over are claimed on
Apache Kafka alone (see docs/operator.md).
"""

import os
from importlib.resources import as_file, files
from typing import Final

from agents.adapters.broker_process import HOST, BrokerProcess

_PROGRAM: Final = files("noida_db") / ("noida-db.exe" if os.name == "nt" else "noida-db")


class EmbeddedBroker(BrokerProcess):
    """A noida-db process that serves nothing but the Kafka protocol."""

    name = "the embedded broker"

    def prepare(self) -> None:
        """Make the program executable: a wheel may have lost that."""
        with as_file(_PROGRAM) as program:
            program.chmod(0o755)

    def command(self) -> list[str]:
        """Return the command line.

        The program itself, not the script beside this interpreter: that one starts it as a child, which nobody would
        end.
        """
        with as_file(_PROGRAM) as found:
            program = found
        where = ["--host", HOST, "--data-dir", str(self.folder.resolve())]
        return [str(program), "start", "--only", "kafka", "--kafka-port", str(self.port), *where]
