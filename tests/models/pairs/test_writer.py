"""Writers: what they write, of which row alone, saved and exported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from tiny_pairs import TOKENS, WORDS, network

from seqkit.models.pairs.build import build_judge, build_writer
from seqkit.models.pairs.spec import PairDecode
from seqkit.models.pairs.writer import row_seeds

LENGTH = 6
METHODS: dict[str, dict[str, Any]] = {
    "greedy": {"method": "greedy"},
    "beam": {"beam": 3, "n_best": 2},
    "sample": {"method": "sample", "seed": 7},
}
every_method = pytest.mark.parametrize("method", METHODS)


def written(kind: str, tokens: Any = TOKENS, **decode: Any) -> dict[str, NDArray[Any]]:
    writer = build_writer(network(kind), PairDecode(**decode), LENGTH)
    outputs = writer({"tokens": np.asarray(tokens, np.int32)})
    return {name: output.numpy() for name, output in outputs.items()}


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("none", "greedy"),
        ("additive", "beam"),
        ("feeding", "sample"),
        ("covering", "beam"),
        ("copying", "greedy"),
    ],
)
def test_log_probability_is_what_the_judge_says(kind: str, method: str) -> None:
    answers = written(kind, **METHODS[method])
    tokens = answers["tokens"][:, 0]
    assert not np.isin(tokens[tokens != 0], [0, 2, 3]).any()
    lengths = (tokens != 0).sum(-1)
    ends = np.where(np.arange(LENGTH) == lengths[:, None], 3, 0)
    targets = tokens + ends
    begin = np.full((3, 1), 2, np.int32)
    previous = np.concatenate([begin, tokens[:, :-1]], axis=1) * (targets != 0)
    judged = build_judge(network(kind))(
        {"tokens": TOKENS, "previous": previous, "targets": targets}
    )
    np.testing.assert_allclose(
        answers["log_probability"][:, 0],
        np.sum(judged["log_probability"], axis=-1),
        rtol=1e-4,
        atol=1e-5,
    )


@every_method
def test_output_depends_on_its_own_row_alone(method: str) -> None:
    together = written("feeding", **METHODS[method])
    wide = np.pad(TOKENS[::-1], [[0, 0], [0, 2]])
    turned = written("feeding", wide, **METHODS[method])
    alone = written("feeding", TOKENS[1:2, :2], **METHODS[method])
    np.testing.assert_array_equal(turned["tokens"][::-1], together["tokens"])
    np.testing.assert_array_equal(alone["tokens"], together["tokens"][1:2])
    np.testing.assert_allclose(alone["score"], together["score"][1:2], rtol=1e-4)


def test_another_seed_draws_other_outputs() -> None:
    rows = np.repeat(TOKENS[:1], 3, axis=0)
    one = written("general", rows, method="sample", seed=1)["tokens"]
    other = written("general", rows, method="sample", seed=2)["tokens"]
    assert (one == one[:1]).all()
    assert (one != other).any()


def test_seed_and_temperature_may_be_inputs_of_each_row() -> None:
    spec = PairDecode(method="sample")
    writer = build_writer(network("general"), spec, LENGTH, draws=True)
    draws = {
        "seed": np.array([5, 5, 5], np.int64),
        "temperature": np.array([1, 0, 1], np.float32),
        "top_k": np.array([0, 0, 1], np.int32),
        "top_p": np.array([1, 1, 1], np.float32),
    }
    tokens = writer({"tokens": TOKENS} | draws)["tokens"].numpy()
    drawn = written("general", method="sample", seed=5)["tokens"]
    likeliest = written("general", method="greedy")["tokens"]
    np.testing.assert_array_equal(tokens[0], drawn[0])
    np.testing.assert_array_equal(tokens[1:], likeliest[1:])


def test_seeds_of_rows_differ_and_ignore_padding() -> None:
    rows = np.array([[4, 5, 0], [5, 4, 0], [4, 5, 4], [9, 0, 0]])
    seeds = np.concatenate([row_seeds(rows, seed) for seed in (0, 1)])
    assert len(set(seeds.tolist())) == 8
    np.testing.assert_array_equal(row_seeds(rows[:2, :2], 0), seeds[:2])


def test_beam_may_be_wider_than_the_vocabulary() -> None:
    wide = written("general", beam=3 * WORDS, n_best=2 * WORDS)
    assert wide["tokens"].shape == (3, 2 * WORDS, LENGTH)
    different = {tuple(tokens) for tokens in wide["tokens"][0].tolist()}
    assert len(different) == 2 * WORDS
    assert (np.diff(wide["score"]) <= 0).all()


def test_no_run_of_tokens_comes_twice() -> None:
    greedy = written("additive", method="greedy")["tokens"][:, 0]
    assert any(len(set(row[row > 0])) < (row > 0).sum() for row in greedy)
    for row in written("additive", method="greedy", no_repeat=1)["tokens"][:, 0]:
        assert len(set(row[row > 0])) == (row > 0).sum()


@every_method
def test_output_of_one_token_and_no_rows(method: str) -> None:
    writer = build_writer(network("feeding"), PairDecode(**METHODS[method]), 1)
    assert writer({"tokens": TOKENS[:, :1]})["tokens"].shape[::2] == (3, 1)
    assert writer({"tokens": TOKENS[:0, :0]})["tokens"].shape[::2] == (0, 1)


def test_loaded_writer_has_tied_weights_once(tmp_path: Path) -> None:
    writer = build_writer(network("feeding"), PairDecode(beam=3, n_best=2), LENGTH)
    writer.save(tmp_path / "writer.keras")
    loaded = keras.models.load_model(tmp_path / "writer.keras")
    assert [w.shape for w in loaded.weights] == [w.shape for w in writer.weights]
    assert sum(w.path.endswith("embeddings") for w in loaded.weights) == 1
    one, other = (model({"tokens": TOKENS}) for model in (writer, loaded))
    np.testing.assert_array_equal(one["tokens"], other["tokens"])
    np.testing.assert_allclose(one["score"], other["score"], rtol=1e-5)


LOADED = """
import json, sys
import keras
import numpy as np
import tensorflow as tf
import seqkit.models.pairs.build
folder, rows = sys.argv[1], np.array(json.loads(sys.argv[2]), np.int32)
writer = keras.models.load_model(folder + "/writer.keras")
served = tf.saved_model.load(folder + "/served").signatures["serving_default"]
answers = [writer({"tokens": rows}), served(tokens=tf.constant(rows))]
none = served(tokens=tf.zeros([0, 3], tf.int32))
print(json.dumps([*(a["tokens"].numpy().tolist() for a in answers),
                  list(none["tokens"].shape)]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["feeding", "copying"])
def test_writer_is_the_same_saved_and_served_in_a_fresh_process(
    kind: str, tmp_path: Path
) -> None:
    spec = PairDecode(beam=3, n_best=2)
    writer = build_writer(network(kind), spec, LENGTH)
    wanted = writer({"tokens": TOKENS})["tokens"].numpy().tolist()
    writer.save(tmp_path / "writer.keras")
    archive = keras.export.ExportArchive()
    archive.track(writer)
    signature = [{"tokens": tf.TensorSpec([None, None], tf.int32, name="tokens")}]
    archive.add_endpoint("serving_default", writer, signature)
    archive.write_out(tmp_path / "served", verbose=False)
    command = [sys.executable, "-c", LOADED, str(tmp_path), json.dumps(TOKENS.tolist())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded, served, shape = json.loads(done.stdout.splitlines()[-1])
    assert loaded == wanted
    assert served == wanted
    assert shape == [0, 2, LENGTH]
