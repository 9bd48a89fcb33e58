"""A tag for every token: words, letters and casing below a stack, a CRF above it."""

from __future__ import annotations

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
from seqkit.signature import Signature

CASING_WIDTH = 8
"""Width of the embeddings of casings."""
ANSWERS = ("tags", "probabilities")
"""What an answerer gives."""


def build_tagger(
    spec: TaggerModel,
    signature: Signature,
    allowed: Allowed | None = None,
    name: str = "tagger",
) -> keras.Model:
    """A model from ids to what its loss takes (batch, steps, tags).

    Inputs: ``words`` (batch, steps), 0 where padded; and where tokens have letters,
    whether the spec asks for them or not, ``letters`` (batch, steps, letters) and
    ``casing`` (batch, steps). Output: with ``softmax`` each step's probabilities, with
    ``crf`` the emissions of its layer ``crf``.

    Args:
        spec: the section ``model``.
        signature: ``vocabulary`` and ``classes``, and as details ``singletons`` (words
            seen once, by class of unknown words; see ``TokenVocabulary``) and
            ``alphabet`` (letter ids; None: tokens have no letters).
        allowed: the moves from tag to tag; None: all.
        name: of the model.
    """
    inputs = {"words": keras.Input((None,), dtype="int32", name="words")}
    if signature.detail("alphabet"):
        inputs["letters"] = keras.Input((None, None), dtype="int32", name="letters")
        inputs["casing"] = keras.Input((None,), dtype="int32", name="casing")
    steps = _embedded(inputs, spec, signature)
    outputs = dropped(stack(steps, spec, per_timestep=True), spec)
    tags = len(signature.classes)
    if spec.head == "softmax":
        outputs = keras.layers.Dense(tags, activation="softmax", name="tags")(outputs)
    else:
        emissions = keras.layers.Dense(tags, name="emissions")(outputs)
        outputs = Crf(allowed or (), name="crf")(emissions, gives="emissions")
    plain = inputs if len(inputs) > 1 else inputs["words"]
    return keras.Model(plain, outputs, name=name)


def _embedded(inputs: dict[str, Any], spec: TaggerModel, signature: Signature) -> Any:
    """Ids to vectors (batch, steps, width), masked: what the stack reads."""
    ids, words = inputs["words"], signature.vocabulary
    singletons = signature.detail("singletons")
    assert words
    if spec.unknown_rate and sum(singletons):
        drop = SingletonDropout(
            spec.unknown_rate, words, singletons, name="unknown_words"
        )
        ids = drop(ids)
    # Keras joins masks by "or": each part must say for itself what is padding.
    parts = [embed_tokens(ids, words + len(singletons) - 1, spec)]
    if spec.characters != "none":
        encode = CharacterEncoder(
            spec.characters,
            signature.detail("alphabet"),
            spec.character_embedding,
            spec.character_units,
            name="characters",
        )
        parts.append(encode(inputs["letters"]))
    if spec.casing:
        casings = keras.layers.Embedding(
            len(CASINGS), CASING_WIDTH, mask_zero=True, name="casings"
        )
        parts.append(casings(inputs["casing"]))
    return keras.layers.Concatenate(name="tokens")(parts) if parts[1:] else parts[0]


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
        head, steps = LegalPath(allowed or (), name="path"), network.output
    else:
        steps = network.get_layer("emissions").output
    answers = {name: head(steps, gives=name) for name in ANSWERS}
    if decode is not None and decode.method == "argmax":
        answers["tags"] = keras.ops.argmax(answers["probabilities"], axis=-1)
    return keras.Model(network.input, answers, name=f"{network.name}_answers")
