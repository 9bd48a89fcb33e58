"""What the scores of written texts are called, and what their numbers mean."""

from __future__ import annotations

from seqkit.scores.metric import Metric

METRICS = {
    "bleu": Metric("BLEU", "sacreBLEU, 13a tokens, cased, 0 to 100", True, most=100.0),
    "bleu_lowercase": Metric(
        "BLEU, lower-cased", "sacreBLEU, 13a tokens, 0 to 100", True, most=100.0
    ),
    "chrf": Metric("chrF2", "sacreBLEU, 0 to 100", True, most=100.0),
    "rouge1": Metric("ROUGE-1", "mean F-score of words, 0 to 100", True, most=100.0),
    "rouge2": Metric(
        "ROUGE-2", "mean F-score of pairs of words, 0 to 100", True, most=100.0
    ),
    "rougeL": Metric(
        "ROUGE-L",
        "mean F-score of the longest common subsequence of words, 0 to 100",
        True,
        most=100.0,
    ),
    "exact_match": Metric(
        "Exact match", "share of outputs that are a reference", True, most=1.0
    ),
    "character_error_rate": Metric(
        "Character error rate", "edits by the references' characters", False
    ),
    "word_error_rate": Metric(
        "Word error rate", "edits by the references' words", False
    ),
    "perplexity": Metric(
        "Perplexity",
        "e to the mean -ln(probability of a reference's token)",
        False,
        least=1.0,
    ),
    "token_accuracy": Metric(
        "Token accuracy, forced",
        "share of the references' tokens that are likeliest behind the true ones",
        True,
        most=1.0,
    ),
    "free_token_accuracy": Metric(
        "Token accuracy, free",
        "share of places at which output and reference have the same word",
        True,
        most=1.0,
    ),
}
