"""The first start with nothing configured: the fictional city is made while visitors watch a progress bar.

It is made once, in a thread of its own, so that no closed tab stops it half way.
"""

import threading
import time

import streamlit as st

from core.sample.steps import SampleStep, step_words
from pages.parts.errors import error_number
from pages.parts.session import language, t, today
from pages.parts.store.opening import make_sample, needs_sample

LOOK_AGAIN_SECONDS = 0.3


class FirstStart:
    """The making of the sample store: how far it is, and whether it failed."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self.done_share = 0.0
        self.step: SampleStep | None = None
        self.error: str | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is being made now."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self) -> None:
        """Start to make the store."""
        self._thread = threading.Thread(target=self._make, name="first-start", daemon=True)
        self._thread.start()

    def _make(self) -> None:
        try:
            make_sample(today=today(), progress=self._note)
        except Exception as error:  # a thread has nobody above it to report to
            self.error = error_number(error, who="nobody", where="first start")

    def _note(self, done_share: float, step: SampleStep) -> None:
        self.done_share, self.step = min(max(done_share, 0.0), 1.0), step


FIRST_START = FirstStart()


def begin_first_start() -> None:
    """Make the sample store in the background where nothing is configured and there is none."""
    if needs_sample():
        FIRST_START.begin()


def show_first_start() -> bool:
    """Draw the progress while the sample store is made; False where there is nothing to wait for."""
    if not (FIRST_START.is_running or FIRST_START.error):
        return False
    st.title(t("Branch Coach"), anchor=False)
    if FIRST_START.error:
        st.error(t("The sample city could not be made. Error number {number}", number=FIRST_START.error))
        return True
    st.markdown(t("First start: a fictional city is made to look around in. It takes half a minute."))
    bar = st.progress(0.0)
    while FIRST_START.is_running:
        words = step_words(language(), FIRST_START.step) if FIRST_START.step else None
        bar.progress(FIRST_START.done_share, text=words)
        time.sleep(LOOK_AGAIN_SECONDS)
    st.rerun()  # with the store that is there now
    return True
