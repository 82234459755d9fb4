"""What is being done while the sample store is made, for the progress bar."""

from collections.abc import Callable
from enum import StrEnum

from core.language import Language, text


class SampleStep(StrEnum):
    """The steps, in order."""

    DRAW = "draw"
    CHECK = "check"
    STORE = "store"
    ACCOUNTS = "accounts"


def step_words(language: Language, step: SampleStep) -> str:
    """Return what to tell the person who waits."""
    match step:
        case SampleStep.DRAW:
            return text(language, "Drawing a fictional city")
        case SampleStep.CHECK:
            return text(language, "Checking its files as any import is checked")
        case SampleStep.STORE:
            return text(language, "Storing them and working out the stages")
        case SampleStep.ACCOUNTS:
            return text(language, "Making the demo accounts")


def each_step_once(language: Language, say: Callable[[str], None]) -> Callable[[float, SampleStep], None]:
    """Return a progress that says the words of each step when it begins."""
    told: set[SampleStep] = set()

    def tell(_share: float, step: SampleStep) -> None:
        if step not in told:
            told.add(step)
            say(step_words(language, step))

    return tell
