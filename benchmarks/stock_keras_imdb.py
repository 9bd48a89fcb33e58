"""The model of Keras's example bidirectional_lstm_imdb, trained as its page does.

Two bidirectional LSTM(64) layers on the last 200 of 20,000 known words, Adam, batches
of 32, validated on the test reviews after every epoch. Only the source of the reviews
differs: the files in SEQKIT_DATA instead of a download.

SEQKIT_DATA=DATA python benchmarks/stock_keras_imdb.py EPOCHS
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter

import keras
import pandas as pd
from keras import layers
from measure import imdb

WORDS, TIMESTEPS = 20_000, 200


def indexed() -> tuple[list[list[int]], list[int], list[list[int]], list[int]]:
    """Reviews as ranks of their words: 1 starts a review, 2 is an unknown word."""
    frames = [pd.read_csv(path) for path in imdb()]
    tokens = [[re.findall(r"[\w']+", t.lower()) for t in f["text"]] for f in frames]
    counts = Counter(word for review in tokens[0] for word in review)
    rank = {word: i + 3 for i, (word, _) in enumerate(counts.most_common(WORDS - 3))}
    ids = [
        [[1, *(rank.get(w, 2) for w in review)] for review in part] for part in tokens
    ]
    return ids[0], frames[0]["label"], ids[1], frames[1]["label"]


def main(epochs: str = "2") -> None:
    """Train, and print the seconds of ``fit`` alone."""
    x_train, y_train, x_test, y_test = indexed()
    x_train = keras.utils.pad_sequences(x_train, maxlen=TIMESTEPS)
    x_test = keras.utils.pad_sequences(x_test, maxlen=TIMESTEPS)
    inputs = keras.Input(shape=(None,), dtype="int32")
    steps = layers.Embedding(WORDS, 128)(inputs)
    steps = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(steps)
    summary = layers.Bidirectional(layers.LSTM(64))(steps)
    outputs = layers.Dense(1, activation="sigmoid")(summary)
    model = keras.Model(inputs, outputs)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    started = time.perf_counter()
    history = model.fit(
        x_train,
        y_train,
        batch_size=32,
        epochs=int(epochs),
        validation_data=(x_test, y_test),
        verbose=0,
    )
    seconds = time.perf_counter() - started
    print(json.dumps({"fit_seconds": seconds, "history": history.history}))


if __name__ == "__main__":
    main(*sys.argv[1:])
