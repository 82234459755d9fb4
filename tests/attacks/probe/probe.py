"""Everything that can run without the script around it; each leaves a trace in the folder of the test."""

import time

import streamlit as st

from pages.parts.session import current, guarded
from tests.attacks.probe.traces import figures, leave_trace

PERSON = "".join(("王小", "明"))


@guarded
def save() -> None:
    """Stand for a callback that stores something."""
    leave_trace("callback")


@guarded
def fail() -> None:
    """Stand for an error in a callback."""
    raise RuntimeError(f"callback of {PERSON}")


def make_file() -> bytes:
    """Stand for an export."""
    leave_trace("download")
    return b"rows of the export"


@st.fragment
@guarded
def part() -> None:
    """Stand for a part of a page that runs on its own."""
    leave_trace("fragment")
    st.text(f"secret of the fragment {time.monotonic_ns()}")
    st.button("Again", key="probe_again", on_click=save)


ask = current()
st.text(f"secret page of {ask.actor.username}")
st.text(f"kept: {figures(ask, 7)}")
st.button("Save", key="probe_save", on_click=save)
st.button("Fail", key="probe_fail", on_click=fail)
st.text_input("Filter", key="probe_filter")
st.file_uploader("File", key="probe_file", type=["csv"])
st.download_button("Export", data=guarded(make_file), file_name="rows.csv", key="probe_export", on_click="ignore")
part()
if st.button("Break", key="probe_break"):
    raise RuntimeError(f"values of {PERSON}")
