"""A text that comes with the data, in both languages."""

from dataclasses import dataclass

from core.language import Language


@dataclass(frozen=True)
class Wording:
    """A text in both languages."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        """Return the text in a language."""
        return self.zh if language == "zh" else self.en
