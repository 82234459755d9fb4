"""Start the shipped app with its clock in the hands of a test, so that days can be played one after another.

`PLAYED_CLOCK` names a file with the moment, as ISO 8601 with a zone; whoever writes it moves the day on. The app has
no such setting: the clock of its pages and the one of its writes are replaced in this process, from outside. How long
a sign-in lasts still goes by the real clock, so nobody is signed out between two days.
Run: python -m tests.browser.start_on_a_day PORT, with DATABASE_URL set.
"""

import os
import sys
from datetime import datetime, tzinfo
from pathlib import Path

from streamlit import config
from streamlit.web import bootstrap

from db import changes
from pages.parts import session

ENTRY = str(Path(__file__).resolve().parent.parent.parent / "app.py")
CLOCK = Path(os.environ["PLAYED_CLOCK"])


class PlayedClock(datetime):
    """The moment the test has chosen."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """Return it in a zone."""
        return datetime.fromisoformat(CLOCK.read_text("utf-8")).astimezone(tz)


session.datetime = changes.datetime = PlayedClock
options = {"server.port": int(sys.argv[1])}
config._main_script_path = ENTRY  # as the command line does
bootstrap.load_config_options(options)
bootstrap.run_asgi_app(ENTRY, "app:app", [], options)
