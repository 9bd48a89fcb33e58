"""A tag for every token: words, letters and casing below a stack, a CRF above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from seqkit.layers.characters import CharacterEncoder
from seqkit.layers.crf import Allowed, Crf, LegalPath
from seqkit.layers.tokens import CASINGS
from seqkit.layers.unknown_words import SingletonDropout
from seqkit.models.cores.stack import dropped, stack
from seqkit.models.specs import TaggerDecode, TaggerModel
from seqkit.models.step_losses import CrfLoss, StepCrossEntropy
from seqkit.models.text import embed_tokens

CASING_WIDTH = 8
"""Width of the embeddings of casings."""
ANSWERS = ("tags", "probabilities")
"""What an answerer gives."""


@dataclass(frozen=True)
class TaggerSizes:
    """What a tagger must know of its data."""

    words: int
    """Words, padding (0) and unknown (1) among them; see ``TokenVocabulary.words``."""
    tags: int
    singletons: tuple[int, ...] = (0,)
    """Words seen once, by class of unknown words; see ``TokenVocabulary``."""
    alphabet: int | None = None
    """Letter ids, padding and unknown among them; None: tokens have no letters."""

    @property
    def word_ids(self) -> int:
        """Words, and the classes of unknown words behind them."""
        return self.words + len(self.singletons) - 1


def build_tagger(
    spec: TaggerModel,
    sizes: TaggerSizes,
    allowed: Allowed | None = None,
    name: str = "tagger",
) -> keras.Model:
    """A model from ids to what its loss takes (batch, steps, tags).

    Inputs: ``words`` (batch, steps), 0 where padded; where the spec asks for them
    ``letters`` (batch, steps, letters) and ``casing`` (batch, steps). Output: with
    ``softmax`` each step's probabilities, with ``crf`` the emissions of its layer
    ``crf``.
    """
    words = keras.Input((None,), dtype="int32", name="words")
    inputs = {"words": words}
    ids = words
    if spec.unknown_rate and sum(sizes.singletons):
        ids = SingletonDropout(
            spec.unknown_rate, sizes.words, sizes.singletons, name="unknown_words"
        )(ids)
    # Keras joins masks by "or": each part must say for itself what is padding.
    parts = [embed_tokens(ids, sizes.word_ids, spec)]
    if spec.characters != "none":
        inputs["letters"] = keras.Input((None, None), dtype="int32", name="letters")
        parts.append(_character_encoder(spec, sizes)(inputs["letters"]))
    if spec.casing:
        inputs["casing"] = keras.Input((None,), dtype="int32", name="casing")
        casings = keras.layers.Embedding(
            len(CASINGS), CASING_WIDTH, mask_zero=True, name="casings"
        )
        parts.append(casings(inputs["casing"]))
    steps = parts[0]
    if len(parts) > 1:
        steps = keras.layers.Concatenate(name="tokens")(parts)
    outputs = dropped(stack(steps, spec, per_timestep=True), spec)
    return keras.Model(inputs, _head(outputs, spec, sizes, allowed), name=name)


def _character_encoder(spec: TaggerModel, sizes: TaggerSizes) -> CharacterEncoder:
    if sizes.alphabet is None:
        raise ValueError(
            f"model.characters is {spec.characters}, but the tokens of these data are "
            "letters themselves. Set model.characters to none."
        )
    return CharacterEncoder(
        spec.characters,
        sizes.alphabet,
        spec.character_embedding,
        spec.character_units,
        name="characters",
    )


def _head(
    outputs: Any, spec: TaggerModel, sizes: TaggerSizes, allowed: Allowed | None
) -> Any:
    if spec.head == "softmax":
        return keras.layers.Dense(sizes.tags, activation="softmax", name="tags")(
            outputs
        )
    emissions = keras.layers.Dense(sizes.tags, name="emissions")(outputs)
    return Crf(**_moves(allowed), name="crf")(emissions)


def _moves(allowed: Allowed | None) -> dict[str, Any]:
    plain = (allowed or Allowed()).plain()
    return {f"allowed_{name}": moves for name, moves in plain.items()}


def tagger_loss(network: keras.Model) -> keras.losses.Loss:
    """What a tagger learns by, in nats a token."""
    head = _crf_of(network)
    return StepCrossEntropy() if head is None else CrfLoss(head)


def _crf_of(network: keras.Model) -> Crf | None:
    return next((layer for layer in network.layers if isinstance(layer, Crf)), None)


def build_answerer(
    network: keras.Model,
    allowed: Allowed | None = None,
    decode: TaggerDecode | None = None,
) -> keras.Model:
    """A model with the inputs, and the layers, of ``network`` that gives its answers.

    ``tags`` (batch, steps), int32, is the best path: of a CRF, or of the steps'
    probabilities among the paths that are ``allowed``. Under ``argmax`` it is each
    step's most probable tag, be the path allowed or not. ``probabilities`` (batch,
    steps, tags) are those of each tag at each step, whatever the path: marginals of a
    CRF. Both are 0 at padding.
    """
    head: Crf | LegalPath | None = _crf_of(network)
    if head is None:
        head, steps = LegalPath(**_moves(allowed), name="path"), network.output
    else:
        steps = network.get_layer("emissions").output
    answers = {name: head(steps, gives=name) for name in ANSWERS}
    if decode is not None and decode.method == "argmax":
        answers["tags"] = keras.ops.argmax(answers["probabilities"], axis=-1)
    return keras.Model(network.input, answers, name=f"{network.name}_answers")
