"""Two people, one record: the second sees what the first stored beside what he entered himself, and chooses.

Every form that edits a record with a version stores through `store_edit`. What was refused is kept with what it was
held against, until the reader keeps the stored values or puts his own in their place; nothing is overwritten by
pressing the button of the form once more.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar, cast

import pyarrow as pa
import streamlit as st

from core.trail.words import field_word, is_told, value_word
from pages.parts.action_table import action_titles
from pages.parts.layout import escaped
from pages.parts.notices import show_changed, stored_or_changed
from pages.parts.session import OPEN_CONFLICTS, language, renew_submit_key, t
from pages.parts.shown import draw_anew, forget_shown, last_shown
from pages.parts.store.errors import ChangedByOtherError

Entry = TypeVar("Entry")
Outcome = TypeVar("Outcome")
Record = TypeVar("Record")
Row = tuple[str, str, str]
"""A field in words: its name, what is stored, what was entered."""


@dataclass(frozen=True)
class Conflict:
    """An entry that met the change of somebody else: what was entered against which version, and what stands now."""

    entry: Any
    shown: int
    subject: str
    version: int
    theirs: Mapping[str, Any]
    by: str | None
    at: datetime | None


def store_edit(
    form: str,
    entry: Entry | None,
    change: Callable[[Entry, int], Outcome],
    *,
    version: int,
    told: Callable[[Entry], Mapping[str, Any]],
    shown: Mapping[str, Any] | None = None,
    may_insist: Callable[[Entry, Mapping[str, Any]], bool] = lambda _entry, _theirs: True,
    rows: Callable[[Entry], list[Row]] | None = None,
) -> Outcome | None:
    """Store what was entered, or draw the choice between it and what somebody else stored meanwhile.

    To be called on every run in which the form is drawn, outside `st.form`. None where nothing was stored; after
    success the form is forgotten and the caller says so and runs the screen again.

    Args:
        form: name of the form, as for `submit_key`.
        entry: what was entered, None where nothing was sent in this run.
        change: stores an entry that is held against a version of the record.
        version: the one the form was drawn with.
        told: the values of an entry under the names the audit trail has for them.
        shown: the values the form was drawn with; of these, what somebody else changed is named although the
            entry leaves it alone.
        may_insist: whether an entry can take the place of what is stored; where it cannot, only the latter is offered.
        rows: what differs, in words, for a form that holds several records; instead of `told`.
    """
    conflict = find_conflict(form)
    chosen = _chosen(form) if conflict else None
    if chosen == "theirs":
        begin_anew(form)
        st.rerun()
    if conflict and chosen == "mine" and entry is None:
        entry, version = cast("Entry", conflict.entry), conflict.version
    elif conflict:
        version = conflict.shown
    if entry is not None:
        outcome = _attempted(form, entry, version, change)
        if outcome is not None:
            if conflict:
                draw_anew(form)
            _kept().pop(form, None)
            forget_shown(form)
            return outcome
    conflict = find_conflict(form)
    if conflict:
        of = rows(conflict.entry) if rows else differences(conflict, told(conflict.entry), shown)
        _draw(form, conflict, of, may_insist=may_insist(conflict.entry, conflict.theirs))
    return None


def find_conflict(form: str) -> Conflict | None:
    """Return what waits for a choice at this form."""
    return _kept().get(form)


def still_drawn(
    name: str,
    present: Iterable[Record],
    *,
    number: Callable[[Record], Hashable],
    waits: Callable[[Record], bool],
) -> list[Record]:
    """Return the records of a list, with those that left it while the reader was at work on them.

    What a colleague closed, settled or confirmed meanwhile is gone from the list, and with it the form somebody has
    just sent: it is drawn once more, so that the form can say so.

    Args:
        name: of the list.
        present: its records now.
        number: what a record goes by.
        waits: whether something was sent about a record in this run, or a choice about it waits.
    """
    found = list(present)
    known = {number(one) for one in found}
    found += [one for one in last_shown(name, tuple(found)) if number(one) not in known and waits(one)]
    last_shown(name, tuple(found))
    return found


def is_at_work(form: str, *buttons: str) -> bool:
    """Tell whether one of the buttons of a form was pressed in this run, or a choice waits at it."""
    return find_conflict(form) is not None or is_pressed(form, *buttons)


def is_pressed(form: str, *buttons: str) -> bool:
    """Tell whether one of the buttons of a form was pressed in this run, those of its choice included."""
    return any(st.session_state.get(button) for button in (*buttons, *_keys(form)))


def keeps_stored(form: str) -> bool:
    """Tell whether the reader chose in this run to keep what is stored."""
    return find_conflict(form) is not None and _chosen(form) == "theirs"


def begin_anew(form: str) -> None:
    """Leave what is stored as it is, and fill the form with it."""
    _kept().pop(form, None)
    renew_submit_key(form)
    draw_anew(form)


def differences(conflict: Conflict, mine: Mapping[str, Any], shown: Mapping[str, Any] | None) -> list[Row]:
    """Return the fields in which what is stored differs from what was entered, in words.

    A field that was not entered is there where somebody else changed it.
    """
    said, titles, of = language(), action_titles(), conflict.subject
    stays = t("(stays as stored)")
    found = []
    for key in dict.fromkeys([*mine, *(shown or {})]):
        if not is_told(of, key):
            continue
        held = mine[key] if key in mine else (shown or {})[key]
        now, own = (value_word(said, of, key, value, titles=titles) for value in (conflict.theirs.get(key), held))
        if now != own:
            found.append((field_word(said, of, key), now, own if key in mine else stays))
    return found


def show_choice(rows: list[Row], *, keep_key: str, store_key: str | None) -> None:
    """Draw both values of each field, and the buttons between which the reader chooses.

    Args:
        rows: the fields in words; none = the record was changed in something the form does not hold.
        keep_key: of the button that keeps what is stored.
        store_key: of the button that puts the entry in its place, None where it cannot.
    """
    field, theirs, mine = t("Field"), t("Stored now"), t("Yours")
    if rows:
        cells = [[escaped(word) or "–" for word in column] for column in zip(*rows, strict=True)]
        st.table(pa.table(dict(zip((field, theirs, mine), cells, strict=True))), border="horizontal")
    else:
        st.caption(t("What you entered is stored like that already, or something else of it was changed."))
    with st.container(horizontal=True):
        st.button(t("Keep what is stored"), key=keep_key, icon=":material/check:")
        if store_key:
            st.button(t("Store mine over it"), key=store_key, icon=":material/edit:")
    if not store_key:
        st.caption(t("Yours cannot take its place any more: look at what is stored, then decide anew."))


def _attempted(form: str, entry: Entry, version: int, change: Callable[[Entry, int], Outcome]) -> Outcome | None:
    """Store an entry; keep it for the choice where somebody else was faster."""
    try:
        return stored_or_changed(form, lambda: change(entry, version))
    except ChangedByOtherError as error:
        before = find_conflict(form)
        _kept()[form] = Conflict(
            entry=entry,
            shown=before.shown if before else version,
            subject=error.subject,
            version=error.version,
            theirs=error.current,
            by=error.by,
            at=error.at,
        )
        return None


def _draw(form: str, conflict: Conflict, rows: list[Row], *, may_insist: bool) -> None:
    with st.container(border=True):
        show_changed(conflict.by, conflict.at)
        keep_key, store_key = _keys(form)
        show_choice(rows, keep_key=keep_key, store_key=store_key if may_insist else None)


def _keys(form: str) -> tuple[str, str]:
    return f"{form}_keep_stored", f"{form}_store_mine"


def _chosen(form: str) -> Literal["theirs", "mine"] | None:
    keep_key, store_key = _keys(form)
    if st.session_state.get(keep_key):
        return "theirs"
    return "mine" if st.session_state.get(store_key) else None


def _kept() -> dict[str, Conflict]:
    return cast("dict[str, Conflict]", st.session_state.setdefault(OPEN_CONFLICTS, {}))
