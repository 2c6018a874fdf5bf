"""The graph that the recipes write, with a small encoder of random weights: no training, no torch."""

import numpy as np
import pytest

from exported_models.recipes.graph import PRECISIONS, build, folded
from exported_models.recipes.sessions import OUTPUTS, open_session, run, run_one
from exported_models.recipes.tasks import COLUMNS, HEADS, TASKS, columns_of, head_of

HIDDEN, WIDE, WORDS, LAYERS, POSITIONS = 24, 48, 50, 2, 40
TEXTS = [[0, 7, 8, 9, 2], [0, 11, 2], [0, *range(5, 35), 2], [0, 48, 5, 5, 30, 2]]


def _weights():
    chance = np.random.default_rng(5)

    def some(*shape):
        return chance.normal(0, 0.3, shape).astype(np.float32)

    weights = {
        "words.weight": some(WORDS, HIDDEN),
        "positions": some(POSITIONS, HIDDEN),
        "norm.weight": np.ones(HIDDEN, np.float32),
        "norm.bias": some(HIDDEN),
        "heads.weight": some(len(COLUMNS), HIDDEN),
        "heads.bias": some(len(COLUMNS)),
    }
    for number in range(LAYERS):
        name = f"layers.{number}"
        for part, out, into in (
            ("qkv", 3 * HIDDEN, HIDDEN),
            ("out", HIDDEN, HIDDEN),
            ("up", WIDE, HIDDEN),
            ("down", HIDDEN, WIDE),
        ):
            weights |= {f"{name}.{part}.weight": some(out, into), f"{name}.{part}.bias": some(out)}
        for part in ("norm1", "norm2"):
            weights |= {f"{name}.{part}.weight": np.ones(HIDDEN, np.float32), f"{name}.{part}.bias": some(HIDDEN)}
    return weights


def _session(precision, weights=None):
    weights = weights or _weights()
    names: dict[str, str] = {}
    exact = open_session(build(weights, PRECISIONS["fp32"], taps=names).SerializeToString())
    found = run_one(exact, TEXTS, tuple(dict.fromkeys(names.values())))
    magnitudes = {matrix: np.abs(found[name]).max(axis=(0, 1)) for matrix, name in names.items()}
    return open_session(build(weights, PRECISIONS[precision], magnitudes).SerializeToString())


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_what_the_tokens_add_sums_up_to_the_probability(precision):
    session = _session(precision)
    names = tuple(name for head in HEADS for name in (head.probabilities, f"{head.name}_tokens"))
    found = run_one(session, TEXTS, names)
    for head in HEADS:
        bias = _weights()["heads.bias"][columns_of(head)]
        summed = head.squashed(found[f"{head.name}_tokens"].sum(axis=1) + bias)
        np.testing.assert_allclose(summed, found[head.name], atol=1e-5)


def test_padding_adds_nothing():
    found = run_one(_session("int8"), TEXTS, ("emotion_tokens",))["emotion_tokens"]
    for row, ids in enumerate(TEXTS):
        assert not found[row, len(ids) :].any()
        assert found[row, : len(ids)].any(axis=1).all()


@pytest.mark.parametrize("precision", ["fp32", "int8", "int8, static"])
def test_a_score_does_not_depend_on_the_neighbours(precision):
    session = _session(precision)
    together = run_one(session, TEXTS, width=POSITIONS)
    for row, ids in enumerate(TEXTS):
        alone = run_one(session, [ids])
        for name in OUTPUTS:
            np.testing.assert_allclose(alone[name][0], together[name][row], atol=1e-5)


def test_one_scale_for_the_whole_batch_does_depend_on_them():
    session = _session("int8, dynamic for the batch")
    together, alone = run_one(session, TEXTS), run_one(session, TEXTS[:1])
    assert np.abs(together["emotion"][0] - alone["emotion"][0]).max() > 1e-5


@pytest.mark.parametrize("precision", ["fp16", *(name for name in PRECISIONS if name.startswith("int8"))])
def test_a_cheaper_graph_stays_near_the_exact_one(precision):
    exact, cheaper = run(_session("fp32"), TEXTS), run(_session(precision), TEXTS)
    assert (exact["embedding"] * cheaper["embedding"]).sum(axis=1).min() > 0.99
    np.testing.assert_allclose(np.linalg.norm(cheaper["embedding"], axis=1), 1, atol=1e-5)


def test_a_temperature_divides_the_logits_of_its_head_alone():
    weights = _weights()
    temperatures = {head.name: 1.0 for head in HEADS} | {"sentiment": 2.0}
    plain = run(_session("fp32", weights), TEXTS)
    heated = run(_session("fp32", folded(weights, temperatures)), TEXTS)
    np.testing.assert_allclose(
        heated["sentiment"], head_of("sentiment").squashed(np.log(plain["sentiment"]) / 2), atol=1e-5
    )
    np.testing.assert_allclose(heated["emotion"], plain["emotion"], atol=1e-6)


def test_every_label_of_a_task_is_one_of_its_head():
    for task in TASKS:
        labels = {label for label in task.labels.values() if label is not None}
        assert labels <= set(head_of(task.head).labels)
