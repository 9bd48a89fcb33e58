"""Which sentence says it: sentences to vectors, a stack above them, a share for each.

Nallapati et al. 2017, "SummaRuNNer: A Recurrent Neural Network Based Sequence Model for
Extractive Summarization of Documents", with a softmax over the sentences of a text.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from seqkit.layers.characters import CharacterEncoder
from seqkit.layers.dropout import TokenDropout
from seqkit.layers.extracts import SentencePicker, SentenceShares
from seqkit.models.cores.stack import dropped, stack
from seqkit.models.specs import ExtractDecode, ExtractorModel
from seqkit.signature import Signature


def build_extractor(
    spec: ExtractorModel, signature: Signature, name: str = "extractor"
) -> keras.Model:
    """A model from ``tokens`` (batch, sentences, timesteps), 0 where padded.

    It gives (batch, sentences): the probability that a sentence is the best summary.
    """
    tokens = keras.Input((None, None), dtype="int32", name="tokens")
    ids, vocabulary = tokens, signature.vocabulary
    assert vocabulary
    if spec.token_dropout:
        ids = TokenDropout(spec.token_dropout, name="token_dropout")(ids)
    # To a reader of words, a sentence is what a word is to a reader of letters.
    encode = CharacterEncoder(
        spec.sentence_encoder,
        vocabulary,
        spec.embedding,
        spec.sentence_units,
        spec.embedding_dropout,
        name="sentences",
    )
    sentences = dropped(encode(ids), spec, "sentence_dropout")
    steps = dropped(stack(sentences, spec, per_timestep=True), spec)
    # What a sentence says by itself, and among the others.
    both = keras.layers.Concatenate(name="both")([sentences, steps])
    logits = keras.layers.Dense(1, name="logits")(both)
    return keras.Model(tokens, SentenceShares(name="shares")(logits), name=name)


def build_picker(network: keras.Model, decode: ExtractDecode | None) -> keras.Model:
    """``tokens`` and ``sentences``, their texts, to ``output`` and ``score``."""
    inputs = {
        "tokens": network.input,
        "sentences": keras.Input((None,), dtype="string", name="sentences"),
    }
    parts = {
        "probabilities": network(inputs["tokens"]),
        "sentences": inputs["sentences"],
    }
    count = 1 if decode is None else decode.sentences
    return keras.Model(inputs, SentencePicker(count)(parts), name="picker")


@keras.saving.register_keras_serializable("seqkit")
class MissedMerit(keras.losses.Loss):
    """1 less the merit of a sentence that is drawn by the model's probabilities.

    ``y_true`` (batch, sentences) are merits from 0 to 1, ``y_pred`` shares: they are
    divided by their sum over the sentences that are no padding, where weights are 0.
    Each row counts alike, whatever its sentences weigh.
    """

    def __init__(self, name: str = "missed_merit", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        shares = tf.reshape(y_pred, tf.shape(y_true))
        if sample_weight is not None:
            shares *= tf.cast(sample_weight > 0, shares.dtype)
        total = tf.reduce_sum(shares, axis=1)
        merit = tf.reduce_sum(shares * tf.cast(y_true, shares.dtype), axis=1)
        return 1 - tf.reduce_mean(tf.math.divide_no_nan(merit, total))
