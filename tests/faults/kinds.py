"""The faults, each a function of a scene: breaks something, waits until that has shown, and mends what must be mended.

Waiting is for progress (messages written) or for what the fault is about, with a limit where nothing may move at all.
"""

import resource
import shutil
from collections.abc import Callable
from typing import Final

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from agents.adapters.admin import lag_of, partitions_by_topic
from streams.contracts.topics import POSTS, SHARD_SNAPSHOTS, STORY_SNAPSHOTS, TERMS
from tests.faults.scene import Scene
from tests.faults.workers import Worker

Fault = Callable[[Scene], None]

SESSION_S: Final = 6.0
PAST_SESSION_S: Final = 2 * SESSION_S
UNTIL_IDLE_S: Final = 90.0
"""By when a new partition has been seen by all workers, and has been silent for long enough."""
UNTIL_ENDED_S: Final = 90.0
"""By when a worker that stands still has noticed it, unless there is nothing left to read."""


def _victim(scene: Scene) -> Worker:
    return scene.chance.choice(scene.alive() or scene.workers)


def _again(worker: Worker) -> None:
    worker.kill()
    worker.start()


def kill(scene: Scene) -> None:
    """A worker is killed wherever it is."""
    _again(_victim(scene))


def kill_all(scene: Scene) -> None:
    """All workers are killed at once."""
    for worker in scene.alive():
        _again(worker)


def kill_sending(scene: Scene) -> None:
    """A worker is killed the moment a slice's parts appear: after sending, before committing."""
    scene.wait_for_moves(1, SESSION_S)
    kill(scene)


def kill_saving(scene: Scene) -> None:
    """All workers are killed the moment a snapshot is being written."""
    scene.wait_for_snapshot(SESSION_S)
    kill_all(scene)


def kill_recovering(scene: Scene) -> None:
    """A worker is killed, and again as soon as it has read some state back."""
    worker = _victim(scene)
    _again(worker)
    before = worker.text().count(" offset ")
    scene.wait(lambda: worker.text().count(" offset ") > before, 3 * SESSION_S)
    if worker.alive():
        _again(worker)


def kill_rebalancing(scene: Scene) -> None:
    """A worker joins, and another is killed while the group makes room for it."""
    victim = _victim(scene)
    joined = scene.join()
    scene.wait(lambda: "a worker begins" in joined.text(), 3 * SESSION_S)
    _again(victim)


def freeze(scene: Scene) -> None:
    """A worker is frozen past its session and thawed when others have its work: what it then writes is a zombie's."""
    _replaced(scene).thaw()


def _replaced(scene: Scene) -> Worker:
    """Return a worker that is frozen and that the group has given up."""
    worker = _victim(scene)
    worker.freeze()
    scene.wait(lambda: False, SESSION_S)  # before that nobody can know
    scene.wait(lambda: 0 <= scene.members() < len(scene.alive()), PAST_SESSION_S)
    return worker


def hiccup(scene: Scene) -> None:
    """A worker is frozen for less than its session."""
    worker = _victim(scene)
    worker.freeze()
    scene.wait(lambda: False, SESSION_S / 3)
    worker.thaw()


def fill_disk(scene: Scene) -> None:
    """No file of a worker can grow, its log included; it is killed, and starts on the full disk."""
    worker = _victim(scene)
    worker.fill_disk(True)
    scene.wait_for_moves(20, SESSION_S)
    _again(worker)
    scene.wait_for_moves(20, SESSION_S)
    worker.fill_disk(False)


def take_memory(scene: Scene) -> None:
    """A worker gets no more memory than it has, until it ends of that."""
    worker = _victim(scene)
    before = worker.ended
    worker.limit(resource.RLIMIT_AS, worker.size())
    if not scene.wait(lambda: worker.ended > before, PAST_SESSION_S):
        worker.limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)


def fall_silent(scene: Scene) -> None:
    """The client of a worker brings nothing any more, without a word: the worker ends once it has stood too long."""
    worker = _victim(scene)
    before, silent = worker.ended, scene.folder / f"silent-{worker.number}"
    silent.touch()
    scene.wait(lambda: worker.ended > before or scene.lag() == 0, UNTIL_ENDED_S)
    silent.unlink()


def join(scene: Scene) -> None:
    """A worker joins; beyond four another leaves."""
    scene.join()
    if len(scene.alive()) > 4:
        leave(scene)


def leave(scene: Scene) -> None:
    """A worker is told to stop; a new one takes its place where it was the only one."""
    worker = _victim(scene)
    if len(scene.alive()) < 2:
        scene.join()
    worker.leave()


def lose_data_folder(scene: Scene) -> None:
    """A worker's data folder is deleted under it, and the worker killed."""
    worker = _victim(scene)
    shutil.rmtree(worker.data, ignore_errors=True)
    _again(worker)


def clock_back(scene: Scene) -> None:
    """The clock of all workers steps back an hour, and later forward again."""
    clock = scene.folder / "clock"
    clock.write_text("-3600", "ascii")
    scene.wait_for_moves(20, SESSION_S)
    clock.unlink()


def _values(scene: Scene, topic: str) -> list[tuple[int, bytes, bytes | None]]:
    consumer = KafkaConsumer(
        bootstrap_servers=scene.cluster.direct.split(","), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found = []
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            for tp, records in consumer.poll(timeout_ms=500).items():
                found += [(tp.partition, record.key, record.value) for record in records]
        return found
    finally:
        consumer.close()


def _overwrite(scene: Scene, topic: str, records: list[tuple[int, bytes, bytes | None]]) -> None:
    producer = KafkaProducer(bootstrap_servers=scene.cluster.direct.split(","), acks="all")
    for partition, key, value in records:
        producer.send(topic, value, key, partition=partition)
    producer.flush()
    producer.close()


def damage_snapshots(scene: Scene) -> None:
    """Every other record of the snapshots is damaged, some keys are no text; then all workers are killed."""
    for topic in (SHARD_SNAPSHOTS.name, STORY_SNAPSHOTS.name):
        damaged = [
            (partition, key, value[:-1] + bytes([value[-1] ^ 1]))
            for partition, key, value in _values(scene, topic)
            if value and scene.chance.random() < 0.5
        ]
        _overwrite(scene, topic, [*damaged, (0, b"\xff\xfe/no/text", b"\xc1"), (0, b"terms/nobody", b"\xc1")])
    kill_all(scene)


def lose_snapshots(scene: Scene) -> None:
    """All workers are killed and the snapshots of a topic are gone: everything is read again."""
    topic = scene.chance.choice([SHARD_SNAPSHOTS.name, STORY_SNAPSHOTS.name])
    for worker in scene.workers:
        worker.close()
    keys = {(partition, key) for partition, key, _ in _values(scene, topic)}
    _overwrite(scene, topic, [(partition, key, None) for partition, key in sorted(keys)])
    for worker in scene.workers[-2:]:
        worker.start()


def lose_commits(scene: Scene) -> None:
    """All workers are killed and the group's offsets are gone, as after a standstill beyond their retention."""
    for worker in scene.workers:
        worker.close()
    scene.wait(lambda: _forgotten(scene), 3 * SESSION_S)
    for worker in scene.workers[-2:]:
        worker.start()


def _forgotten(scene: Scene) -> bool:
    with scene.admin() as admin:
        try:
            outcomes = admin.delete_groups([scene.settings.app_id])
        except KafkaError:  # the dead are still counted as members
            return False
    return all(str(outcome) in ("OK", "Success") for outcome in outcomes.values())


def _delete_committed(scene: Scene) -> None:
    with scene.admin() as admin:
        admin.delete_records(
            {
                TopicPartition(found.topic, found.partition): found.committed
                for found in lag_of(scene.settings)
                if found.topic in (POSTS.name, TERMS.name) and found.committed > 0
            }
        )


def expire(scene: Scene) -> None:
    """Retention takes all that is committed from the log, and all workers are killed."""
    for worker in scene.workers:
        worker.close()
    _delete_committed(scene)
    for worker in scene.workers[-2:]:
        worker.start()


def expire_while_frozen(scene: Scene) -> None:
    """A worker is replaced while it is frozen; where it would go on reading has left the log when it wakes."""
    if len(scene.alive()) < 2:
        scene.join()
    worker = _replaced(scene)
    scene.wait_for_moves(20, SESSION_S)
    _delete_committed(scene)
    worker.thaw()


def add_partitions(scene: Scene) -> None:
    """Topic `posts` gets one partition more, which stays silent: time stands until that is noticed and said."""
    present = partitions_by_topic(scene.settings)[POSTS.name]
    with scene.admin() as admin:
        admin.create_partitions({POSTS.name: present + 1})
    scene.patience_s = UNTIL_IDLE_S


def restart_broker(scene: Scene) -> None:
    """A broker is killed and started again."""
    node = scene.chance.choice(scene.cluster.nodes)
    node.kill()
    scene.wait_for_moves(20, SESSION_S if len(scene.cluster.nodes) > 1 else 0.5)
    node.start()


def pause_broker(scene: Scene) -> None:
    """A broker does not answer for some seconds, less or more than a session."""
    node = scene.chance.choice(scene.cluster.nodes)
    node.freeze()
    scene.wait(lambda: False, SESSION_S * scene.chance.choice([0.2, 1.2]))
    node.thaw()


def fill_broker_disk(scene: Scene) -> None:
    """No file of a broker can grow: it ends, and starts again when there is room."""
    node = scene.chance.choice(scene.cluster.nodes)
    node.fill_disk()
    scene.wait(lambda: not node.runs, SESSION_S)
    node.kill()
    node.start()


def move_leaders(scene: Scene) -> None:
    """Every partition is led by the next of its replicas."""
    with scene.admin() as admin:
        replicas = {
            TopicPartition(topic["name"], partition["partition_index"]): partition["replica_nodes"]
            for topic in admin.describe_topics()
            for partition in topic["partitions"]
        }
        admin.alter_partition_reassignments({tp: [*nodes[1:], nodes[0]] for tp, nodes in replicas.items()})
        scene.wait(lambda: not admin.list_partition_reassignments(), SESSION_S)
        admin.elect_leaders(0, raise_errors=False)


def cut_network(scene: Scene) -> None:
    """The workers cannot reach a broker for some seconds."""
    node = scene.chance.choice(scene.cluster.nodes)
    node.proxy.cut()
    scene.wait(lambda: False, SESSION_S * scene.chance.choice([0.2, 1.2]))
    node.proxy.mend()


def slow_network(scene: Scene) -> None:
    """Every packet between the workers and a broker takes longer."""
    node = scene.chance.choice(scene.cluster.nodes)
    node.proxy.delay_s = 0.05
    scene.wait_for_moves(20, SESSION_S)
    node.proxy.mend()


def fail_session(scene: Scene) -> None:
    """The encoder raises until a worker has ended of it, then works again."""
    broken = scene.folder / "encoder-fails"
    before = sum(worker.ended for worker in scene.workers)
    broken.touch()
    scene.wait(lambda: sum(worker.ended for worker in scene.workers) > before, 3 * SESSION_S)
    broken.unlink()


def replace_model(scene: Scene) -> None:
    """The model's file is overwritten under the workers; they go on with what they verified when they started."""
    weights = scene.folder / "model" / "model.onnx"
    kept = weights.read_bytes()
    weights.write_bytes(kept[::-1])
    scene.wait_for_moves(20, SESSION_S)
    weights.write_bytes(kept)


def hang_subscriber(scene: Scene) -> None:
    """A subscriber takes what it is told and never answers, until all the rest is done."""
    assert scene.told is not None
    scene.told.hang()
    scene.wait_for_moves(20, SESSION_S)


WORKERS: Final[tuple[Fault, ...]] = (
    kill, kill_all, kill_sending, kill_saving, kill_recovering, kill_rebalancing, freeze, hiccup, join, leave,
    lose_data_folder, clock_back, fill_disk, take_memory, fall_silent,
)  # fmt: skip
STATE: Final[tuple[Fault, ...]] = (damage_snapshots, lose_snapshots, lose_commits, kill_saving, kill_all, freeze)
EXPIRY: Final[tuple[Fault, ...]] = (expire, expire_while_frozen, lose_commits, kill_saving, kill, join)
PARTITIONS: Final[tuple[Fault, ...]] = (add_partitions, kill, freeze, join, leave)
BROKER: Final[tuple[Fault, ...]] = (restart_broker, pause_broker, fill_broker_disk, cut_network, slow_network, kill)
ENCODER: Final[tuple[Fault, ...]] = (fail_session, replace_model, kill, take_memory, freeze, leave)
TELLING: Final[tuple[Fault, ...]] = (hang_subscriber, kill, kill_all, freeze, leave)
"""Kinds by what they break. Expiry is a set of its own: what has left the log cannot be counted again without a
snapshot, so that both go at once is not promised."""
