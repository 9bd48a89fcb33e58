"""Layers that the field has and Keras lacks.

Importing this package registers all of them, so that ``keras.saving.load_model`` can
read a ``.keras`` file that holds them.
"""

from seqkit.layers.augmentation import ScalingNoise, WindowWarp
from seqkit.layers.characters import CharacterEncoder
from seqkit.layers.constant import ConstantAnswer
from seqkit.layers.convolution import MaskedConvolution
from seqkit.layers.crf import Crf, LegalPath
from seqkit.layers.decode import LabelDecoder, TagDecoder
from seqkit.layers.dropout import TokenDropout
from seqkit.layers.extracts import (
    SentenceLines,
    SentencePicker,
    SentenceShares,
    SentenceTokens,
)
from seqkit.layers.forced import ForcedTokens, StepSums, TargetsOf, WithoutTokens
from seqkit.layers.forecast.calendar import StepOrdinal, WindowCalendar
from seqkit.layers.forecast.gaussian import GaussianParameters
from seqkit.layers.forecast.mixture import ForecastMixture, NaiveForecast
from seqkit.layers.forecast.plain import PlainForecast
from seqkit.layers.forecast.quantiles import Accumulated, ForecastQuantiles
from seqkit.layers.forecast.ridge import WindowRidge
from seqkit.layers.forecast.roll_out import RollOut
from seqkit.layers.forecast.streaming import FilledWindow, PushStep, WhereFull
from seqkit.layers.forecast.theta import ThetaForecast
from seqkit.layers.forecast.window import PrepareWindow, RestoreForecast
from seqkit.layers.forecast.window_norm import WindowNorm, WindowUndo
from seqkit.layers.hashed_words import RatioProbabilities, TfidfProbabilities
from seqkit.layers.ngrams import Mixture, NgramScores
from seqkit.layers.pooling import AttentionPooling, MaskedMaxPooling, MaskedMeanPooling
from seqkit.layers.segments import (
    FoldSteps,
    LastValues,
    Positions,
    Segments,
    UnfoldSteps,
)
from seqkit.layers.sentences import SentenceSplitter
from seqkit.layers.series_padding import SeriesEncoder
from seqkit.layers.temporal import TemporalBlock
from seqkit.layers.text import TextEncoder
from seqkit.layers.text_decoder import TextDecoder, TokenTexts
from seqkit.layers.tokens import TokenEncoder
from seqkit.layers.unknown_words import SingletonDropout

__all__ = [
    "Accumulated",
    "AttentionPooling",
    "CharacterEncoder",
    "ConstantAnswer",
    "Crf",
    "FilledWindow",
    "FoldSteps",
    "ForcedTokens",
    "ForecastMixture",
    "ForecastQuantiles",
    "GaussianParameters",
    "LabelDecoder",
    "LastValues",
    "MaskedConvolution",
    "LegalPath",
    "MaskedMaxPooling",
    "MaskedMeanPooling",
    "Mixture",
    "NaiveForecast",
    "NgramScores",
    "PlainForecast",
    "Positions",
    "PrepareWindow",
    "PushStep",
    "RatioProbabilities",
    "RestoreForecast",
    "RollOut",
    "ScalingNoise",
    "Segments",
    "SentenceSplitter",
    "SeriesEncoder",
    "SingletonDropout",
    "StepOrdinal",
    "StepSums",
    "TagDecoder",
    "TargetsOf",
    "TfidfProbabilities",
    "TemporalBlock",
    "TextDecoder",
    "TextEncoder",
    "ThetaForecast",
    "TokenDropout",
    "TokenTexts",
    "WithoutTokens",
    "TokenEncoder",
    "UnfoldSteps",
    "WhereFull",
    "WindowWarp",
    "WindowCalendar",
    "WindowNorm",
    "WindowRidge",
    "WindowUndo",
    "SentenceLines",
    "SentencePicker",
    "SentenceShares",
    "SentenceTokens",
]
