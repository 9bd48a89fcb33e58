"""A run that broke goes on to the weights of one that did not, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from cases.runs import fitted
from cases.table import CASES, each_run

import seqkit
from seqkit.runs.run import Run


class Break(keras.callbacks.Callback):
    """Raises in the middle of an epoch, the second where there is one."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 1 and self.epoch == min(1, self.params["epochs"] - 1):
            raise ZeroDivisionError


@each_run()
def test_a_run_that_broke_ends_in_the_weights_of_an_unbroken_one(
    task: str, run_of: Callable[[str], Run], tmp_path: Path
) -> None:
    with pytest.raises(ZeroDivisionError):
        fitted(task, tmp_path / "run", callbacks=[Break()])
    resumed = seqkit.fit(
        resume=tmp_path / "run", data=CASES[task].rows(), progress=False
    )
    unbroken = run_of(task)
    assert len(resumed.history) == len(unbroken.history)
    kept, wanted = resumed.model.get_weights(), unbroken.model.get_weights()
    for one, other in zip(kept, wanted, strict=True):
        assert np.array_equal(one, other)
