"""Plans reproduce what was measured, grow with what is asked, and say what they rest on."""

import pytest

from agents.settings import Settings
from streams.capacity import COSTS, MOST, Need, Prices, plan_for, simulated
from streams.capacity.planning import post_us, stages_us


@pytest.mark.parametrize(
    ("posts_per_second", "measured_us"),
    [(8 / 60, 1e6 / 940), (100.0, 287.0)],
    ids=["crises-en as dated, 940 posts a CPU-second", "3,000 posts dated 100 a second"],
)
def test_costs_make_up_the_workers_that_they_were_taken_from(posts_per_second: float, measured_us: float) -> None:
    assert post_us(posts_per_second, 0, 8) == pytest.approx(measured_us, rel=0.05)


@pytest.mark.parametrize(
    ("partitions", "shards", "measured_us"), [(1, 8, 136), (8, 8, 149), (32, 8, 216), (32, 32, 436), (64, 64, 1084)]
)
def test_what_many_partitions_cost_is_foretold(partitions: int, shards: int, measured_us: float) -> None:
    """Intake, counting and uniting of 45,000 posts of crises-en at 500 a second, slices of a second: only a part's cost
    is from here."""
    assert stages_us(500.0, partitions, shards, slice_s=1.0) == pytest.approx(measured_us, rel=0.25)


def test_a_plan_grows_with_what_is_asked() -> None:
    plans = [plan_for(Need(posts_per_second=rate, encoder="off"), Prices()) for rate in (1, 100, 10_000, MOST)]
    for name in ("workers", "partitions", "shards", "machines", "network_mb_s", "disk_gb", "memory_gib", "money_month"):
        figures = [getattr(plan, name) for plan in plans]
        assert figures == sorted(figures), name
    assert plans[0].workers == 1
    for plan in plans:
        assert plan.partitions >= plan.workers
        assert plan.shards >= min(plan.workers, 256)
        settings = Settings(posts_partitions=plan.partitions, terms_partitions=plan.shards, shards=plan.shards)
        assert settings.shards == plan.shards
        assert plan.waits.keeps_up


def test_the_encoder_costs_cores_or_gpus_and_only_where_it_runs() -> None:
    cpu, gpu, off = (plan_for(Need(posts_per_second=5_000, encoder=one), Prices()) for one in ("cpu", "gpu", "off"))
    assert cpu.encoder_cores * COSTS["encoder on a CPU"].value * 0.6 >= 5_000
    assert (cpu.gpus, gpu.encoder_cores, off.gpus, off.encoder_cores) == (0, 0, 0, 0)
    assert gpu.gpus >= 1
    assert "encoder on a GPU" in gpu.rests_on
    assert "encoder on a GPU" not in cpu.rests_on
    half = plan_for(Need(posts_per_second=5_000, scored=0.5), Prices())
    assert half.encoder_cores == pytest.approx(cpu.encoder_cores / 2, abs=1)


def test_posts_wait_for_their_slice_and_longer_where_a_worker_is_busy() -> None:
    calm = simulated(200.0, 100e-6, 1.0, 4096)
    assert calm.keeps_up
    assert 0.45 < calm.median_s < 0.6
    assert calm.p99_s < 1.1
    busy = simulated(3_000.0, 300e-6, 1.0, 4096)
    assert busy.p99_s > calm.p99_s
    assert not simulated(5_000.0, 300e-6, 1.0, 4096).keeps_up
    assert simulated(200.0, 100e-6, 1.0, 4096) == calm


@pytest.mark.parametrize(
    "wrong", [{"posts_per_second": 0.0}, {"posts_per_second": 2e6}, {"encoder": "tpu"}, {"busy": 1}]
)
def test_what_no_plan_is_made_for_is_one_line(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not"):
        Need(**{"posts_per_second": 1.0, **wrong})  # type: ignore[arg-type]
