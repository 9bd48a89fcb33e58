"""Pieces of words: seconds to learn and to cut, memory, and whether texts come back.

python benchmarks/subwords.py DATA [SIZE ...]

DATA is a folder with multi30k/ and imdb/.
"""

from __future__ import annotations

import gzip
import resource
import sys
import time
from pathlib import Path

import pandas as pd

from seqkit.data.text.tokenizer import Tokenizer
from seqkit.shared.quiet import load_tensorflow


def texts_by_name(data: Path) -> dict[str, list[str]]:
    """All lines of Multi30k and all reviews."""
    texts: dict[str, list[str]] = {}
    for language in ("de", "en"):
        name = f"multi30k {language}"
        texts[name] = []
        for part in ("train", "val", "test_2016_flickr"):
            path = data / "multi30k" / f"{part}.{language}.gz"
            lines = gzip.decompress(path.read_bytes()).decode().split("\n")
            texts[name] += lines[:-1]
    parts = [data / "imdb" / f"imdb_{part}.csv.gz" for part in ("train", "test")]
    texts["imdb"] = [text for part in parts for text in pd.read_csv(part)["text"]]
    return texts


def main(data: str, *sizes: str) -> None:
    """Print a row a collection and vocabulary."""
    load_tensorflow()
    import tensorflow as tf

    from seqkit.layers.text import clean_text

    print("texts        ids    rows    fit s  load s  texts/s  pieces  exact  peak MB")
    for name, texts in texts_by_name(Path(data)).items():
        for size in map(int, sizes or ("8000", "32000")):
            began = time.perf_counter()
            tokenizer = Tokenizer.fit([texts], size, "subword", lowercase=False)
            fitted = time.perf_counter()
            encoder = tokenizer.encoder(2**31 - 1)
            made = time.perf_counter()
            graph = tf.function(
                encoder.ragged, input_signature=[tf.TensorSpec((None,), tf.string)]
            )
            graph(tf.constant(["one text"]))
            seconds, pieces, exact = 0.0, 0, 0
            for start in range(0, len(texts), 512):
                some = tf.constant(texts[start : start + 512])
                before = time.perf_counter()
                ids = graph(some)
                seconds += time.perf_counter() - before
                pieces += int(tf.size(ids.flat_values))
                wanted = clean_text(some, "subword", False)
                back = tokenizer.decoder(ids.to_tensor())
                exact += int(tf.math.count_nonzero(wanted == back))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
            print(
                f"{name:<11} {size:>5} {len(texts):>7} {fitted - began:>8.1f} "
                f"{made - fitted:>7.2f} {len(texts) / seconds:>8,.0f} "
                f"{pieces / len(texts):>7.1f} {exact:>6} {peak:>8,.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
