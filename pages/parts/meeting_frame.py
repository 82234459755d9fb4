"""The frame of the projector: heading, page and bar of keys; turning pages, names, look, full screen.

Back and next are the arrow keys, everything else a letter; none of them acts while somebody types or a form is open.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import streamlit as st

from core.review.agenda import Slide, find_slide
from core.review.figures import ReviewFigures
from core.review.meeting import Meeting
from core.review.period import period_words
from core.review.words import scope_word, topic_title
from pages.parts.layout import escaped
from pages.parts.meeting_place import PAGE, go_to, names_are_hidden, names_shown
from pages.parts.session import MEETING_FORM, MEETING_NAMES, current, guarded, language, t
from pages.parts.store import meeting as store

STYLE = Path(__file__).with_name("meeting.css")
LIST = "meeting_list"
WATCH_SECONDS = 4
"""How often a page looks for what a colleague did."""


def bar_key(
    words: str,
    key: str,
    shortcut: str,
    *,
    on_click: Callable[[], None] | None = None,
    is_off: bool = False,
    hint: str | None = None,
) -> bool:
    """Draw a key of the bar and tell whether it was pressed; while a form is open over the page it is off."""
    is_off = is_off or MEETING_FORM in st.session_state
    return st.button(words, key=key, shortcut=shortcut, on_click=on_click, disabled=is_off, help=hint)


def slide_in_address(deck: tuple[Slide, ...]) -> int:
    """Return the place of the page the address names, the first one where it names none."""
    return find_slide(deck, st.query_params.get(PAGE))


@contextmanager
def projector_page(
    meeting: Meeting, deck: tuple[Slide, ...], place: int, figures: ReviewFigures, notice: str | None
) -> Iterator[None]:
    """Open the page of a topic in the size of the projector; `notice` is what was just done.

    The heading says whose branches, which page, which days the figures are of and up to which day there are data.
    """
    st.set_page_config(initial_sidebar_state="collapsed")
    st.html(STYLE)
    slide = deck[place]
    title = topic_title(language(), slide.topic)
    if slide.parts > 1:
        title = f"{title} {slide.part}/{slide.parts}"
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="meeting_top"
    ):
        st.title(title, anchor=False, width="content")
        where = scope_word(language(), meeting.scope, names_shown(meeting.scope))
        shown = escaped(f"{where} · {place + 1}/{len(deck)}")
        marks = " ".join(_marks(meeting, notice))
        period = escaped(period_words(language(), figures, slide))
        st.markdown(f"{marks} {shown}  \n{period}", text_alignment="right")
    with st.container(key="meeting_page", gap="xsmall"):
        yield


def _marks(meeting: Meeting, notice: str | None) -> list[str]:
    sample, closed = t("Sample data"), t("Is over")
    marks = [f":green-badge[{escaped(notice)}]"] if notice else []
    marks += [f":orange-badge[{sample}]"] if current().is_sample and not notice else []
    return [*marks, f":gray-badge[{closed}]"] if meeting.is_closed else marks


def watch(meeting: Meeting) -> None:
    """Draw the page anew some seconds after a colleague decided, settled or changed something of the review.

    While nothing was stored nothing is asked, and while a form is open nothing is drawn under it.
    """
    drawn = current().data_version
    before = _state(meeting)

    def look() -> None:
        ask = current()
        if ask.data_version == drawn or MEETING_FORM in st.session_state:
            return
        found = store.find_meeting(ask, meeting.scope, meeting.week_start)
        if found is None or _state(found) != before:
            st.rerun()

    st.fragment(run_every=WATCH_SECONDS)(guarded(look))()


def _state(meeting: Meeting) -> object:
    return meeting.version, meeting.is_closed, store.decisions(current(), meeting)


def show_turning(deck: tuple[Slide, ...], place: int) -> None:
    """Draw back, the list of pages and next."""

    def turn(by: int) -> None:
        go_to(page=deck[min(max(place + by, 0), len(deck) - 1)].name)

    def follow() -> None:
        go_to(page=deck[st.session_state[LIST]].name)

    bar_key(t("Back"), "meeting_back", "ArrowLeft", on_click=guarded(partial(turn, -1)), is_off=place == 0)
    st.session_state[LIST] = place
    words = [f"{number}  {_page_word(slide)}" for number, slide in enumerate(deck, 1)]
    st.selectbox(
        t("Pages"),
        range(len(deck)),
        format_func=words.__getitem__,
        key=LIST,
        on_change=guarded(follow),
        label_visibility="collapsed",
    )
    is_last = place == len(deck) - 1
    bar_key(t("Next"), "meeting_next", "ArrowRight", on_click=guarded(partial(turn, 1)), is_off=is_last)


def _page_word(slide: Slide) -> str:
    title = topic_title(language(), slide.topic)
    return title if slide.parts == 1 else f"{title} {slide.part}/{slide.parts}"


def show_names_switch() -> None:
    """Draw the switch between names and ranks; off until somebody turns it on, and after every reload."""
    words = t("Show names") if names_are_hidden() else t("Hide names")
    bar_key(words, "meeting_names_switch", "N", on_click=guarded(_switch_names))


def _switch_names() -> None:
    st.session_state[MEETING_NAMES] = names_are_hidden()


def show_look() -> None:
    """Draw light or dark, and full screen; both are done by the page script, which listens to these two buttons.

    Another look loads the page anew, which would end full screen: there the key is off.
    """
    bar_key(t("Look"), "meeting_look", "T", hint=t("Light or dark; choose it before full screen"))
    bar_key(t("Full screen"), "meeting_full_screen", "F")
