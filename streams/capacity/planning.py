"""From a number of posts a second to machines and money, each figure with how it came about."""

import math
from typing import Final

import msgspec

from streams.capacity.costs import COSTS
from streams.capacity.queueing import Waits, simulated
from streams.hotspots.settings import DetectorSettings

MOST: Final = 1_000_000.0
"""Posts a second up to which a plan is made."""
TESTED_PARTITIONS: Final = 8
_KEPT_TERMS: Final = DetectorSettings().max_terms
_LEAST_SHARDS: Final = 8
_MOST_SHARDS: Final = 256
"""As many as settings allow; workers beyond that read and score posts alone."""
_SLICE_S: Final = 0.5
_SLICE_POSTS: Final = 4_096
_LEAST_PARTITIONS: Final = 4
_SESSION_S: Final = 10.0
"""Until the group knows that a worker is gone (`REDIAN_SESSION_TIMEOUT_S`)."""
_MIB: Final = 1 / 2**20
_SNAPSHOT_S: Final = 10.0
_MONTH_H: Final = 730.0
_REPLICAS: Final = 3


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    `scored` is the share of posts that reach the encoder, `busy` how much of a core may be used on average,
    `retention_h` how long posts stay.
    """

    posts_per_second: float
    encoder: str = "cpu"
    scored: float = 1.0
    busy: float = 0.6
    retention_h: float = 48.0
    cores: int = 16

    def __post_init__(self) -> None:
        if not 0 < self.posts_per_second <= MOST:
            raise ValueError(f"a plan is made for up to {MOST:,.0f} posts a second, not {self.posts_per_second:,g}")
        if self.encoder not in {"cpu", "gpu", "off"}:
            raise ValueError(f"the encoder runs on cpu or gpu, or is off; not {self.encoder}")
        for name, least, most in (("scored", 0.0, 1.0), ("busy", 0.05, 0.95), ("cores", 2, 512)):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} lies between {least:g} and {most:g}, not {getattr(self, name):g}")


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What is paid, in any one currency: for a core and for a GPU an hour, for a GB of disk a month."""

    core_hour: float = 0.04
    gpu_hour: float = 2.0
    gb_month: float = 0.1


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes, brokers not included. Whole machines are paid; `rests_on` are the costs that are assumed."""

    post_us: float
    workers: int
    partitions: int
    shards: int
    encoder_cores: int
    gpus: int
    machines: int
    network_mb_s: float
    disk_gb: float
    state_mib: float
    memory_gib: float
    recovery_s: float
    waits: Waits
    money_month: float
    rests_on: tuple[str, ...]
    warnings: tuple[str, ...]


def stages_us(posts_per_second: float, partitions: int, shards: int, slice_s: float = _SLICE_S) -> float:
    """Return the processor time of a post in intake, counting and uniting (µs), however its one worker moves it."""
    parts = _parts(posts_per_second, partitions / slice_s, shards, "part")
    return COSTS["intake"].value + COSTS["counting"].value + parts


def post_us(posts_per_second: float, partitions: int, shards: int) -> float:
    """Return the processor time of a post without the encoder (µs): its own, its slice's and its minute's share.

    No `partitions` stand for a backlog, whose slices are full: what a part costs is then nothing beside its posts.
    """
    own = sum(COSTS[name].value for name in ("intake", "counting", "engine", "moving"))
    minute = COSTS["closing"].value + COSTS["telling"].value
    slices = partitions / _SLICE_S  # a worker of a plan has few of the partitions
    parts = _parts(posts_per_second, slices, shards, "part") if partitions else 0.0
    moved = 2 * _parts(posts_per_second, slices, shards, "message") if partitions else 0.0
    return own + shards * minute / (60 * posts_per_second) + parts + moved


def _parts(posts_per_second: float, slices_per_second: float, shards: int, cost: str) -> float:
    """Return the share of a post in what the parts of a second cost: one for each slice and shard."""
    return min(posts_per_second, slices_per_second) * shards * COSTS[cost].value / posts_per_second


def plan_for(need: Need, prices: Prices) -> Plan:
    """Work out what a platform needs."""
    rate = need.posts_per_second
    shards, partitions = _LEAST_SHARDS, _LEAST_PARTITIONS
    while True:
        cost_us = post_us(rate, partitions, shards)
        workers = max(math.ceil(rate * cost_us / 1e6 / need.busy), 1)
        partitions = max(_power_of_two(workers), _LEAST_PARTITIONS)
        wanted = min(max(_power_of_two(workers), _LEAST_SHARDS), _MOST_SHARDS)
        if wanted <= shards:
            break
        shards = wanted
    scored = 0.0 if need.encoder == "off" else rate * need.scored
    on_cpu = need.encoder == "cpu"
    encoder_cores = math.ceil(scored / COSTS["encoder on a CPU"].value / need.busy) if on_cpu else 0
    gpus = 0 if on_cpu else math.ceil(scored / COSTS["encoder on a GPU"].value / need.busy)
    postings = "postings" if shards == _LEAST_SHARDS else "postings of many shards"
    written = COSTS["post"].value + COSTS["scored post"].value + COSTS[postings].value
    state = shards * _KEPT_TERMS * COSTS["state"].value
    in_memory = shards * _KEPT_TERMS * COSTS["term in memory"].value * _MIB
    of_models = 0.0 if need.encoder == "off" else workers * COSTS["model"].value
    per_worker = rate / workers
    replayed_s = _SNAPSHOT_S * per_worker * cost_us / 1e6
    read_s = math.ceil(shards / workers) * _KEPT_TERMS * COSTS["reading back"].value / 1e6
    disk_gb = rate * 3600 * need.retention_h * written * _REPLICAS / 1e9
    cores = workers + encoder_cores
    machines = max(math.ceil(cores / need.cores), min(gpus, workers), 1)
    paid = machines * need.cores * prices.core_hour + gpus * prices.gpu_hour
    used = ["scored post", "term in memory"]
    used += {"off": [], "cpu": ["encoder on a CPU", "model"], "gpu": ["encoder on a GPU", "model"]}[need.encoder]
    return Plan(
        post_us=cost_us,
        workers=workers,
        partitions=partitions,
        shards=shards,
        encoder_cores=encoder_cores,
        gpus=gpus,
        machines=machines,
        network_mb_s=rate * (written * (1 + _REPLICAS)) / 1e6,
        disk_gb=disk_gb,
        state_mib=state * _MIB,
        memory_gib=(workers * COSTS["worker"].value + in_memory + of_models) / 1024,
        recovery_s=_SESSION_S + COSTS["start"].value + (read_s + replayed_s) / (1 - need.busy),
        waits=simulated(per_worker, cost_us / 1e6, _SLICE_S, _SLICE_POSTS),
        money_month=_MONTH_H * paid + disk_gb * prices.gb_month,
        rests_on=tuple(name for name in used if not COSTS[name].measured),
        warnings=_warnings(partitions, need),
    )


def _warnings(partitions: int, need: Need) -> tuple[str, ...]:
    said = []
    if partitions > TESTED_PARTITIONS:
        said.append(f"{partitions} partitions: no more than {TESTED_PARTITIONS} were tried")
    if need.encoder == "cpu" and need.posts_per_second * need.scored > 20_000:
        said.append("at this rate the encoder belongs on GPUs (--on gpu), or to a share of the posts (--scored)")
    return tuple(said)


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 0).bit_length()
