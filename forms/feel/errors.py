"""What a reader or an evaluation says when it refuses."""

from __future__ import annotations

_SHOWN = 80


class FeelError(ValueError):
    """An expression that cannot be used, as a Chinese sentence that says what to write instead.

    `construct` is what was refused, as it stands in the text (`function`, `foo()`, a name nobody declares); empty for
    a text that is no FEEL at all and for bounds. `text` is the whole expression where the raiser knew it, `place` the
    character of it that the reader had come to, counted from 0; None for what an evaluation says.
    """

    def __init__(self, sentence: str, construct: str = "", text: str = "", place: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.construct = construct
        self.text = text
        self.place = place


def shown(text: str) -> str:
    """A piece of an expression, cut to what fits into a sentence."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
