"""The frame of a screen: header with the day the data reach to, sections, empty states, stages and figures in text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import streamlit as st

from core.charts.palette import STAGE_BADGE_COLOURS
from core.charts.theme import stage_word
from core.facts import Stage, UserRole
from core.language.days import day_word
from pages.parts.navigation import page_of
from pages.parts.session import current, language, t

LIVE = "500ms"
"""Outside a form: a text is sent while it is typed, and so shows no "Press Enter to apply", which is English only."""
HINTLESS_PIXELS = 180
"""A field so narrow has no room for that hint."""
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$^=&])")


def escaped(words: str) -> str:
    """Return a text in which no sign is Markdown; for names and notes people typed."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(words.split()))


def page_header(title: str, data_to: date | None, *, note: str | None = None, of_contacts: bool = False) -> None:
    """Draw the title of a screen, the day its data reach to, and the mark of the sample city.

    Args:
        title: what the menu calls the screen.
        data_to: last day with data; None where there are none yet.
        note: a second short sentence, such as the week shown.
        of_contacts: the day is that of the last contact, often a later one than that of the last policy.
    """
    if data_to is None:
        reach = t("No data yet")
    elif of_contacts:
        reach = t("Contacts up to {day}", day=day_word(language(), data_to))
    else:
        reach = t("Data up to {day}", day=day_word(language(), data_to))
    marks = [f":orange-badge[{t('Sample data')}]"] if current().is_sample else []
    with st.container(gap=None):
        st.title(title, anchor=False)
        st.markdown(" · ".join([*marks, f":small[{reach}]", *([f":small[{escaped(note)}]"] if note else [])]))


@contextmanager
def section(title: str, *, help: str | None = None, hint: str | None = None) -> Iterator[None]:
    """Open a titled part of a screen; `hint` stands small beside the title and says what to do there."""
    st.subheader(f"{title} :small[:gray[{hint}]]" if hint else title, anchor=False, help=help)
    yield


def empty_state(message: str, *, page: str | None = None, action: str | None = None) -> None:
    """Say that there is nothing to show and what to do; `page`, a screen, and `action` add the link that does it."""
    with st.container(border=True):
        st.markdown(message)
        if page and action:
            st.page_link(page_of(page), label=action, icon=":material/arrow_forward:")


def no_branches() -> None:
    """Say that the reader has no branch yet, and what to do about it in his role."""
    match current().actor.role:
        case UserRole.ADMIN:
            empty_state(
                t("There are no branches yet. Import your branches and everything else follows."),
                page="import_data",
                action=t("Import your data"),
            )
        case UserRole.MANAGER:
            empty_state(t("No branch is assigned to you yet. Ask an administrator to check your region."))
        case UserRole.BRANCH_HEAD:
            empty_state(t("No branch is assigned to you yet. Ask an administrator to name your branch."))
        case _:
            empty_state(t("No branch is assigned to you yet. Ask an administrator to name you as supervisor."))


def stage_badge(stage: Stage) -> str:
    """Return the Markdown of a stage: sign and word on its colour."""
    return f":{STAGE_BADGE_COLOURS[stage]}-badge[{stage_word(language(), stage)}]"


def stage_text(stage: Stage) -> str:
    """Return the Markdown of a stage within a line: sign and word in its colour."""
    return f":{STAGE_BADGE_COLOURS[stage]}[{stage_word(language(), stage)}]"
