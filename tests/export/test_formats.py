"""Each format is loaded by its own means alone and answers as the run does."""

from __future__ import annotations

import json
import math
import re
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from seqkit.errors import ExportError
from seqkit.export import Shipment, export
from seqkit.export.base import Format, inference_graph
from seqkit.registry import FORMATS

ALONE = {
    "savedmodel": {"keras", "seqkit", "pandas", "onnxruntime"},
    "keras": {"onnxruntime"},
    "onnx": {"tensorflow", "keras", "seqkit", "pandas"},
    "litert": {"keras", "seqkit", "pandas", "onnxruntime"},
}
"""What is not to be had in the process that loads the format."""


@pytest.fixture(scope="module")
def exported(
    shipment: Shipment, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The folder of a format, written when it is first asked for."""
    parent = tmp_path_factory.mktemp("exports")

    def folder(format: str) -> Path:
        place = parent / format
        if place.exists():
            return place
        with pytest.MonkeyPatch.context() as patch:
            # The tests here load what is written; one more process takes seconds.
            patch.setattr("seqkit.export.ship.verified", lambda *anything: 0.0)
            return export(shipment, place, format)

    return folder


def snippet(readme: str, language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)\n```", readme, re.DOTALL)
    return code


def test_every_format_is_tested_here():
    assert set(ALONE) == set(FORMATS)


@pytest.mark.parametrize(
    "format",
    [
        "savedmodel",
        "onnx",
        pytest.param("keras", marks=pytest.mark.slow),
        pytest.param("litert", marks=pytest.mark.slow),
    ],
)
def test_the_readmes_snippet_runs_with_what_the_format_promises(
    exported, shipment, format
):
    folder = exported(format)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# trial\n\nA card.\n")
    code = (
        f"import sys\nfor name in {ALONE[format]!r}: sys.modules[name] = None\n"
        "sys.path.insert(0, '.')\n" + snippet(readme, "python")
    )
    printed = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=folder, capture_output=True, text=True
    )
    assert printed.returncode == 0, printed.stderr
    answer = shipment.predict({"text": ["A good film!"]})
    assert re.search(rf"label \[?b?'?{answer['label'][0]}\b", printed.stdout)
    # Keras warns where inputs are not named as the model names them.
    assert "structure of" not in printed.stderr
    shown = [float(number) for number in re.findall(r"\d\.\d{3,}", printed.stdout)]
    assert any(n == pytest.approx(answer["probability"][0], abs=1e-5) for n in shown)


@pytest.mark.parametrize(
    "format",
    [
        "onnx",
        pytest.param("savedmodel", marks=pytest.mark.slow),
        pytest.param("keras", marks=pytest.mark.slow),
        pytest.param("litert", marks=pytest.mark.slow),
    ],
)
def test_the_account_tells_what_was_written(shipment, format, tmp_path):
    folder = export(shipment, tmp_path / format, format)
    account = json.loads((folder / "export.json").read_text())
    assert account["format"] == format
    assert account["samples"] == 5
    assert 0 <= account["largest_difference"] <= 1e-5
    assert set(account["versions"]) >= {"seqkit", "tensorflow", "keras", "python"}
    assert not [name for name in account["files"] if name.endswith((".pkl", ".pyc"))]


@pytest.mark.slow
def test_the_command_line_of_the_savedmodels_readme_runs(exported, shipment):
    folder = exported("savedmodel")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    command = shlex.split(snippet(readme, "sh").replace("\\\n", ""))
    script = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [sys.executable, script, *command[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    label = shipment.predict({"text": ["A good film"]})["label"][0]
    assert f"Result for output key label:\n[b'{label}']" in done.stdout.replace(
        ascii(label.encode())[2:-1], label
    )


def test_the_savedmodel_takes_any_number_of_raw_texts_under_any_class_name(
    exported, shipment
):
    import tensorflow as tf

    serve = tf.saved_model.load(exported("savedmodel")).signatures["serving_default"]
    inputs = serve.structured_input_signature[1]
    assert inputs == {"text": tf.TensorSpec((None,), tf.string, name="text")}
    texts = ["a good film", "bad", "unheard-of"] * 7
    answers = serve(text=tf.constant(texts))
    wanted = shipment.predict({"text": texts})
    assert set(answers) == {"label", "probability", "p_neg", "p_very good/é"}
    assert [label.decode() for label in answers["label"].numpy()] == [*wanted["label"]]
    for name in ("probability", "p_neg", "p_very good/é"):
        assert answers[name].numpy() == pytest.approx(np.array(wanted[name]), abs=1e-6)


def test_onnx_takes_any_batch_and_any_length(exported):
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(exported("onnx") / "model.onnx")
    (ids,) = session.get_inputs()
    assert (ids.name, ids.shape) == ("ids", ["batch", "timesteps"])
    (out,) = session.get_outputs()
    assert (out.name, out.shape) == ("probabilities", ["batch", 2])
    short = np.array([[2, 3]], np.int32)
    padded = np.array([[2, 3, 0, 0, 0], [5, 4, 3, 2, 2]], np.int32)
    first = session.run(None, {"ids": short})[0][0]
    assert session.run(None, {"ids": padded})[0][0] == pytest.approx(first, abs=1e-6)


def test_tracing_for_inference_changes_nothing_in_the_model(shipment):
    recurrent = [
        layer
        for layer in shipment.core._flatten_layers()
        if hasattr(layer, "use_cudnn")
    ]
    assert len(recurrent) == 2
    with inference_graph(shipment.core):
        assert {layer.use_cudnn for layer in recurrent} == {False}
        assert {layer.recurrent_dropout for layer in recurrent} == {0.0}
    assert {layer.use_cudnn for layer in recurrent} == {"auto"}
    assert {layer.recurrent_dropout for layer in recurrent} == {0.3}


def test_the_savedmodel_draws_no_random_numbers(exported):
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel.FromString(
        (exported("savedmodel") / "saved_model.pb").read_bytes()
    )
    graph = model.meta_graphs[0].graph_def
    operations = {node.op for body in graph.library.function for node in body.node_def}
    assert "StaticRegexReplace" in operations
    assert not [name for name in operations if "Random" in name or "Cudnn" in name]


def test_the_savedmodel_holds_each_weight_once(exported, shipment):
    import tensorflow as tf

    stored = tf.train.list_variables(exported("savedmodel") / "variables" / "variables")
    numbers = [math.prod(shape) for name, shape in stored if "VARIABLE_VALUE" in name]
    assert sum(numbers) == shipment.core.count_params()


@pytest.mark.usefixtures("unverified")
def test_the_keras_file_keeps_the_dropout_to_train_on(shipment, tmp_path):
    import keras

    folder = export(shipment, tmp_path / "keras", "keras")
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    rates = {
        layer.recurrent_dropout
        for layer in model._flatten_layers()
        if hasattr(layer, "use_cudnn")
    }
    assert rates == {0.3}


@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_a_graph_that_the_format_cannot_hold_is_told_with_a_way_out(
    new_shipment, format, tmp_path
):
    import keras
    import tensorflow as tf

    class Unheard(keras.layers.Layer):
        def call(self, ids):
            steps = tf.cast(ids, "float32")
            total = tf.reduce_sum(tf.math.igamma(steps + 1.0, 2.0), 1, keepdims=True)
            return tf.nn.softmax(tf.concat([total, -total], 1))

    ids = keras.Input((None,), dtype="int32", name="ids")
    core = keras.Model(ids, Unheard()(ids))
    with pytest.raises(ExportError, match="Use the format 'savedmodel' instead"):
        export(new_shipment(core), tmp_path / "out", format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_a_core_without_its_preprocessing_is_refused(shipment, format, tmp_path):
    from dataclasses import replace

    with pytest.raises(ExportError, match=r"no vocabulary\.json, .*'savedmodel'"):
        export(
            replace(shipment, files={"classes.json": "[]"}), tmp_path / "out", format
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ALONE)
def test_a_full_disk_is_told_in_every_format(shipment, format, tmp_path):
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    kind: Format = FORMATS.get(format)()  # Imported before files are kept small.
    assert kind.name == format
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limit[1]))
        with pytest.raises(ExportError, match="There is no room to write the export"):
            export(shipment, tmp_path / "out", format)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of 40 kB; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no right to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("format", ["savedmodel", "keras", "litert"])
def test_a_disk_that_is_really_full_keeps_the_old_export_whole(
    shipment, format, small_disk, tree
):
    old = small_disk / "out"
    old.mkdir()
    (old / "model").write_bytes(b"m" * 100)
    marker = {"made_by": "seqkit", "files": {"model": 100}}
    (old / "export.json").write_text(json.dumps(marker))
    before = tree(old)
    with pytest.raises(ExportError, match="There is no room .* [(]out is as it was[)]"):
        export(shipment, old, format, overwrite=True)
    assert tree(old) == before
    assert list(small_disk.iterdir()) == [old]


@pytest.mark.parametrize(
    ("note", "words"),
    [("", "beginning.\n"), ("Wait for it.", "beginning. Wait for it.\n")],
)
def test_readme_of_a_stream_says_what_its_task_notes(note: str, words: str) -> None:
    def tensor(*shape: int) -> SimpleNamespace:
        return SimpleNamespace(shape=(None, *shape), dtype="float32")

    stream = {"value": tensor(), "state_values": tensor(2)}
    cargo = Shipment(
        name="stream",
        serving=SimpleNamespace(input={"values": tensor(2)}),
        core=None,
        files={},
        samples={"values": [[1.0, 2.0]]},
        predict=lambda samples: {},
        card="",
        streaming=SimpleNamespace(input=stream),
        stream_note=note,
    )
    readme = FORMATS.get("savedmodel")().usage(cargo)
    assert f"and its own state, all\nNaN in the {words}" in readme
