"""Apache Kafka (KRaft, one node) from the jars that `make kafka` fetched: for tests, faults and measurements.

`python -m agents.adapters.kafka_process start [--port P]` leaves one running, `… stop` ends it.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from agents.adapters.broker_process import HOST, BrokerProcess, free_port
from agents.errors import BrokerUnavailable, RedianError

HOME = Path(".kafka")
LIBRARIES = HOME / "libs"
CLUSTER = "cmVkaWFuLWZvci10ZXN0cw"  # any 16 bytes, as KRaft writes them
HEAP = "768m"
CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}/logs
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


class KafkaProcess(BrokerProcess):
    """One broker that is its own controller; replication factors are 1."""

    name = "Apache Kafka"

    def prepare(self) -> None:
        """Write its configuration and format its storage, unless that was done before."""
        if (why := missing()) is not None:
            raise BrokerUnavailable(why)
        config = self.folder / "server.properties"
        values = {"host": HOST, "port": self.port, "controller": free_port(), "folder": self.folder.resolve()}
        config.write_text(CONFIG.format(**values), "utf-8")
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(config.resolve()), "--ignore-formatted"]
        subprocess.run([*java("128m"), *tool], check=True, capture_output=True)

    def command(self) -> list[str]:
        """Return the command line."""
        return [*java(HEAP), "kafka.Kafka", str((self.folder / "server.properties").resolve())]


def missing() -> str | None:
    """Return what keeps Apache Kafka from starting here, or None."""
    if not LIBRARIES.is_dir():
        return "Apache Kafka is not here; `make kafka` fetches it"
    if shutil.which("java") is None:
        return "Apache Kafka needs Java 17 or newer; on Debian: apt install openjdk-17-jre-headless"
    return None


def java(heap: str) -> list[str]:
    """Return the beginning of a command line that runs a class of Apache Kafka."""
    return ["java", f"-Xmx{heap}", "-cp", f"{LIBRARIES.resolve()}/*"]


def _start(port: int) -> None:
    pid_file = HOME / "pid"
    if pid_file.exists() and _runs(int(pid_file.read_text("ascii"))):
        raise RedianError(
            f"Apache Kafka runs already (process {pid_file.read_text('ascii')}); `make kafka-stop` ends it"
        )
    broker = KafkaProcess(HOME / "data", port)
    broker.start()
    pid_file.write_text(str(broker.pid), "ascii")
    print(f"Apache Kafka answers at {broker.bootstrap}; `make kafka-stop` ends it")  # noqa: T201


def _stop() -> None:
    pid_file = HOME / "pid"
    if not pid_file.exists():
        print("Apache Kafka was not started from here")  # noqa: T201
        return
    pid = int(pid_file.read_text("ascii"))
    if _runs(pid):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if _runs(pid):
            os.kill(pid, signal.SIGKILL)
    pid_file.unlink()
    print("Apache Kafka ended")  # noqa: T201


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Start or stop the broker of this checkout."""
    parser = argparse.ArgumentParser(prog="python -m agents.adapters.kafka_process", description=__doc__)
    parser.add_argument("what", choices=["start", "stop"])
    parser.add_argument("--port", type=int, default=9092)
    given = parser.parse_args()
    try:
        _start(given.port) if given.what == "start" else _stop()
    except RedianError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
