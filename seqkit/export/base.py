"""What an export format is: a small class in a file of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from logging import ERROR, getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqkit.errors import ExportError
from seqkit.shared.keras_private import draws_recurrent_dropout, every_layer

if TYPE_CHECKING:
    import keras

    from seqkit.export.shipment import Shipment

_TALKATIVE = ("tensorflow", "absl", "tf2onnx")


class Format(ABC):
    """Writes a shipment in one format and says how to call what it wrote."""

    name: ClassVar[str]
    instead: ClassVar[str]
    """The format to propose where the graph does not allow this one."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Packages beyond TensorFlow; the extra ``seqkit[NAME]`` installs them."""
    needs_seqkit: ClassVar[bool] = False
    """Whether the artefact is loaded with seqkit."""

    def require(self) -> None:
        """Raise ExportError if a package that this format needs is missing."""
        missing = [name for name in self.packages if find_spec(name) is None]
        if missing:
            raise ExportError(
                f"The format {self.name!r} needs {' and '.join(missing)}, which "
                f'cannot be imported. Run: pip install "seqkit[{self.name}]"'
            )

    @abstractmethod
    def write(self, shipment: Shipment, folder: Path) -> None:
        """Write the artefact into ``folder``, which is empty."""

    @abstractmethod
    def usage(self, shipment: Shipment) -> str:
        """How to call the artefact: Markdown with one Python snippet that runs."""

    @property
    def check(self) -> Path:
        """The script that loads the artefact and answers the samples with it."""
        return Path(__file__).with_name(f"check_{self.name}.py")


SHOWN_NUMBERS = 48
"""So many numbers of an example a README shows at most."""


def example_tensors(shipment: Shipment) -> dict[str, str]:
    """The first sample as code: a tensor of one row for each input, by its name."""
    inputs = shipment.serving.input
    named = (
        inputs if isinstance(inputs, dict) else {next(iter(shipment.samples)): inputs}
    )
    return {
        name: _example_tensor(value, str(named[name].dtype))
        for name, value in shipment.example().items()
    }


def _example_tensor(value: Any, dtype: str) -> str:
    if isinstance(value, str):
        return f"tf.constant([{value!r}])"
    if isinstance(value, list) and value and isinstance(value[0], str):
        # What is empty at the end is padding.
        texts = value[: max(place for place, text in enumerate(value, 1) if text)]
        return f"tf.constant([{texts!r}])"
    import numpy as np

    array = np.asarray(value)
    if array.size > SHOWN_NUMBERS:
        first = f"tf.constant({float(array.flat[0])!r}, {dtype!r})"
        return f"tf.fill({[1, *array.shape]}, {first})"
    return f"tf.constant([{value!r}], {dtype!r})"


@contextmanager
def inference_graph(model: keras.Model) -> Iterator[None]:
    """While tracing, give recurrent layers a graph that runs anywhere.

    With a GPU in sight Keras bakes in cuDNN operations, which no CPU has. With dropout
    inside a cell it draws random numbers in inference too, in a state that LiteRT
    cannot hold; inference drops nothing.
    """
    changed: list[tuple[Any, str, Any]] = []
    try:
        for layer in every_layer(model):
            settings: dict[str, Any] = {}
            if "use_cudnn" in vars(layer):
                settings = {"use_cudnn": False}
            if draws_recurrent_dropout(layer):
                settings |= {"dropout": 0.0, "recurrent_dropout": 0.0}
            for name, value in settings.items():
                changed.append((layer, name, getattr(layer, name)))
                setattr(layer, name, value)
        yield
    finally:
        for layer, name, value in changed:
            setattr(layer, name, value)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep converters from telling people what only their makers understand."""
    levels = {name: getLogger(name).level for name in _TALKATIVE}
    try:
        for name in _TALKATIVE:
            getLogger(name).setLevel(ERROR)
        yield
    finally:
        for name, level in levels.items():
            getLogger(name).setLevel(level)
