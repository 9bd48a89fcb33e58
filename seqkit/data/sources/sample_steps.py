"""``sample:activity`` and ``sample:tracking``: series with an answer for each step.

``activity``: what somebody does, second by second, from an accelerometer (columns
``forward``, ``sideways`` and ``upward``, ten readings a second, in g; ``activity`` is
rest, walk, run, climb or cycle). Each recording is of another person, with a pace, a
strength and a way to wear the sensor of its own, so that one reading tells little: the
rhythm does, over seconds.

``tracking``: where a damped oscillator is and how fast it moves (``position`` and
``velocity``), from what drives it (``force``) and from a sensor (``reading``) that is
noisy, is blind beyond 1 in either direction and drops out now and then (``works`` is
0). Each series has a spring of its own.

All of it is drawn from seeds, the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

RECORDINGS = {"train": 60, "test": 20}
RUNS = {"train": 160, "test": 40}
SEEDS = {"train": 1, "test": 2}
RATE = 10
"""Readings a second."""
ACTIVITIES: dict[str, tuple[float, float, tuple[float, float, float]]] = {
    # Steps a second, strength in g, and which share of it goes into each direction.
    "rest": (0.0, 0.0, (0.0, 0.0, 0.0)),
    "walk": (1.8, 0.30, (0.6, 0.4, 1.0)),
    "run": (2.7, 0.60, (0.7, 0.4, 1.0)),
    "climb": (1.4, 0.35, (0.9, 0.4, 0.9)),
    "cycle": (1.2, 0.20, (0.4, 1.0, 0.3)),
}
NEXT = {
    "rest": ("walk", "cycle"),
    "walk": ("rest", "run", "climb"),
    "run": ("walk", "rest"),
    "climb": ("walk", "rest"),
    "cycle": ("rest",),
}
"""What may follow each activity."""

Random = np.random.RandomState
"""The old generator: its stream is the same in every version of NumPy."""
Floats = NDArray[np.float64]


def activity() -> dict[str, pd.DataFrame]:
    """Parts ``train`` (60 recordings of 40 to 80 seconds) and ``test`` (20)."""
    columns = ("forward", "sideways", "upward", "activity")
    return {
        part: _frame(
            columns, [_recording(Random([SEEDS[part], row])) for row in range(n)]
        )
        for part, n in RECORDINGS.items()
    }


def tracking() -> dict[str, pd.DataFrame]:
    """Parts ``train`` (160 series of 100 to 200 steps) and ``test`` (40)."""
    columns = ("force", "reading", "works", "position", "velocity")
    return {
        part: _frame(
            columns, [_oscillation(Random([SEEDS[part], row])) for row in range(n)]
        )
        for part, n in RUNS.items()
    }


def _frame(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas as pd

    cells = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            column: pd.Series(list(series), dtype=object)
            for column, series in zip(columns, cells, strict=True)
        }
    )


def _recording(random: Random) -> tuple[Any, ...]:
    """Three directions (steps,) and the activity of each step."""
    steps = random.randint(40, 81) * RATE
    labels: list[str] = []
    now = "rest" if random.random_sample() < 0.5 else "walk"
    while len(labels) < steps:
        labels += [now] * random.randint(3 * RATE, 13 * RATE)
        options = NEXT[now]
        now = options[random.randint(len(options))]
    labels = labels[:steps]
    # Of this person: pace, strength, and how the sensor hangs.
    pace, strength = random.uniform(0.85, 1.15), random.uniform(0.6, 1.5)
    tilt = random.uniform(-0.5, 0.5, 2)
    rates = np.array([ACTIVITIES[label][0] for label in labels])
    sizes = np.array([ACTIVITIES[label][1] for label in labels])
    shares = np.array([ACTIVITIES[label][2] for label in labels])
    wander = 1 + 0.1 * random.standard_normal(steps)
    phase = 2 * np.pi * np.cumsum(pace * rates * wander) / RATE
    # A stride is half as often as a step, and sways sideways.
    waves = np.stack(
        [np.sin(phase), np.sin(phase / 2), np.cos(phase) + 0.4 * np.cos(2 * phase)], 1
    )
    moved = strength * sizes[:, None] * shares * waves
    moved += 0.12 * random.standard_normal((steps, 3))
    gravity = np.array([np.sin(tilt[0]), np.sin(tilt[1]), 0.0])
    gravity[2] = np.sqrt(1 - gravity @ gravity)
    readings = np.round(moved + gravity, 4)
    return (*readings.T, labels)


def _oscillation(random: Random) -> tuple[Any, ...]:
    """Force, reading and whether it works, position and velocity (steps,) each."""
    steps, inner, interval = random.randint(100, 201), 10, 0.1
    stiffness, damping = random.uniform(1.0, 9.0), random.uniform(0.1, 0.6)
    # The force is held over some steps, and then another.
    changes = random.random_sample(steps) < 0.1
    levels = 3.0 * random.standard_normal(steps)
    force = levels[np.maximum.accumulate(np.where(changes, np.arange(steps), 0))]
    position, velocity = random.uniform(-1, 1), 2 * random.uniform(-1, 1)
    states = np.empty((steps, 2))
    for step in range(steps):
        states[step] = position, velocity
        for _ in range(inner):
            # Semi-implicit Euler keeps the energy of what swings.
            pull = force[step] - stiffness * position - damping * velocity
            velocity += pull * interval / inner
            position += velocity * interval / inner
    reading = np.clip(states[:, 0] + 0.1 * random.standard_normal(steps), -1, 1)
    works = (random.random_sample(steps) > 0.15).astype(float)
    return (
        np.round(force, 4),
        np.round(reading * works, 4),
        works,
        *np.round(states, 4).T,
    )
