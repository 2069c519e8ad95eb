"""What a standard's reader raises: one sentence, in both languages."""

from __future__ import annotations

from mailwright.model.text import Text


class Fault(ValueError):
    """A text that is not what its standard asks for.

    ``reason`` is the sentence in both languages; ``str()`` is the English one.
    """

    def __init__(self, en: str, zh: str, **params: object) -> None:
        self.reason = Text(en, zh, params)
        super().__init__(self.reason("en"))
