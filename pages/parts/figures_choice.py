"""What the Figures screen is about: whose branches, which period up to which week."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import streamlit as st

from core.calendar import last_complete_week
from core.facts import UserRole
from core.language.days import day_word
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, ScopeKind
from pages.parts.session import current, language, t
from pages.parts.store import figures as store
from pages.parts.store.base import Ask
from pages.parts.store.figures import Sight

SCOPE = "figures_scope"
WEEKS_OFFERED = 26
MOST_BRANCHES = 300
"""A longer list is sent with every rerun; of more branches, a region or a team is chosen first."""
CHOICE_PIXELS = 190


@dataclass(frozen=True)
class FiguresChoice:
    """What the reader looks at; `week_start` is the last week that counts."""

    ask: Ask
    sight: Sight
    kind: PeriodKind
    week_start: date

    @property
    def scope(self) -> ReviewScope | None:
        """Whose branches; None = all the reader sees."""
        return self.sight.scope


def draw_choice(last_week: date) -> FiguresChoice | None:
    """Draw the choice and return it; None where the reader has no branches. `last_week` is where policies reach."""
    ask = current()
    offered = {str(scope): scope for scope in store.scopes(ask)}
    is_head = ask.actor.role is UserRole.BRANCH_HEAD
    if not offered and not is_head:
        return None
    last = min(last_week, last_complete_week(ask.today))
    weeks = [last - timedelta(weeks=number) for number in range(WEEKS_OFFERED)]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        scope = _scope(offered) if len(offered) > 1 else next(iter(offered.values()), None)
        branch_code = None if is_head else _branch(ask, scope)
        week = st.selectbox(
            t("Up to the week from"),
            weeks,
            format_func=partial(day_word, language()),
            key="figures_week",
            width=CHOICE_PIXELS,
        )
        kinds = {
            PeriodKind.MONTH: t("Month"),
            PeriodKind.FOUR_WEEKS: t("{weeks} weeks", weeks=4),
            PeriodKind.QUARTER: t("{weeks} weeks", weeks=13),
        }
        kind = st.segmented_control(
            t("Period"),
            list(kinds),
            format_func=kinds.__getitem__,
            default=PeriodKind.MONTH,
            required=True,
            key="figures_period",
        )
    return FiguresChoice(ask, Sight(scope, branch_code), PeriodKind(kind), week)


def scope_words(scope: ReviewScope) -> str:
    """Return whose branches a scope holds; a unit by its whole path, a team by the name of its supervisor."""
    match scope.kind:
        case ScopeKind.ALL:
            return t("All branches")
        case ScopeKind.REGION:
            return scope.key.replace("/", " / ")
        case ScopeKind.TEAM:
            return t("Team of {person}", person=store.team_names(current()).get(scope.key, scope.key))


def _scope(offered: dict[str, ReviewScope]) -> ReviewScope:
    """Draw the choice of whose branches; it stands in the address by its key, so that a link works for everybody."""
    names = {key: scope_words(scope) for key, scope in offered.items()}
    asked, first = st.query_params.get(SCOPE), next(iter(offered))
    shown = asked if asked in offered else first
    chosen = st.selectbox(
        t("Branches of"),
        list(names),
        index=list(names).index(shown),
        format_func=names.__getitem__,
        key=SCOPE,
        filter_mode="contains",
        width=CHOICE_PIXELS,
    )
    if chosen not in offered:
        return offered[shown]
    if chosen != asked and (asked is not None or chosen != first):
        st.query_params[SCOPE] = chosen
    return offered[chosen]


def _branch(ask: Ask, scope: ReviewScope | None) -> str | None:
    """Draw the choice of one branch of the scope; of very many it is offered in a smaller scope only."""
    names = store.branches_in(ask, scope)
    if len(names) > MOST_BRANCHES:
        return None
    chosen = st.selectbox(
        t("Branch"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("All"),
        filter_mode="contains",
        key=f"figures_branch_{scope}",
        width=CHOICE_PIXELS,
    )
    return chosen if chosen in names else None
