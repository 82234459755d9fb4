"""Which review the address names: whose branches, which week, which page; and what the page calls people.

The address never holds the name of a person: a team stands in it by a short sign made of the user name. Anything it
names that is not the reader's, or that makes no sense, gives his widest review with a notice.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from core.calendar import last_complete_week
from core.review.names import Names
from core.review.rules import meeting_rules_on
from core.review.scope import ReviewScope, ScopeKind, review_scope
from pages.parts.session import MEETING_NAMES, current, language
from pages.parts.store import meeting as store

SCOPE, WEEK, PAGE = "scope", "week", "page"
SIGN_LENGTH = 8


@dataclass(frozen=True)
class Place:
    """The review the address names; `is_asked_for` False where it named another one that cannot be shown."""

    scope: ReviewScope
    week_start: date
    is_asked_for: bool


def place_in_address() -> Place | None:
    """Return the review the address names, else the widest of the latest complete week; None without branches."""
    scopes = store.scopes(current())
    if not scopes:
        return None
    asked_scope, asked_week = st.query_params.get(SCOPE), st.query_params.get(WEEK)
    scope = _scope(scopes, asked_scope) if asked_scope else scopes[0]
    week = _week(asked_week) if asked_week else weeks_offered()[0]
    return Place(scope or scopes[0], week or weeks_offered()[0], scope is not None and week is not None)


def weeks_offered() -> tuple[date, ...]:
    """Return the Mondays of the weeks that can be reviewed, the latest first."""
    today = current().today
    last = last_complete_week(today)
    return tuple(last - timedelta(weeks=number) for number in range(meeting_rules_on(today).weeks_offered))


def sign_of(scope: ReviewScope) -> str:
    """Return a scope as the address carries it."""
    if scope.kind is not ScopeKind.TEAM:
        return str(scope)
    return f"{scope.kind.value}:{hashlib.sha256(scope.key.encode()).hexdigest()[:SIGN_LENGTH]}"


def go_to(*, scope: ReviewScope | None = None, week_start: date | None = None, page: str | None = None) -> None:
    """Put a review or a page into the address; a page left out is none."""
    if scope is not None:
        st.query_params[SCOPE] = sign_of(scope)
    if week_start is not None:
        st.query_params[WEEK] = week_start.isoformat()
    if page is None:
        st.query_params.pop(PAGE, None)
    else:
        st.query_params[PAGE] = page


def _scope(scopes: Sequence[ReviewScope], asked: str) -> ReviewScope | None:
    named = review_scope(asked)
    return next((one for one in scopes if one == named or sign_of(one) == asked), None)


def _week(asked: str) -> date | None:
    """Return the Monday of a week an address names; weeks before those offered can still be looked at."""
    try:
        found = date.fromisoformat(asked)
    except ValueError:
        return None
    return found if found.weekday() == 0 and found <= weeks_offered()[0] else None


def names_are_hidden() -> bool:
    """Tell whether persons stand on the page by rank and code; so they do until somebody switches names on."""
    return not st.session_state.get(MEETING_NAMES, False)


def names_shown(scope: ReviewScope) -> Names:
    """Return what people are called on the page."""
    return store.names(current(), scope, language(), are_hidden=names_are_hidden())
