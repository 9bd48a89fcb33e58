"""CRFs as layers: what is forbidden, what is saved, what an export answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqkit.layers.chain import Chain, log_partition, marginals, viterbi
from seqkit.layers.crf import FORBIDDEN, Allowed, Crf, LegalPath

# O, B-x, I-x: an I-x stands behind B-x or I-x alone.
MOVES = Allowed([[1, 1, 0], [1, 1, 1], [1, 1, 1]], [1, 1, 0], [1, 0, 1])  # type: ignore
EMISSIONS = np.random.default_rng(0).normal(0, 3, (40, 6, 3)).astype(np.float32)
LENGTHS = 1 + np.arange(40) % 6
MASK = np.arange(6) < LENGTHS[:, None]


def crf_of(allowed: Any = (), seed: int = 0) -> Crf:
    """A Crf whose weights come from a seed."""
    layer = Crf(allowed, name="crf")
    layer.build((None, None, 3))
    random = np.random.default_rng(seed)
    layer.set_weights([random.normal(size=w.shape) for w in layer.weights])
    return layer


def is_legal(path: Any) -> bool:
    moves = np.array(MOVES.transitions, bool)
    return bool(
        MOVES.starts[path[0]]
        and MOVES.ends[path[-1]]
        and all(moves[a, b] for a, b in zip(path[:-1], path[1:], strict=True))
    )


def test_chain_is_the_weights_and_what_is_forbidden() -> None:
    layer = crf_of(MOVES)
    chain = layer.chain
    weights = Chain(*layer.get_weights())
    assert chain.transitions.numpy()[0, 2] == weights.transitions[0, 2] + FORBIDDEN
    assert chain.start.numpy()[2] == weights.start[2] + FORBIDDEN
    assert chain.end.numpy()[1] == weights.end[1] + FORBIDDEN
    free = chain.transitions.numpy()[1:], chain.start.numpy()[:2]
    assert np.array_equal(free[0], weights.transitions[1:])
    assert np.array_equal(free[1], weights.start[:2])


@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_forbidden_moves_are_never_decoded(head: str) -> None:
    if head == "crf":
        tags = crf_of(MOVES)(EMISSIONS, mask=MASK, gives="tags").numpy()
        free = crf_of()(EMISSIONS, mask=MASK, gives="tags").numpy()
    else:
        probabilities = tf.nn.softmax(EMISSIONS)
        tags = LegalPath(MOVES)(probabilities, mask=MASK).numpy()
        free = LegalPath()(probabilities, mask=MASK).numpy()
    lengths = LENGTHS.tolist()
    assert all(is_legal(row[:n]) for row, n in zip(tags, lengths, strict=True))
    assert not all(is_legal(row[:n]) for row, n in zip(free, lengths, strict=True))


def test_forbidden_tags_have_no_probability() -> None:
    found = crf_of(MOVES)(EMISSIONS, mask=MASK, gives="probabilities").numpy()
    assert not found[:, 0, 2].any()
    assert found.sum(axis=-1) == pytest.approx(MASK.astype(float), abs=1e-5)


def test_a_path_of_each_step_for_itself_is_the_likeliest_tag() -> None:
    probabilities = tf.nn.softmax(EMISSIONS).numpy()
    tags = LegalPath()(probabilities, mask=MASK).numpy()
    assert np.array_equal(tags, np.where(MASK, probabilities.argmax(-1), 0))
    found = LegalPath()(probabilities, mask=MASK, gives="probabilities")
    assert np.array_equal(found, np.where(MASK[..., None], probabilities, 0))


def test_probabilities_of_nought_are_not_forbidden() -> None:
    one = np.zeros((1, 2, 3), np.float32)
    one[0, 0, 2] = one[0, 1, 2] = 1  # I-x alone, which may not stand first
    assert is_legal(LegalPath(MOVES)(one).numpy()[0])


def test_emissions_pass_as_they_are() -> None:
    layer = crf_of()
    outputs = layer(EMISSIONS, mask=MASK, gives="emissions")
    assert np.array_equal(outputs, EMISSIONS)
    assert np.array_equal(layer.compute_mask(EMISSIONS, MASK), MASK)


def test_answers_are_those_of_the_chain() -> None:
    layer = crf_of()
    inputs = layer.chain, EMISSIONS, tf.constant(MASK)
    tags = layer(EMISSIONS, mask=MASK, gives="tags")
    assert np.array_equal(tags, viterbi(*inputs))
    probabilities = layer(EMISSIONS, mask=MASK, gives="probabilities")
    assert np.array_equal(probabilities, marginals(*inputs))


def test_allowed_moves_weigh_nothing() -> None:
    everything = Allowed(np.ones((3, 3), bool).tolist(), [True] * 3, [True] * 3)
    layers = crf_of(everything), crf_of()
    z = [log_partition(each.chain, EMISSIONS, tf.constant(MASK)) for each in layers]
    assert np.array_equal(*z)


@pytest.mark.parametrize(
    ("allowed", "message"),
    [
        (
            Allowed(starts=[True, False]),
            r"Allowed starts must have the shape \(3,\) of the tags, got \(2,\). Give "
            "True or False for every move.",
        ),
        (
            Allowed([[False] * 3] * 3),
            "Allowed transitions must let some move pass, got False alone. Set one to "
            "True.",
        ),
    ],
)
def test_moves_that_fit_no_tags_are_refused(allowed: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        crf_of(allowed)


def answerer_of(layer: Crf) -> keras.Model:
    emissions = keras.Input((None, 3), name="emissions")
    masked = keras.layers.Masking(mask_value=9.0)(emissions)
    names = ("tags", "probabilities")
    answers = {name: layer(masked, gives=name) for name in names}
    return keras.Model({"emissions": emissions}, answers)


def test_a_keras_file_gives_the_same_answers(tmp_path: Path) -> None:
    model = answerer_of(crf_of(MOVES))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    inputs = {"emissions": np.where(MASK[..., None], EMISSIONS, 9)}
    for name, values in model(inputs).items():
        assert np.array_equal(loaded(inputs)[name], values)
    config = loaded.get_layer("crf").get_config()
    assert config == model.get_layer("crf").get_config()
    assert config["allowed"][1] == [True, True, False]


def test_a_layer_of_free_moves_comes_back_from_its_config() -> None:
    for layer in (Crf(), LegalPath()):
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
        assert again.allowed == Allowed()


@pytest.mark.slow
def test_a_savedmodel_answers_batches_of_any_shape(tmp_path: Path) -> None:
    model = answerer_of(crf_of(MOVES))
    model.export(str(tmp_path / "model"), verbose=False)
    serve = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    filled = np.where(MASK[..., None], EMISSIONS, 9).astype(np.float32)
    for batch in [filled, filled[:1, :1], filled[5:8, :4], filled[:0]]:
        answer = serve(emissions=tf.constant(batch))
        truth = model({"emissions": batch})
        assert np.array_equal(answer["tags"], truth["tags"])
        np.testing.assert_allclose(
            answer["probabilities"], truth["probabilities"], atol=1e-6
        )
