"""The broker that needs no installation: noida-db, one binary from the package index, for trying out and quick tests.

It keeps its state as one file that it writes about a second after a change, so durability and fail-over are claimed on
Apache Kafka alone (see docs/operator.md).
"""

import sysconfig
from pathlib import Path

from agents.adapters.broker_process import HOST, BrokerProcess


class EmbeddedBroker(BrokerProcess):
    """A noida-db process that serves nothing but the Kafka protocol."""

    name = "the embedded broker"

    def command(self) -> list[str]:
        """Return the command line; the program was installed beside this interpreter's others."""
        program = Path(sysconfig.get_path("scripts")) / "noida-db"
        where = ["--host", HOST, "--data-dir", str(self.folder.resolve())]
        return [str(program), "start", "--only", "kafka", "--kafka-port", str(self.port), *where]
