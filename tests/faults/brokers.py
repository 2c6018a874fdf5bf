"""Apache Kafka to be broken: one node or three, each reached by the workers through a proxy."""

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from agents.adapters.broker_process import HOST, free_port
from agents.adapters.kafka_process import CLUSTER, KafkaProcess, java
from tests.faults.proxy import Proxy

CONFIG = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{host}:{port},WORKERS://{host}:{inner},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port},WORKERS://{host}:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,WORKERS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={folder}/logs
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
auto.create.topics.enable=false
auto.leader.rebalance.enable=true
leader.imbalance.check.interval.seconds=5
log.cleaner.backoff.ms=1000
"""


class Node(KafkaProcess):
    """One broker that is also a controller; `bootstrap` is the way past its proxy."""

    def __init__(self, folder: Path, node: int) -> None:
        super().__init__(folder)
        self.node = node
        self.controller, self.inner, self.outer = free_port(), free_port(), free_port()
        self.voters, self.replicas = "", 1
        self.proxy = Proxy(self.outer, self.inner)

    def prepare(self) -> None:
        """Write its configuration and format its storage, the first time."""
        config = self.folder / "server.properties"
        if config.exists():
            return
        values = {"host": HOST, "port": self.port, "inner": self.inner, "proxy": self.outer, "node": self.node}
        values |= {"controller": self.controller, "folder": self.folder.resolve(), "voters": self.voters}
        values |= {"replicas": self.replicas, "in_sync": min(self.replicas, 2)}
        config.write_text(CONFIG.format(**values), "utf-8")
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(config.resolve()), "--ignore-formatted"]
        subprocess.run([*java("128m"), *tool], check=True, capture_output=True)

    @property
    def runs(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process is not None and self._process.poll() is None

    def fill_disk(self) -> None:
        """Let none of its files grow, until it is started again."""
        resource.prlimit(self.pid or 0, resource.RLIMIT_FSIZE, (1, 1))

    def freeze(self) -> None:
        """Stop it where it stands."""
        os.kill(self.pid or 0, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid or 0, signal.SIGCONT)


class Cluster:
    """The nodes together. Workers use `bootstrap`, whoever judges them uses `direct`."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.bootstrap = ",".join(f"{HOST}:{node.outer}" for node in nodes)
        self.direct = ",".join(node.bootstrap for node in nodes)


@contextmanager
def cluster(folder: Path, size: int) -> Iterator[Cluster]:
    """Run a cluster of so many nodes, topics on all of them."""
    nodes = [Node(folder / f"kafka-{number}", number + 1) for number in range(size)]
    for node in nodes:
        node.voters = ",".join(f"{other.node}@{HOST}:{other.controller}" for other in nodes)
        node.replicas = size
    try:
        with ThreadPoolExecutor(size) as together:  # none of three answers before two are there
            list(together.map(Node.start, nodes))
        yield Cluster(nodes)
    finally:
        for node in nodes:
            node.proxy.close()
            node.kill()
