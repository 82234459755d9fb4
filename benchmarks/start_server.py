"""Start the server of `benchmarks/server.py` the way `streamlit run app.py` starts the shipped one.

Run: python -m benchmarks.start_server PORT, with DATABASE_URL set.
"""

import sys
from pathlib import Path

from streamlit import config
from streamlit.web import bootstrap

ENTRY = Path(__file__).resolve().parent.parent / "app.py"

options = {"server.port": int(sys.argv[1])}
config._main_script_path = str(ENTRY)  # noqa: SLF001  # as the command line does
bootstrap.load_config_options(options)
bootstrap.run_asgi_app(str(ENTRY), "benchmarks.server:app", [], options)
