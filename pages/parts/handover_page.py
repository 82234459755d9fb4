"""The page about a branch for whoever takes it over: where it stands, what is open, who is there, what was said."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.charts.theme import stage_word
from core.coaching.action_words import action_words
from core.coaching.badge_words import badge_reason
from core.coaching.contacts import topic_word
from core.facts import Branch, ContactMethod, StaffRole, SuggestionState
from core.language.days import day_word, month_word, near_day_word
from core.language.labels import label
from core.notes.handover import Handover, HandoverKind
from core.planning.check import CheckedItem, ItemState
from core.planning.words import line_words, state_word
from core.reports.a4 import Part
from core.self_check.checks import points_text, scores
from core.stages.explanation import reason_text
from pages.parts.action_table import action_titles
from pages.parts.conflict import is_pressed
from pages.parts.downloads import print_button
from pages.parts.layout import escaped
from pages.parts.navigation import open_screen
from pages.parts.note_forms import FORM
from pages.parts.notices import leave_notice, stored
from pages.parts.session import current, language, submit_key, t
from pages.parts.store.branch import find_verdict, people
from pages.parts.store.coaching import branch_actions
from pages.parts.store.contacts import recent_contacts
from pages.parts.store.notes import commitments, handovers, take_over
from pages.parts.store.planning import lines_of_branch
from pages.parts.store.self_checks import checks
from pages.parts.tables import Column, show_table
from pages.parts.wording import place_words, supervisor_words

MOST_CONTACTS = 8


def _kind_words() -> dict[str, str]:
    return {HandoverKind.SUPERVISOR: t("Supervisor"), HandoverKind.BRANCH_HEAD: t("Branch head")}


def show_changes(found: Sequence[Handover]) -> None:
    """List the changes of the last weeks; a line opens the page of its branch."""
    if not found:
        st.caption(t("No branch got another supervisor or head in the last weeks."))
        return
    table = pa.table(
        {
            "branch_name": [one.branch_name for one in found],
            "kind": [one.kind.value for one in found],
            "changed_on": pa.array([one.changed_on for one in found], pa.date32()),
            "before": pa.array([one.words[0] for one in found], pa.string()),
            "after": pa.array([one.words[1] for one in found], pa.string()),
            "taken_over": [_taken_word(one) for one in found],
            "taken_over_on": pa.array([one.taken_over_on for one in found], pa.date32()),
            "taken_over_by": pa.array([one.taken_over_by for one in found], pa.string()),
            "branch_code": [one.branch_code for one in found],
        }
    )
    columns = [
        Column("branch_name", t("Branch"), pinned=True, width=204),
        Column("taken_over", t("Taken over"), width=138),  # before the rest: seen on a phone without scrolling
        Column("kind", t("What changed"), words=_kind_words()),
        Column("changed_on", t("Changed on"), "day"),
        Column("before", t("Before")),
        Column("after", t("Now")),
        Column("taken_over_on", t("Taken over on"), "day", on_screen=False),  # as `taken_over` says already
        Column("taken_over_by", t("Taken over by"), on_screen=False),
        Column("branch_code", t("Branch code")),
    ]
    place = show_table(
        table, columns, key="handover_changes", name=t("Handed over lately"), on_select="rerun", height=250
    )
    if place is not None and place < len(found) and st.query_params.get("branch") != found[place].branch_code:
        open_screen("handover", {"branch": found[place].branch_code})


def _taken_word(change: Handover) -> str:
    """Return who took a branch over and when in a few letters, or for how long nobody has."""
    today = current().today
    if change.taken_over_on is None:
        return t("Open for {days} days", days=change.days_open(today) or 0)
    return f"{near_day_word(language(), change.taken_over_on, today)} {change.taken_over_by or t('the command line')}"


def open_handover(found: Sequence[Handover], branch: Branch) -> Handover | None:
    """Return the latest change of a branch nobody has confirmed yet, None where there is none."""
    return next((one for one in found if one.branch_id == branch.branch_id and one.taken_over_on is None), None)


def show_taking_over(change: Handover) -> None:
    """Say what changed and let the reader confirm that he took the branch over."""
    form = f"{FORM}_take_over_{change.branch_code}_{change.kind}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":orange[{escaped(change_words(change))}]", width="content")  # a badge would not break its line
        if st.button(
            t("I have taken it over"), icon=":material/done_all:", type="primary", key=_take_key(change)
        ) and stored(
            form,
            lambda: take_over(current(), change.branch_id, change.kind, change.changed_on, key=submit_key(form)),
        ):
            leave_notice(FORM, t("{branch} is taken over.", branch=escaped(change.branch_name)))
            st.rerun()


def show_taken(found: Sequence[Handover], branch: Branch) -> None:
    """Say who took a branch over lately and when; aloud to whoever pressed the button after him."""
    for change in found:
        if change.branch_id != branch.branch_id or change.taken_over_on is None:
            continue
        words = t(
            "{change}: taken over by {name} on {day}.",
            change=change_words(change),
            name=change.taken_over_by or t("the command line"),
            day=day_word(language(), change.taken_over_on),
        )
        if is_pressed(FORM, _take_key(change)):
            st.info(escaped(t("Already done. {words}", words=words)), icon=":material/done_all:")
        else:
            st.caption(escaped(words))


def change_words(change: Handover) -> str:
    """Return what of a branch changed: who was in charge and who is now, since when."""
    before, after = change.words
    return t(
        "{what}: {before} → {after}, {day}",
        what=_kind_words()[change.kind],
        before=before or "–",
        after=after or "–",
        day=day_word(language(), change.changed_on),
    )


def _take_key(change: Handover) -> str:
    """Return the key of the button; each change has its own, so that a press about one confirms no other."""
    return f"handover_take_{change.branch_code}_{change.kind}_{change.changed_on}"


def show_page(branch: Branch) -> None:
    """Draw the page, with the file that prints it on A4."""
    parts = _parts(branch)
    st.subheader(escaped(branch.branch_name), anchor=False)
    for number, part in enumerate(parts):
        st.markdown(f"#### {escaped(part.title)}")
        if part.rows:
            _show_rows(part, key=f"handover_part_{number}")
        for line in part.lines:
            st.markdown(escaped(line))
        if part.numbered:
            st.markdown("\n".join(f"{place}. {escaped(line)}" for place, line in enumerate(part.numbered, start=1)))
    _print_button(branch, parts)


def _show_rows(part: Part, *, key: str) -> None:
    """Draw the rows of a part as a table that a phone scrolls sideways, rather than break every word."""
    columns = {head: pa.array([row[place] for row in part.rows], pa.string()) for place, head in enumerate(part.head)}
    show_table(
        pa.table(columns),
        [Column(head, head) for head in part.head],
        key=key,
        name=part.title,
        height="content",
        downloads=False,
    )


def _parts(branch: Branch) -> list[Part]:
    ask, said = current(), language()
    none = t("Nothing.")
    titles = action_titles()
    actions = [one for one in branch_actions(ask, branch.branch_id) if one.state is SuggestionState.TAKEN]
    open_lines = [
        t(
            "{action} · {owner}, until {day}",
            action=action_words(said, one.action_key, one.facts, titles),
            owner=one.owner_name or one.owner or "–",
            day=day_word(said, one.due_on) if one.due_on else "–",
        )
        for one in actions
    ]
    promised = [
        t(
            "{what} · {role}, until {day}",
            what=one.entry.will,
            role=label(said, one.entry.role),
            day=day_word(said, one.entry.due_on),
        )
        for one in commitments(ask, branch.branch_id)
    ]
    names = _owner_names(branch)
    planned = [_plan_words(one, titles, names) for one in lines_of_branch(ask, branch.branch_id)]
    contacts = recent_contacts(ask, branch.branch_id).slice(0, MOST_CONTACTS).to_pylist()
    contact_rows = [
        (
            day_word(said, one["contact_on"]),
            label(said, StaffRole(one["role"])),
            label(said, ContactMethod(one["method"])),
            topic_word(said, one["topic"]) if one["topic"] else "–",
            one["next_step"] or "–",
        )
        for one in contacts
    ]
    person_rows = [
        (
            one.staff_code,
            label(said, one.role),
            day_word(said, one.joined_on) if one.joined_on else "–",
            day_word(said, one.last_contact_on) if one.last_contact_on else t("never"),
        )
        for one in people(ask, branch.branch_id, ask.today)
    ]
    return [
        Part(t("Where it stands"), lines=_standing(branch)),
        Part(t("Open actions"), numbered=open_lines, lines=() if open_lines else [none]),
        Part(t("Planned and not done, missed and not carried on"), numbered=planned, lines=() if planned else [none]),
        Part(t("Promised, and not settled yet"), numbered=promised, lines=() if promised else [none]),
        Part(
            t("People in post"),
            head=(t("Staff code"), t("Role"), t("In post since"), t("Last contact")),
            rows=person_rows,
            lines=() if person_rows else [none],
        ),
        Part(
            t("Latest contacts"),
            head=(t("Day"), t("With"), t("How"), t("Topic"), t("Next step")),
            rows=contact_rows,
            lines=() if contact_rows else [none],
        ),
    ]


def _owner_names(branch: Branch) -> dict[str, str]:
    """Return what those are called who may own a line of the plan: the supervisors in scope, and the one before."""
    changes = [one for one in handovers(current()) if one.branch_id == branch.branch_id]
    people = [who for one in changes for who in ((one.before, one.before_name), (one.after, one.after_name))]
    return {user: name for user, name in people if user and name} | supervisor_words()


def _plan_words(one: CheckedItem, titles: dict[str, str], names: dict[str, str]) -> str:
    """Return a line of a week plan: what, when, whose, and how often it was missed."""
    said, item = language(), one.item
    day = day_word(said, item.line.day or item.week_start)
    misses = item.times_carried + (one.state is ItemState.MISSED)
    parts = [
        state_word(said, one.state),
        day if item.line.day else t("Week from {day}", day=day),
        line_words(said, item.line, titles),
        names.get(item.supervisor, item.supervisor),
        t("missed {count}×", count=misses) if misses else "",
    ]
    return " · ".join(part for part in parts if part)


def _standing(branch: Branch) -> list[str]:
    ask, said = current(), language()
    lines = [place_words(branch)]
    verdict = find_verdict(ask, branch.branch_id)
    if verdict:
        since = t("since {day}", day=day_word(said, verdict.since))
        lines.append(f"{stage_word(said, verdict.stage)} · {since}")
        lines.append(reason_text(said, verdict.reason_key, verdict.facts))
        lines += [badge_reason(said, badge) for badge in verdict.badges]
    finished = checks(ask, branch.branch_id)
    if finished:
        points = points_text(scores(finished[0].values).overall)
        month = month_word(said, finished[0].month_start)
        lines.append(t("Self-check of {month}: overall {points} of 5", month=month, points=points))
        if finished[0].need:
            lines.append(t("What the head asked for: {need}", need=finished[0].need))
    return lines


def _print_button(branch: Branch, parts: Sequence[Part]) -> None:
    ask = current()
    print_button(
        t("Print on A4"),
        lambda: parts,
        title=t("Handover · {branch}", branch=branch.branch_name),
        note=t("As of {day}", day=day_word(language(), ask.today)),
        file_name=f"handover_{branch.branch_code}_{ask.today:%Y%m%d}",
        key="handover_print",
    )
