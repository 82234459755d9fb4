"""Before a review begins: whose branches, which week, what is spoken about; and the reviews held so far."""

from functools import partial

import pyarrow as pa
import streamlit as st

from core.kpis.words import DASH
from core.language.days import day_word
from core.review.agenda import Agenda, exceptions, moved, usual_agenda, with_topics
from core.review.figures import ReviewFigures, Topic
from core.review.meeting import Meeting, MeetingLine
from core.review.names import Names
from core.review.words import correction_words, scope_word, state_word, topic_title
from pages.parts.layout import escaped, section
from pages.parts.meeting_forms import FORM, attendance_fields
from pages.parts.meeting_frame import show_names_switch
from pages.parts.meeting_place import Place, go_to, names_shown, weeks_offered
from pages.parts.notices import leave_notice, stored
from pages.parts.session import MEETING_AGENDA, current, guarded, language, now, submit_key, t
from pages.parts.store import meeting as store
from pages.parts.tables import Column, show_table

WHOSE, WHICH_WEEK = "meeting_scope", "meeting_week"


def show_choice(place: Place) -> None:
    """Draw whose branches and which week; both then stand in the address."""

    def follow() -> None:
        go_to(scope=scopes[st.session_state[WHOSE]], week_start=st.session_state[WHICH_WEEK])

    scopes, weeks = store.scopes(current()), list(weeks_offered())
    if place.week_start not in weeks:
        weeks.append(place.week_start)
    st.session_state[WHOSE], st.session_state[WHICH_WEEK] = scopes.index(place.scope), place.week_start
    names = names_shown(scopes[0])
    words = [scope_word(language(), scope, names) for scope in scopes]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("Whose branches"),
            range(len(scopes)),
            format_func=words.__getitem__,
            key=WHOSE,
            on_change=guarded(follow),
            filter_mode="contains",
            width=280,
        )
        said = partial(day_word, language())
        st.selectbox(t("Week from"), weeks, format_func=said, key=WHICH_WEEK, on_change=guarded(follow), width=200)
        show_names_switch()


def show_beginning(place: Place) -> None:
    """Draw the agenda, built from what stands out, and begin the review."""
    ask = current()
    with st.spinner(t("Reading the figures of the week …")):
        figures = store.live_figures(ask, place.scope, place.week_start)
    form = f"{FORM}_begin_{place.scope}_{place.week_start}"
    with section(t("Agenda"), hint=t("built from what stands out; leave topics out or move them")):
        agenda = _show_agenda(figures, form, usual_agenda(figures))
    with st.form(form, border=False, enter_to_submit=False):
        present, guests = attendance_fields((ask.actor.username,), (), place.scope, form)
        pressed = st.form_submit_button(
            t("Begin the review"), type="primary", icon=":material/play_arrow:", key=f"{FORM}_begin"
        )
    if pressed and stored(
        form,
        lambda: store.begin(
            ask, figures, agenda=agenda, present=present, guests=guests, now=now(), key=submit_key(form)
        ),
    ):
        st.session_state.pop(MEETING_AGENDA, None)
        go_to(scope=place.scope, week_start=place.week_start, page=agenda.topics[0].value)
        st.rerun()


def show_running(meeting: Meeting) -> None:
    """Draw the agenda of a review that is held, which may still change, and what takes back one begun by mistake."""
    ask, form = current(), f"{FORM}_agenda_{meeting.meeting_id}_{meeting.version}"
    with section(t("Agenda"), hint=t("leave topics out, bring them back or move them, then keep it")):
        agenda = _show_agenda(store.shown_figures(ask, meeting), form, meeting.agenda)
        keep, back = st.columns(2)
        keeps = keep.button(t("Keep the agenda"), key=f"{FORM}_keep_agenda", disabled=agenda == meeting.agenda)
        takes = back.button(
            t("Take back this review"),
            key=f"{FORM}_take_back",
            help=t("For a review begun by mistake, as long as nothing was decided in it."),
        )
    if keeps and stored(form, lambda: store.change_agenda(ask, meeting, agenda, key=submit_key(form))):
        _say(t("The agenda is kept."))
    if takes and stored(form, lambda: store.take_back(ask, meeting, key=submit_key(form))):
        _say(t("The review is taken back."))


def _say(words: str) -> None:
    st.session_state.pop(MEETING_AGENDA, None)
    leave_notice(FORM, words)
    st.rerun()


def _show_agenda(figures: ReviewFigures, form: str, first: Agenda) -> Agenda:
    """Draw the topics with what stands out in each, and return those chosen in the order chosen."""
    kept: dict[str, Agenda] = st.session_state.setdefault(MEETING_AGENDA, {})
    agenda = kept.get(form) or first
    titles = {topic: topic_title(language(), topic) for topic in Topic}
    counts = {topic: exceptions(figures, topic) for topic in Topic}
    words = {topic: f"{titles[topic]} {counts[topic] or ''}".strip() for topic in Topic}
    picked = st.pills(
        t("Topics"),
        list(agenda.order),
        selection_mode="multi",
        format_func=words.__getitem__,
        default=list(agenda.topics),
        key=f"{form}_topics_{'_'.join(agenda.order)}",
        label_visibility="collapsed",
    )
    agenda = with_topics(agenda, picked)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        topic = st.selectbox(
            t("Move"), list(agenda.order), format_func=titles.__getitem__, key=f"{FORM}_move", width=240
        )
        up = st.button(t("Earlier"), icon=":material/arrow_upward:", key=f"{FORM}_earlier")
        down = st.button(t("Later"), icon=":material/arrow_downward:", key=f"{FORM}_later")
    kept[form] = agenda
    if up or down:
        kept[form] = moved(agenda, topic, -1 if up else 1)
        st.rerun()
    return agenda


def show_held(names: Names) -> None:
    """List the reviews held, and the decisions of the one that is clicked."""
    held = store.meetings_held(current())
    if not held:
        return
    with section(t("Reviews held"), hint=t("Choose one to see its decisions")):
        place = show_table(
            _held(held, names), _held_columns(), key="meeting_held", name=t("Reviews held"), on_select="rerun"
        )
    if place is None:
        return
    meeting = held[place].meeting
    there, present = t("Present"), [*map(names.of, meeting.present), *map(names.within, meeting.guests)]
    st.markdown(f"**{there}** {escaped(' · '.join(present)) or DASH}")
    decisions = store.decided_in(current(), meeting.meeting_id)
    rows = {
        "state": pa.array([state_word(language(), one.state) for one in decisions], pa.string()),
        "words": pa.array([names.within(one.words) for one in decisions], pa.string()),
        "about": pa.array([one.branch_name or topic_title(language(), one.topic) for one in decisions], pa.string()),
        "owner": pa.array([names.of(one.owner) for one in decisions], pa.string()),
        "due_on": pa.array([one.due_on for one in decisions], pa.date32()),
        "outcome": pa.array([names.within(one.outcome or "") or None for one in decisions], pa.string()),
    }
    columns = [
        Column("state", t("State")),
        Column("words", t("Decision"), width="large"),
        Column("about", t("About")),
        Column("owner", t("Owner")),
        Column("due_on", t("Due date"), "day"),
        Column("outcome", t("What came of it"), width="large"),
    ]
    show_table(
        pa.table(rows), columns, key="meeting_decided", name=t("Decisions"), empty=t("Nothing was decided in it.")
    )
    if meeting.is_closed:
        found = [one for topic in Topic for one in store.corrected(current(), meeting, topic)]
        told = "  \n".join(escaped(correction_words(language(), one, names_shown(meeting.scope))) for one in found)
        since = t("Figures were corrected since")
        st.markdown(f":orange[**{since}**]  \n{told}" if found else t("Its figures still hold."))
    if st.button(t("Open its pages"), key="meeting_open", icon=":material/slideshow:"):
        go_to(scope=meeting.scope, week_start=meeting.week_start, page=meeting.agenda.topics[0].value)
        st.rerun()


def _held(held: tuple[MeetingLine, ...], names: Names) -> pa.Table:
    meetings = [one.meeting for one in held]
    there = [len(one.present) + len(one.guests) for one in meetings]
    return pa.table(
        {
            "week": pa.array([one.week_start for one in meetings], pa.date32()),
            "scope": pa.array([scope_word(language(), one.scope, names) for one in meetings], pa.string()),
            "chair": pa.array([names.of(one.chair) for one in meetings], pa.string()),
            "begun_at": pa.array([one.begun_at for one in meetings], pa.timestamp("us", tz="UTC")),
            "ended_at": pa.array([one.ended_at for one in meetings], pa.timestamp("us", tz="UTC")),
            "present": pa.array(there, pa.int64()),
            "decisions": pa.array([one.decisions for one in held], pa.int64()),
            "done": pa.array([one.done for one in held], pa.int64()),
        }
    )


def _held_columns() -> list[Column]:
    return [
        Column("week", t("Week from"), "day", width=100),
        Column("scope", t("Whose branches"), width=200),
        Column("chair", t("Chair")),
        Column("begun_at", t("Begun"), "moment"),
        Column("ended_at", t("Ended"), "moment"),
        Column("present", t("Present"), "integer"),
        Column("decisions", t("Decisions"), "integer"),
        Column("done", t("Done"), "integer"),
    ]
