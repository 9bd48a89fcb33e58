"""Taggers: what goes in, what is masked, what is saved, what a CRF is good for."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from seqkit.layers.crf import Allowed
from seqkit.layers.sentences import SentenceSplitter
from seqkit.layers.tokens import TokenEncoder
from seqkit.models.specs import TaggerDecode, TaggerModel
from seqkit.models.step_losses import CrfLoss, StepCrossEntropy
from seqkit.models.tagger import build_answerer, build_tagger, tagger_loss
from seqkit.signature import Signature

VOCABULARY = ["", "[UNK]", "the", "of", "cat", "dogs"]
UNKNOWNS = ["lower:", "title:"]
ALPHABET = ["", "[UNK]", *"abcdefgost"]


def signature_of(
    words: int, tags: int, singletons: Any = (0,), alphabet: int | None = None
) -> Signature:
    details = (("singletons", singletons), ("alphabet", alphabet))
    return Signature(vocabulary=words, classes=("X",) * tags, details=details)


SIGNATURE = signature_of(len(VOCABULARY), 3, (0, 1, 1), len(ALPHABET))
SENTENCES = [["The", "cat", "of", "Bo", "!"], ["dogs"], ["a", "B2b", "the"]]
# O, B-x, I-x.
ALLOWED = Allowed([[1, 1, 0], [1, 1, 1], [1, 1, 1]], [1, 1, 0], None)  # type: ignore
TINY: dict[str, Any] = {
    "units": (3,),
    "embedding": 4,
    "character_embedding": 3,
    "character_units": 4,
}


def encoder() -> TokenEncoder:
    return TokenEncoder(VOCABULARY, UNKNOWNS, ALPHABET, max_letters=6)


def padded_rows(steps: int) -> list[list[str]]:
    return [row + [""] * (steps - len(row)) for row in SENTENCES]


def tagger_of(seed: int = 0, **spec: Any) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return build_tagger(TaggerModel(**TINY | spec), SIGNATURE, ALLOWED)


def scatter(model: keras.Model, seed: int) -> None:
    """Give it weights so large that every step has an answer of its own."""
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])


@cache
def models(name: str) -> tuple[keras.Model, keras.Model]:
    """The tagger of a case, and its answerer."""
    model = tagger_of(**CASES[name])
    scatter(model, 0)
    return model, build_answerer(model, ALLOWED)


def inputs_of(model: keras.Model, steps: int = 5) -> dict[str, Any]:
    ids = encoder()(tf.constant(padded_rows(steps)))
    return {name: ids[name] for name in model.input}


CASES: dict[str, dict[str, Any]] = {
    "cnn": {
        "characters": "cnn",
        "head": "crf",
        "bidirectional": "concat",
        "units": (3, 2),
        "dropout": 0.1,
        "input_dropout": 0.1,
    },
    "lstm": {
        "characters": "lstm",
        "casing": False,
        "head": "softmax",
        "cell": "gru",
        "residual": True,
        "layer_norm": True,
    },
    "words": {
        "characters": "none",
        "casing": False,
        "head": "crf",
        "cell": "simple_rnn",
        "embedding_dropout": 0.1,
        "token_dropout": 0.1,
    },
    "casing": {"characters": "none", "head": "softmax", "cell": "simple_rnn"},
}
READ = {
    "cnn": {"words", "letters", "casing"},
    "lstm": {"words", "letters"},
    "words": {"words"},
    "casing": {"words", "casing"},
}
"""The inputs on which answers depend."""
LENGTHS = [len(row) for row in SENTENCES]
EACH = pytest.mark.parametrize("name", CASES)
OTHER = pytest.mark.parametrize("name", ["cnn", "lstm", "words"])
"""Of all layers, cells and heads; the fourth has nothing but what these have."""


@EACH
def test_inputs_and_outputs_are_those_of_the_spec(name: str) -> None:
    model, answerer = models(name)
    assert set(model.input) == set(answerer.input) == READ["cnn"]
    assert model.output.shape == answerer.output["probabilities"].shape
    assert answerer.output["tags"].shape == (None, None)
    softmax = CASES[name]["head"] == "softmax"
    loss = StepCrossEntropy if softmax else CrfLoss
    assert type(tagger_loss(model)) is loss
    sums = model(inputs_of(model)).numpy().sum(axis=-1)
    assert np.allclose(sums, 1, atol=1e-5) == softmax


@EACH
def test_inputs_that_the_spec_does_not_ask_for_are_not_read(name: str) -> None:
    model, _ = models(name)
    inputs = inputs_of(model)
    answers = model(inputs).numpy()
    for key, ids in inputs.items():
        others = model({**inputs, key: tf.sign(ids)}).numpy()
        assert np.array_equal(answers, others) == (key not in READ[name])


def test_tokens_without_letters_give_words_alone() -> None:
    spec = TaggerModel(**TINY, characters="none", casing=False)
    model = build_tagger(spec, signature_of(6, 3))
    assert model.input.name == "words"


@EACH
def test_padding_changes_nothing_and_is_masked(name: str) -> None:
    model, answerer = models(name)
    inputs = inputs_of(model)
    live = np.arange(5) < np.array(LENGTHS)[:, None]
    assert np.array_equal(model(inputs)._keras_mask, live)
    answers, longer = answerer(inputs), answerer(inputs_of(model, 9))
    alone = answerer({key: ids[2:, :3] for key, ids in inputs.items()})
    for key, values in answers.items():
        values = values.numpy()
        assert not values[~live].any() and not longer[key].numpy()[:, 5:].any()
        np.testing.assert_allclose(longer[key][:, :5], values, atol=1e-5)
        np.testing.assert_allclose(alone[key][0], values[2, :3], atol=1e-5)


@pytest.mark.parametrize("name", ["words", "casing"])
def test_answers_are_legal_and_probabilities_sum_to_one(name: str) -> None:
    model, answerer = models(name)
    try:
        for seed in range(3):
            scatter(model, seed)
            answers = answerer(inputs_of(model))
            for row, steps in enumerate(LENGTHS):
                path = [0, *answers["tags"].numpy()[row, :steps].tolist()]
                assert (0, 2) not in itertools.pairwise(path)
                sums = answers["probabilities"].numpy()[row, :steps].sum(-1)
                assert sums == pytest.approx(1, abs=1e-5)
    finally:
        scatter(model, 0)


@pytest.mark.parametrize("name", ["words", "casing"])
def test_argmax_gives_each_step_its_most_probable_tag(name: str) -> None:
    model, viterbi = models(name)
    greedy = build_answerer(model, ALLOWED, TaggerDecode(method="argmax"))
    differ = False
    try:
        for seed in range(3):
            scatter(model, seed)
            inputs = inputs_of(model)
            best, answers = viterbi(inputs), greedy(inputs)
            probabilities = answers["probabilities"].numpy()
            assert np.array_equal(probabilities, best["probabilities"])
            assert np.array_equal(answers["tags"], probabilities.argmax(axis=-1))
            assert answers["tags"].dtype == best["tags"].dtype
            differ = differ or not np.array_equal(answers["tags"], best["tags"])
    finally:
        scatter(model, 0)
    assert differ


@OTHER
def test_the_same_seed_gives_the_same_weights(name: str) -> None:
    spec = CASES[name]
    first, again, other = (tagger_of(seed, **spec).get_weights() for seed in (1, 1, 2))
    assert all(map(np.array_equal, first, again))
    assert not all(map(np.array_equal, first, other))


@OTHER
def test_a_keras_file_gives_the_same_answers(name: str, tmp_path: Path) -> None:
    model, answerer = models(name)
    answerer.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    answers = loaded(inputs_of(model))
    for key, values in answerer(inputs_of(model)).items():
        assert np.array_equal(answers[key], values)


def test_an_answerer_has_the_layers_of_its_network() -> None:
    model = tagger_of(**CASES["words"])
    answerer = build_answerer(model, ALLOWED)
    inputs = inputs_of(model)
    before = answerer(inputs)["probabilities"].numpy()
    crf = model.get_layer("crf")
    crf.set_weights([weight + np.arange(3) for weight in crf.get_weights()])
    assert not np.allclose(answerer(inputs)["probabilities"], before, atol=0.01)
    assert len(answerer.weights) == len(model.weights)


def test_words_seen_once_become_unknown_in_training_alone() -> None:
    bare = {"cell": "simple_rnn", "characters": "none", "casing": False}
    words = signature_of(len(VOCABULARY), 3, (0, 1, 1))
    model = build_tagger(TaggerModel(**TINY | bare, unknown_rate=0.5), words)
    scatter(model, 0)
    inputs = np.array([[4, 5]] * 50, np.int32)  # cat, dogs
    still = model(inputs).numpy()
    np.testing.assert_allclose(still, still[[0] * 50], atol=1e-5)
    trained = model(inputs, training=True).numpy()
    assert len(np.unique(trained.round(5), axis=0)) == 4
    unknown = model(np.array([[6, 7]], np.int32)).numpy()
    assert np.isclose(trained, unknown[0], atol=1e-5).all(axis=(1, 2)).any()
    never = tagger_of(unknown_rate=0.0, **bare)
    assert "unknown_words" not in [layer.name for layer in never.layers]


def test_letters_read_both_ways_need_an_even_width() -> None:
    with pytest.raises(ValidationError, match="must be even, got 5. Add 1."):
        TaggerModel(characters="lstm", character_units=5)


# Only the last word says what the tags are: they alternate up to it. A stack that reads
# forward alone cannot know them, a path through the tags can.
COUNTS = np.random.default_rng(0).integers(2, 7, 256)
LIVE = np.arange(6) < COUNTS[:, None]
LAST = np.random.default_rng(1).integers(0, 2, 256)
WORDS = np.where(LIVE, 2, 0).astype(np.int32)
WORDS[np.arange(256), COUNTS - 1] = 3 + LAST
TAGS = ((COUNTS - 1 + LAST)[:, None] - np.arange(6)) % 2 * LIVE


def accuracy_of(head: Literal["crf", "softmax"]) -> float:
    bare = {"characters": "none", "casing": False}
    small = {"cell": "simple_rnn", "units": (4,), "embedding": 4}
    spec = TaggerModel(head=head, **bare | small)
    keras.utils.set_random_seed(0)
    model = build_tagger(spec, signature_of(5, 2))
    model.compile(keras.optimizers.Adam(0.1), loss=tagger_loss(model))
    weights = LIVE.astype(np.float32)
    model.fit(WORDS, TAGS, 64, 8, sample_weight=weights, shuffle=False, verbose=0)
    tags = build_answerer(model)(WORDS)["tags"].numpy()
    return float((tags == TAGS)[LIVE].mean())


@pytest.mark.slow
def test_a_crf_learns_what_only_the_path_tells() -> None:
    assert accuracy_of("crf") > 0.98
    assert accuracy_of("softmax") < 0.8


ASK = """
import json, sys
sys.modules["seqkit"] = None
import tensorflow as tf
folder, asked = sys.argv[1], json.loads(sys.argv[2])
answers = []
for name, batches in asked:
    serve = tf.saved_model.load(f"{folder}/{name}").signatures["serving_default"]
    (key,) = serve.structured_input_signature[1]
    for batch in batches:
        outputs = serve(**{key: tf.constant(batch)})
        del outputs["tokens"]
        answers.append({name: v.numpy().tolist() for name, v in outputs.items()})
print(json.dumps(answers))
"""


def serving_of(model: keras.Model, answerer: keras.Model, text: bool) -> keras.Model:
    """From tokens, or from a sentence, to answers."""
    if text:
        raw = {"text": keras.Input((), dtype="string", name="text")}
        tokens = SentenceSplitter()(raw["text"])
    else:
        raw = {"tokens": keras.Input((None,), dtype="string", name="tokens")}
        tokens = dict(raw)
    ids = encoder()(tokens["tokens"])
    return keras.Model(
        raw, answerer({name: ids[name] for name in model.input}) | tokens
    )


@pytest.mark.slow
def test_tensorflow_alone_answers_tokens_and_sentences(tmp_path: Path) -> None:
    asked = []
    truths: list[dict[str, Any]] = []
    batches: dict[str, list[Any]] = {
        "tokens": [padded_rows(5), padded_rows(8)[:1]],
        "text": [[" ".join(row) for row in SENTENCES], ["dogs of the cat"], [""]],
    }
    for case, kind in [("cnn", "tokens"), ("cnn", "text"), ("casing", "tokens")]:
        serving = serving_of(*models(case), text=kind == "text")
        serving.export(str(tmp_path / f"{case}_{kind}"), verbose=False)
        asked.append((f"{case}_{kind}", batches[kind]))
        truths += [serving({kind: tf.constant(batch)}) for batch in batches[kind]]
    command = [sys.executable, "-c", ASK, str(tmp_path), json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert not done.returncode, done.stderr
    answers = json.loads(done.stdout)
    assert len(answers) == len(truths) == 7
    for answer, truth in zip(answers, truths, strict=True):
        for key, values in answer.items():
            np.testing.assert_allclose(values, truth[key], atol=1e-5)
    # The sentences' tokens are those that were given, so their tags are, too.
    assert answers[2]["tags"] == answers[0]["tags"]
