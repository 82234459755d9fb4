"""Weekly review: choose whose and which week, then page by page on the projector, decisions typed in the room."""

import streamlit as st

from core.reports.pack.fit import width_of
from core.review.agenda import slides
from core.review.figures import Topic
from core.review.meeting import Meeting
from core.review.names import told
from core.review.words import correction_words, corrections_told
from pages.parts import meeting_pages_ahead as ahead
from pages.parts import meeting_pages_back as back
from pages.parts.layout import escaped, no_branches, page_header
from pages.parts.meeting_forms import FORM, show_deciding, show_ending, show_key
from pages.parts.meeting_frame import (
    bar_key,
    projector_page,
    show_look,
    show_names_switch,
    show_turning,
    slide_in_address,
    watch,
)
from pages.parts.meeting_place import PAGE, Place, go_to, names_shown, place_in_address
from pages.parts.meeting_settling import show_settling
from pages.parts.meeting_start import show_beginning, show_choice, show_held, show_running
from pages.parts.notices import stored, take_notice
from pages.parts.session import MEETING_COMPARED, MEETING_FORM, current, guarded, language, submit_key, t
from pages.parts.store import meeting as store
from pages.parts.store.branches import data_reach

PAGES = {
    Topic.DECIDED: back.show_decided,
    Topic.GOALS: back.show_goals,
    Topic.STAGES: back.show_stages,
    Topic.MOVES: back.show_moves,
    Topic.CADENCE: back.show_cadence,
    Topic.WEAKEST: ahead.show_weakest,
    Topic.WORKED: ahead.show_worked,
    Topic.DECISIONS: ahead.show_taken,
    Topic.NEXT_WEEK: ahead.show_next_week,
}
LINE_WIDTH = 42
"""Width of a line of the page in sizes of its type; a page has room for one line about corrections."""

ask = current()


def show_projector(meeting: Meeting) -> None:
    """Draw the page of the review the address names, and the bar below it."""
    if meeting.is_closed:
        st.session_state.pop(MEETING_FORM, None)  # a colleague ended it while a form was open
    figures = told(store.shown_figures(ask, meeting), names_shown(meeting.scope))
    deck = slides(meeting.agenda, figures)
    place = slide_in_address(deck)
    slide = deck[place]
    with projector_page(meeting, deck, place, figures, take_notice(FORM)):
        PAGES[slide.topic](figures, slide)
        if meeting.is_closed:
            show_corrections(meeting, slide.topic)
    with st.container(key="meeting_bar", horizontal=True, horizontal_alignment="distribute", gap="small"):
        show_turning(deck, place)
        if not meeting.is_closed:
            show_key(t("Decide"), "decide", "D", t("Decision"), lambda: show_deciding(meeting, figures, slide))
            show_key(t("Settle"), "settle", "S", t("What became of a decision"), lambda: show_settling(meeting))
            if meeting.data_version < ask.data_version:
                show_newer(meeting)
        show_names_switch()
        show_look()
        if not meeting.is_closed:
            show_key(t("End"), "end", "E", t("End the review"), lambda: show_ending(meeting))
        bar_key(t("Leave"), "meeting_leave", "L", on_click=guarded(go_to))
    if not meeting.is_closed:
        watch(meeting)


def show_newer(meeting: Meeting) -> None:
    """Draw the key that shows what the store has by now."""
    form = f"{FORM}_newer"
    if bar_key(t("Newer data"), form, "U") and stored(
        form, lambda: store.bring_up_to_date(ask, meeting, key=submit_key(form))
    ):
        st.rerun()


def show_corrections(meeting: Meeting, topic: Topic) -> None:
    """Mark a page whose figures the store would give otherwise now; the weakest a moment after they are drawn.

    To work out their figures anew takes longer than turning a page may.
    """
    state = (meeting.meeting_id, ask.data_version)
    if topic is Topic.WEAKEST and st.session_state.get(MEETING_COMPARED) != state:
        calls = iter([False])

        def compare() -> None:
            if next(calls, True):  # not in the run that draws the page
                store.corrected(current(), meeting, topic)
                st.session_state[MEETING_COMPARED] = state
                st.rerun()

        st.fragment(run_every=1)(guarded(compare))()
        return
    found = store.corrected(ask, meeting, topic)
    if found:
        since = t("Figures were corrected since")
        words = [correction_words(language(), one, names_shown(meeting.scope)) for one in found]
        told = corrections_told(language(), words, lambda told: width_of(f"{since} {told}", 1) <= LINE_WIDTH)
        with st.container(key="meeting_corrected"):
            st.markdown(f":orange[**{since}**] {escaped(told)}")


def show_start(place: Place, meeting: Meeting | None) -> None:
    """Draw what is chosen before the pages, and the reviews held."""
    page_header(t("Weekly review"), data_reach(ask).last_policy_on)
    if not place.is_asked_for:
        st.warning(t("The review in the address is not one of yours, or makes no sense. This is your widest one."))
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    show_choice(place)
    if meeting is None:
        show_beginning(place)
    else:
        words = t("This review is over.") if meeting.is_closed else t("This review is being held.")
        st.markdown(words)
        name = t("Open its pages") if meeting.is_closed else t("Join the review")
        joining = f"{FORM}_join_{meeting.meeting_id}"
        pressed = st.button(name, key="meeting_join", type="primary", icon=":material/slideshow:")
        if pressed and (
            meeting.is_closed or stored(joining, lambda: store.join(ask, meeting, key=submit_key(joining)))
        ):
            go_to(scope=place.scope, week_start=place.week_start, page=meeting.agenda.topics[0].value)
            st.rerun()
        if not meeting.is_closed:
            show_running(meeting)
    show_held(names_shown(store.scopes(ask)[0]))


shown = place_in_address()
if shown is None:
    page_header(t("Weekly review"), None)
    no_branches()
else:
    found = store.find_meeting(ask, shown.scope, shown.week_start) if shown.is_asked_for else None
    if found and PAGE in st.query_params:
        show_projector(found)
    else:
        show_start(shown, found)
