"""The run of a tagger: what is more than any run has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from seqkit.errors import UsageError
from seqkit.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.tasks.answers.tags import Tags


class Page(str):
    """HTML: a notebook shows it, and it can be written to a file."""

    def _repr_html_(self) -> str:
        return str(self)


class TaggerRun(Run):
    """A tagger: it can tell the spans of sentences, and show them."""

    verbs: ClassVar[Mapping[str, str]] = {
        "entities": "Only taggers tell the spans of sentences",
        "show": "Only taggers show sentences with their spans",
    }

    def entities(self, texts: Sequence[Any]) -> pd.DataFrame:
        """The spans in sentences, a row each.

        Where tags spell no spans (``scheme: plain``), runs of one tag but ``O`` do.

        Args:
            texts: sentences as plain text, or as lists of tokens. A text is cut into
                words, numbers and single marks; of a list the text is its tokens with
                spaces between.

        Returns:
            ``row`` (of ``texts``, from 0), ``text`` of the span, ``label``, ``start``
            and ``end`` (characters of the sentence, the end not included) and ``score``
            (the least probability of its tokens' tags).

        Raises:
            UsageError: there is no list of sentences.
            DataError: one is neither text nor a list of tokens, or has no token.
        """
        import pandas as pd

        from seqkit.data.tokens.places import placed

        sentences, tags, sure = self._tagged(texts)
        rows = []
        for row, one in enumerate(placed(list(texts), sentences)):
            for start, end, label in self._answer.spans(tags[row]):
                first, last = one.starts[start], one.ends[end - 1]
                score = float(sure[row][start:end].min())
                rows.append((row, one.text[first:last], label, first, last, score))
        columns = ["row", "text", "label", "start", "end", "score"]
        return pd.DataFrame(rows, columns=columns)

    def show(self, texts: Sequence[Any]) -> Page:
        """Sentences with their spans in colour, as HTML that a notebook shows.

        Args:
            texts: as for ``entities``.
        """
        from seqkit.pictures.tags import Line, sentence_html

        sentences, tags, _ = self._tagged(texts)
        answer = self._answer
        data: Any = self.recipe.data
        separator = "" if data.level == "character" else " "
        return Page(
            "".join(
                sentence_html(
                    tokens, [Line("", answer.spans(one))], answer.types, separator
                )
                for tokens, one in zip(sentences, tags, strict=True)
            )
        )

    @property
    def _answer(self) -> Tags:
        fitted: Any = self.preprocessing
        answer: Tags = fitted.answer
        return answer

    def _tagged(self, texts: Sequence[Any]) -> tuple[list[list[str]], Any, Any]:
        """Tokens, tags and their probabilities of each sentence."""
        if isinstance(texts, str) or not hasattr(texts, "__len__") or not len(texts):
            raise UsageError(
                f"A tagger takes a list of sentences, one at least, got {texts!r:.60}. "
                "Write it as a list: [...]."
            )
        sentences = self.task.raw_inputs(list(texts), self.preprocessing)
        return sentences, *self._answer.decoded(self.outputs(sentences))
