"""Several models of the same kind as one: the mean of their outputs."""

from __future__ import annotations

from collections.abc import Sequence

import keras

MEMBER = "member_"
"""What the names of the models in it begin with; the rest counts them from 1."""


def averaged(members: Sequence[keras.Model]) -> keras.Model:
    """A model with the inputs of each, and the mean of their outputs.

    Averages of probabilities are probabilities, and those of quantiles are quantiles of
    a distribution between the members' (Ratcliff 1979).

    Args:
        members: models of the same inputs and outputs, two or more.
    """
    inputs, outputs = members[0].input, []
    for number, member in enumerate(members, 1):
        # Without what it was compiled with, which a file of the whole would hold.
        plain = keras.Model(member.input, member.output, name=f"{MEMBER}{number}")
        outputs.append(plain(inputs))
    mean = keras.layers.Average(name="members")(outputs)
    return keras.Model(inputs, mean, name=members[0].name)


def members_of(model: keras.Model) -> list[keras.Model]:
    """The models that ``averaged`` was given; none of any other model."""
    return [layer for layer in model.layers if layer.name.startswith(MEMBER)]
