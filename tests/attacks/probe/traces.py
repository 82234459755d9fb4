"""Traces of what ran, and an answer that is kept; loaded once, as the modules of the project are."""

import os
from pathlib import Path

from pages.parts.store.base import Ask, cached

TRACES = Path(os.environ["BRANCH_COACH_TRACES"])


def leave_trace(name: str) -> None:
    """Show that this ran."""
    with (TRACES / name).open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")


@cached
def figures(_ask: Ask, number: int) -> int:
    """Stand for an answer that is kept."""
    leave_trace("question")
    return number
