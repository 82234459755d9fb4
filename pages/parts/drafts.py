"""What was typed into a form and is not stored yet: kept for the session, under the name of the form and its record.

A form that is closed, or left for another screen, comes back with what was typed until it is stored or discarded.
Nothing of it leaves the session, and signing out forgets it; the rules for free text are asked when it is stored.

Only inputs outside `st.form` can be kept: a browser keeps what is typed inside one to itself until it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, cast

import pandas as pd
import streamlit as st

from pages.parts.session import OPEN_CONFLICTS, renew_submit_key, t
from pages.parts.shown import draw_anew, drawing

DRAFTS = "form_drafts"


class Kept(TypedDict):
    """How an input of a draft is drawn."""

    key: str
    persist_state: Literal["session"]


@dataclass
class _Frame:
    """A table to edit: what the form was filled with, what the editor began with, and what it holds."""

    base: pd.DataFrame
    start: pd.DataFrame
    latest: pd.DataFrame


@dataclass
class Draft:
    """A form as filled from its record, and what was typed into it since."""

    form: str
    held: dict[str, Any]
    """What the inputs are filled with, by their names."""
    suffix: str
    frames: dict[str, _Frame] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """Return the key of an input."""
        return f"{self.form}_{name}{self.suffix}"

    def of(self, name: str) -> Kept:
        """Return key and lifetime of an input, to be handed to its widget."""
        return Kept(key=self.key(name), persist_state="session")

    def frame(self, name: str, base: pd.DataFrame) -> pd.DataFrame:
        """Return what a table to edit begins with: the same while it is drawn, and after a pause what it held.

        Its key is `key(name)`; hand what the editor returns to `keep_frame`.
        """
        known = self.frames.get(name)
        if known is None:
            known = self.frames[name] = _Frame(base, base, base)
        elif self.key(name) not in st.session_state:
            known.start = known.latest
        return known.start

    def keep_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Remember what a table to edit holds."""
        self.frames[name].latest = frame

    @property
    def is_begun(self) -> bool:
        """Tell whether something was typed that differs from what the form was filled with."""
        state = st.session_state
        return any(state.get(self.key(name), value) != value for name, value in self.held.items()) or any(
            not one.latest.equals(one.base) for one in self.frames.values()
        )

    def show_way_back(self) -> None:
        """Say that something is not stored yet, with a button that discards it; nothing where nothing was typed.

        To be drawn behind or below the button that stores, which must not move under the hand.
        """
        if not self.is_begun:
            return
        if st.button(
            t("Discard what was typed"),
            key=f"{self.form}_discard",
            icon=":material/undo:",
            type="tertiary",
            help=t("Not stored yet. It stays here until you store it, discard it or sign out."),
        ):
            st.session_state.get(OPEN_CONFLICTS, {}).pop(self.form, None)  # what is stored is kept, where it differs
            renew_submit_key(self.form)
            drop_draft(self.form)
            st.rerun()


def begin_draft(form: str, held: Mapping[str, Any]) -> Draft:
    """Return the draft of a form, to be asked for on every run that draws it, before its inputs.

    What somebody else stored meanwhile fills the form where nothing was typed; where something was, that stays, with
    the values it was typed beside: the version shown with them decides whether it may be stored (`shown.first_shown`).

    Args:
        form: name of the form with its record in it, as for `submit_key`.
        held: what the inputs are filled with, by their names.
    """
    draft = _find(form)
    if draft is None:
        draft = _drafts()[form] = Draft(form, dict(held), drawing(form))
    elif draft.held != held and not draft.is_begun:
        draw_anew(form)
        draft = _drafts()[form] = Draft(form, dict(held), drawing(form))
    return draft


def is_begun(form: str) -> bool:
    """Tell whether something was typed into a form and waits to be stored; for forms that are closed, too."""
    draft = _find(form)
    return draft is not None and draft.is_begun


def drop_draft(form: str) -> None:
    """Forget what was typed into a form, because it was stored or discarded; the next drawing fills it anew.

    `notices.stored` and `conflict.store_edit` do so for a draft of their form's name.
    """
    if _drafts().pop(form, None) is not None:
        draw_anew(form)


def _find(form: str) -> Draft | None:
    """Return the draft of the present drawing of a form; `draw_anew` has left those before behind."""
    draft = _drafts().get(form)
    return draft if draft is not None and draft.suffix == drawing(form) else None


def _drafts() -> dict[str, Draft]:
    return cast("dict[str, Draft]", st.session_state.setdefault(DRAFTS, {}))
