"""What a page of the projector must be: inside the frame, without a scrollbar, large enough, with enough contrast."""

from pathlib import Path

from playwright.sync_api import Page

BODY, BAR = 28, 16
"""Smallest type in pixels on a page 1280 wide: of what the room reads, and of the keys the chair reads."""
CONTRAST = 4.5
MEASURE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").partition("\n")[2]


def faults_of(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands."""
    found: list[str] = page.evaluate(MEASURE, [BODY, BAR, CONTRAST])
    return found
