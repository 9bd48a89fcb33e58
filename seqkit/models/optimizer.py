"""Optimizers and learning-rate schedules from a recipe's ``train`` section."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from seqkit.recipe.spec import TrainSpec

EXPONENTIAL_END = 0.01
"""What an exponential schedule leaves of the first learning rate at its end."""


@keras.saving.register_keras_serializable("seqkit")
class DecaySchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise over ``warmup_steps``, then a decay up to ``total_steps``.

    With p the share of the decay that is done, the rate is ``learning_rate`` times
    1 (constant), 1 - p (linear), (1 + cos(pi p)) / 2 (cosine; Loshchilov & Hutter 2017)
    or 0.01^p (exponential).
    """

    def __init__(
        self, learning_rate: float, schedule: str, warmup_steps: int, total_steps: int
    ) -> None:
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        # The first step already moves: a rate of 0 would waste it.
        warm = (step + 1.0) / max(self.warmup_steps, 1)
        decay_steps = max(self.total_steps - self.warmup_steps, 1)
        progress = ops.clip((step - self.warmup_steps) / decay_steps, 0.0, 1.0)
        share = {
            "constant": lambda: ops.ones_like(progress),
            "linear": lambda: 1.0 - progress,
            "cosine": lambda: (1.0 + ops.cos(math.pi * progress)) / 2.0,
            "exponential": lambda: ops.power(EXPONENTIAL_END, progress),
        }[self.schedule]()
        return self.learning_rate * ops.where(step < self.warmup_steps, warm, share)

    def get_config(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "schedule": self.schedule,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }


def build_optimizer(
    spec: TrainSpec, steps_per_epoch: int
) -> keras.optimizers.Optimizer:
    """The compiled optimizer; a schedule ends with ``spec.epochs``."""
    learning_rate: Any = spec.learning_rate
    if spec.schedule != "constant" or spec.warmup:
        total = steps_per_epoch * spec.epochs
        learning_rate = DecaySchedule(
            spec.learning_rate, spec.schedule, round(spec.warmup * total), total
        )
    classes = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "nadam": keras.optimizers.Nadam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    # AdamW takes no None, and the others need none to leave the decay out.
    no_decay = 0.0 if spec.optimizer == "adamw" else None
    return classes[spec.optimizer](
        learning_rate,
        weight_decay=spec.weight_decay or no_decay,
        global_clipnorm=spec.clip_norm,
        clipvalue=spec.clip_value,
    )
