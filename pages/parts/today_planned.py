"""Deal with a line of the week plan on Today: tick it off by hand, or say why it was not done."""

from dataclasses import replace

import streamlit as st

from core.facts import Branch
from core.planning.causes import find_cause
from core.planning.items import PlanItem
from core.planning.items import told_line as line_told
from core.today.lines import Thing, TodayLine
from core.today.rules import today_rules
from pages.parts.cause_form import ask_causes, cause_form_of, explained_words, line_drawn
from pages.parts.conflict import Row, differences, find_conflict, store_edit
from pages.parts.navigation import page_of
from pages.parts.notices import stored
from pages.parts.session import current, language, now, submit_key, t
from pages.parts.shown import drawing, last_shown
from pages.parts.store import today
from pages.parts.store.planning import explain, tick
from pages.parts.today_lines import FORM, name_of_line, one_text, told_line


def show_tick(line: TodayLine, branch: Branch | None) -> str | None:
    """Draw the form that ticks a line by hand, for what no record shows; an event is better written down."""
    form, present, ask = f"{FORM}_plan_tick_{name_of_line(line)}", line.item, current()
    if present and present.line.event_kind and branch:
        st.page_link(
            page_of("events"),
            label=t("Write down an event"),
            icon=":material/celebration:",
            query_params={"branch": branch.branch_code},
        )
    words = one_text(line, "plan_tick", t("What came of it"))
    if present is None:
        return None
    item = last_shown(f"{form}_{present.item_id}", present)  # whoever ticks it ticks what he read
    ticked = store_edit(
        form,
        words,
        lambda note, version: tick(ask, {item.item_id: (version, True)}, note=note, now=now(), key=submit_key(form)),
        version=item.version,
        told=lambda note: {"ticked_on": ask.today, "note": note or None},
        rows=lambda note: _both(form, note, item, present),
        may_insist=lambda _, theirs: theirs.get("dropped_on") is None,
    )
    return t("Ticked: {what}.", what=told_line(line)) if ticked else None


def _both(form: str, note: str, shown: PlanItem, present: PlanItem) -> list[Row]:
    """Return what of a line was changed since it was read, beside the tick that was sent."""
    conflict = find_conflict(form)
    if conflict is None:
        return []
    stands = {"note": present.tick_note, **line_told(present.line), **conflict.theirs}
    mine = {"ticked_on": current().today, "note": note}
    return differences(replace(conflict, theirs=stands), mine, dict.fromkeys(stands) | line_told(shown.line))


def show_cause(line: TodayLine, _branch: Branch | None) -> str | None:
    """Draw the form that gives an overdue line its causes and what changes.

    A contact that is owed as well is explained with the same words: nobody is asked twice.
    """
    if line.item is None:
        return None
    form, ask = cause_form_of(line.item), current()
    item = line_drawn(line.item)
    said = ask_causes(item, item, drawing(form))
    answered = store_edit(
        form,
        said,
        lambda one, version: explain(ask, item, one, shown_version=version, now=now(), key=submit_key(form)),
        version=item.version,
        told=lambda one: one.told,
    )
    if answered is None:
        return None
    if line.thing is Thing.CONTACT and line.workdays > 0 and said is not None:
        cause = find_cause(said.cause)
        words = " · ".join(word for word in (cause.title(language()) if cause else "", said.note) if word)
        owed = f"{FORM}_explain_{name_of_line(line)}"
        told = words[: today_rules().most_text]
        stored(owed, lambda: today.explain(ask, replace(line, item=None), reason=told, key=submit_key(owed)))
    return explained_words(told_line(line), answered)
