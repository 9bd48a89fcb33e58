"""How fast outputs are written, beside the usual Keras loops, in one run.

python benchmarks/decoding_speed.py [SENTENCES [SAMPLE]]

The weights are drawn, not trained: the end is then so seldom that each answer runs on
to its limit of 20 tokens, or nearly. The usual Keras loop is stock layers of the same
widths and one ``predict`` a token: for all sentences at once, and for each sentence by
itself as tutorials do, on SAMPLE sentences and scaled to SENTENCES. All read token ids.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqkit.models.pairs.build import build_encoder_decoder, build_writer
from seqkit.models.pairs.spec import EncoderDecoderModel, PairDecode
from seqkit.signature import Signature

WORDS, UNITS, PLACES, STEPS, BATCH = 6000, 256, 15, 20, 128
WAYS: dict[str, dict[str, Any]] = {
    "greedy": {"method": "greedy"},
    "beam 5": {"method": "beam", "beam": 5},
    "sample": {"method": "sample"},
    "sample, top_k 40": {"method": "sample", "top_k": 40},
}


def main(sentences: str = "1000", sample: str = "5") -> None:
    """Print seconds and ratios."""
    keras.utils.set_random_seed(1)
    rows, few = int(sentences), int(sample)
    tokens = np.random.default_rng(1).integers(4, WORDS, (rows, PLACES)).astype("int32")
    signature = Signature.of(
        {"vocabulary": WORDS}, {"details": (("output_vocabulary", WORDS),)}
    )
    spec = EncoderDecoderModel(
        cell="gru",
        units=(UNITS,),
        embedding=UNITS,
        bidirectional="concat",
        attention="additive",
    )
    network = build_encoder_decoder(spec, signature)
    base = 0.0
    for name, keys in WAYS.items():
        writer = build_writer(network, PairDecode(**keys), STEPS)
        wall, cpu = seconds(lambda w=writer: w.predict({"tokens": tokens}, BATCH, 0))
        base = base or wall
        print(f"{name}: {wall:.2f} s, CPU {cpu:.2f} s, {wall / base:.1f} x greedy")
        if name == "greedy":
            print(f"one sentence, SavedModel: {served(writer, tokens[:1]):.1f} ms")
    encoder, decoder = stock()
    wall, cpu = seconds(lambda: looped(encoder, decoder, tokens))
    print(f"Keras, all at once: {wall:.2f} s, CPU {cpu:.2f} s, {wall / base:.1f} x")
    wall, cpu = seconds(
        lambda: [looped(encoder, decoder, tokens[i : i + 1]) for i in range(few)]
    )
    wall, cpu = wall * rows / few, cpu * rows / few
    print(f"Keras, one by one: {wall:.0f} s, CPU {cpu:.0f} s, {wall / base:.0f} x")
    print(f"(scaled from {few} sentences)")


def seconds(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds of the second time."""
    work()
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    work()
    wall, after = (
        time.perf_counter() - started,
        resource.getrusage(resource.RUSAGE_SELF),
    )
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def served(writer: keras.Model, row: Any) -> float:
    """Milliseconds of a call of the SavedModel, the median of 20."""
    with tempfile.TemporaryDirectory() as folder:
        writer.export(folder, verbose=False)
        model = tf.saved_model.load(folder)
        wall = [seconds(lambda: model.serve({"tokens": row}))[0] for _ in range(20)]
    return 1000 * statistics.median(wall)


def stock() -> tuple[keras.Model, keras.Model]:
    """An encoder, and one step of a decoder with attention, of Keras's own layers."""
    layers = keras.layers
    source = keras.Input((PLACES,), dtype="int32")
    read = layers.Embedding(WORDS, UNITS, mask_zero=True)(source)
    cells = layers.GRU(UNITS, return_sequences=True, return_state=True)
    memory, *ends = layers.Bidirectional(cells)(read)
    first = layers.Dense(UNITS)(layers.Concatenate()(ends))
    keys = layers.Dense(UNITS)(memory)
    encoder = keras.Model(source, [keys, first])
    last, state = keras.Input((1,), dtype="int32"), keras.Input((UNITS,))
    places = keras.Input((PLACES, UNITS))
    out, after = layers.GRU(UNITS, return_sequences=True, return_state=True)(
        layers.Embedding(WORDS, UNITS)(last), initial_state=state
    )
    seen = layers.AdditiveAttention()([out, places])
    logits = layers.Dense(WORDS)(layers.Concatenate()([out, seen]))
    return encoder, keras.Model([last, state, places], [logits, after])


def looped(encoder: keras.Model, decoder: keras.Model, tokens: Any) -> Any:
    """One ``predict`` a token."""
    keys, state = encoder.predict(tokens, BATCH, 0)
    last, path = np.full((len(tokens), 1), 2, "int32"), []
    for _ in range(STEPS):
        logits, state = decoder.predict([last, state, keys], BATCH, 0)
        last = logits[:, 0].argmax(-1)[:, None].astype("int32")
        path.append(last)
    return np.concatenate(path, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
