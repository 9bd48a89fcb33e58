"""What Keras and TensorFlow do not export is still where it was, and does its work.

A test here that fails names what a release has moved: mend seqkit/shared/keras_private.
"""

from __future__ import annotations

import ast
import gc
import re
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqkit
from seqkit.shared import keras_private


def test_fit_takes_a_subclass_of_keras_data_adapter() -> None:
    class Ones(keras_private.data_adapter()):  # type: ignore[misc]
        num_batches, batch_size, has_partial_batch = 3, 2, False
        partial_batch_size = 0

        def get_tf_dataset(self) -> Any:
            return self

        def __iter__(self) -> Iterator[Any]:
            batch = np.ones((2, 1), np.float32)
            return iter([(batch, batch)] * 3)

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.build((None, 1))
    seen: list[Any] = []
    step = model.train_step

    def counted(batches: Iterator[Any]) -> Any:
        seen.append(next(batches))
        return step(seen[-1])

    # Keras uses a function that is there, and hands it the adapter's own iterator.
    model.train_function = counted
    model.fit(Ones(), verbose=0)
    assert len(seen) == 3 and seen[0][0].shape == (2, 1)


def test_flatten_layers_gives_the_layers_inside_of_layers() -> None:
    inner = keras.layers.GRU(2)
    model = keras.Sequential([keras.Input((3, 1)), keras.layers.Bidirectional(inner)])
    layers = keras_private.every_layer(model)
    assert layers[0] is model
    assert sum(isinstance(layer, keras.layers.GRU) for layer in layers) == 2
    assert any(isinstance(layer, keras.layers.GRUCell) for layer in layers)


def test_get_recurrent_dropout_mask_tells_cells_that_draw() -> None:
    cells = keras.layers.GRUCell, keras.layers.LSTMCell, keras.layers.SimpleRNNCell
    assert all(keras_private.draws_recurrent_dropout(cell(2)) for cell in cells)
    assert not keras_private.draws_recurrent_dropout(keras.layers.Dense(2))


def test_op_determinism_is_told_and_ended() -> None:
    assert not keras_private.is_deterministic()
    tf.config.experimental.enable_op_determinism()
    try:
        assert keras_private.is_deterministic()
    finally:
        keras_private.end_determinism()
    assert not keras_private.is_deterministic()


def traced_loop() -> Any:
    @tf.function(input_signature=[tf.TensorSpec((), tf.int32)])
    def counted(limit: Any) -> Any:
        return tf.while_loop(lambda n: n < limit, lambda n: n + 1, [0])

    return counted.get_concrete_function()


def test_dismantle_func_graph_frees_a_graph_at_once() -> None:
    gc.freeze()  # so that only what is made here is looked at
    gc.disable()
    try:
        function = traced_loop()
        graph = weakref.ref(function.graph)
        keras_private.dismantle_graph(function.graph)
        assert not function.graph.get_operations()
        del function
    finally:
        gc.enable()
    gc.collect()
    gc.unfreeze()
    assert graph() is None


def test_backend_add_endpoint_makes_what_an_archive_saves(tmp_path: Path) -> None:
    traced: list[Any] = []

    def tripled(x: Any) -> Any:
        traced.append(x)
        return {"y": 3 * x}

    archive = keras.export.ExportArchive()
    keras_private.trace_endpoints_once(archive)
    archive.add_endpoint("serve", tripled, [tf.TensorSpec((None,), name="x")])
    archive.write_out(tmp_path / "model", verbose=False)
    assert len(traced) == 1
    signatures = tf.saved_model.load(tmp_path / "model").signatures
    assert set(signatures) == {"serve", "serving_default"}
    (tripled_x,) = signatures["serve"](x=tf.constant([1.0, 2.0])).values()
    assert tripled_x.numpy().tolist() == [3.0, 6.0]


def test_gradient_registry_forgets_what_tracing_adds() -> None:
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def doubled(x: Any) -> Any:
        return 2 * x, lambda upstream: 2 * upstream

    def trace() -> None:
        tf.function(doubled).get_concrete_function(tf.TensorSpec((), tf.float32))

    gradients = keras_private.registered_gradients()
    before = set(gradients)
    assert {"MatMul", "While"} <= before
    trace()
    added = set(gradients) - before
    assert added
    with keras_private.new_gradients_forgotten():
        trace()
        assert set(gradients) > before | added
    assert set(gradients) == before | added


@pytest.fixture(scope="module")
def doubling() -> Any:
    class Doubling(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = tf.Variable([2.0])

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32)])
        def __call__(self, x: Any) -> Any:
            return tf.map_fn(lambda one: self.weight * one, x)

    return Doubling()


def test_convert_variables_to_constants_leaves_no_variable(doubling: Any) -> None:
    frozen = keras_private.frozen(doubling.__call__.get_concrete_function())
    kinds = {node.op for node in frozen.graph.as_graph_def().node}
    assert not any("Variable" in kind for kind in kinds)
    assert {"StatelessWhile", "While"} & kinds  # loops stay loops
    assert np.ravel(frozen(tf.constant([3.0]))[0]).tolist() == [6.0]


def test_lower_tensor_list_ops_is_what_a_converter_knows(doubling: Any) -> None:
    function = doubling.__call__.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], doubling)
    keras_private.lower_tensor_lists(converter)
    assert converter._experimental_lower_tensor_list_ops is True
    with pytest.raises(AssertionError):
        keras_private.lower_tensor_lists(object())


def test_nothing_private_of_keras_is_imported_elsewhere() -> None:
    package = Path(seqkit.__file__).parent
    private = re.compile(r"keras\.src|tensorflow\.python")
    texts = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    importers = {
        path.relative_to(package).as_posix()
        for path, text in texts.items()
        if private.search(text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        and str(node.module).startswith(("keras.src", "tensorflow.python"))
    }
    # Trials clear Keras's session and keep its seeds.
    assert importers == {"shared/keras_private.py", "tuning/models.py"}
