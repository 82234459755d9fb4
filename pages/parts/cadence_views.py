"""The views of the Cadence screen: this week, by role, by branch, by unit, people not reached."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pyarrow.compute as pc
import streamlit as st

from core.charts.cadence import PICKED_BRANCH, balance_chart, branch_weeks_chart, role_weeks_chart, unit_chart
from core.facts import CadenceStatus, StaffRole
from core.language.days import day_word
from core.language.labels import label
from core.portfolio import BranchFilter
from pages.parts.charts import show_chart
from pages.parts.choices import choice_in_address
from pages.parts.kpi_tiles import TILE_PIXELS
from pages.parts.layout import section
from pages.parts.logging_coverage import show_coverage
from pages.parts.navigation import open_screen
from pages.parts.session import language, t
from pages.parts.store import cadence as store
from pages.parts.store.base import Ask
from pages.parts.store.today import coverage
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

WEEKS_WITH_ROOM = 13
"""Weeks side by side in which a share can still be read."""
SINCE_WEEKS = (0, 4, 13)
"""Choices of how long ago a person was reached at most; 0 = never."""


@dataclass(frozen=True)
class CadenceChoice:
    """What the reader looks at."""

    ask: Ask
    weeks: int
    branches: BranchFilter
    roles: tuple[StaffRole, ...]


def show_last_week(choice: CadenceChoice) -> None:
    """Draw one tile a role: the contacts due so far in the last week and those made."""
    span = store.week_span(choice.ask, choice.weeks)
    if span is None:
        return
    day = day_word(language(), span.last)
    if span.unfinished:
        words = t(
            "Week from {day} so far: {passed} of {workdays} working days have passed; today counts from tomorrow on",
            day=day,
            passed=span.passed,
            workdays=span.workdays,
        )
    else:
        words = t("Week from {day}, the last with contacts", day=day)
    with section(t("This week") if span.unfinished else t("Last week")):
        st.caption(words)
        with st.container(horizontal=True, gap="small"):
            for row in store.last_week_by_role(choice.ask, choice.weeks, choice.branches):
                _show_role_tile(cast("dict[str, Any]", row))


def _show_role_tile(row: dict[str, Any]) -> None:
    share = row["attainment"]
    with st.container(width=TILE_PIXELS, gap="xxsmall"):
        st.metric(label(language(), StaffRole(row["role"])), "–" if share is None else f"{share:.0%}")
        if share is None:
            st.caption(t("Nothing due yet"))
            return
        st.caption(t("{done} of {due} due", done=f"{row['done']:,}", due=f"{row['due']:,}"))
        st.caption(t("Branches without contact: {missed}", missed=f"{row['none']:,}"))


def show_roles(choice: CadenceChoice) -> None:
    """Draw one chart a role, then what is too little and what is too much."""
    span = store.week_span(choice.ask, choice.weeks)
    if span is None:
        return
    rules = store.cadence_rules(choice.ask, span.last)
    drawn = [*choice.roles, None]
    _show_coverage(choice)
    for pair in (drawn[at : at + 2] for at in range(0, len(drawn), 2)):
        for column, role in zip(st.columns(2, gap="medium"), pair, strict=False):
            with column:
                if role is None:
                    _show_balance(choice)
                else:
                    _show_role(choice, role, is_daily=role in rules.daily_roles)
    _show_role_table(choice)


def _show_role(choice: CadenceChoice, role: StaffRole, *, is_daily: bool) -> None:
    show_chart(
        role_weeks_chart,
        store.one_role(choice.ask, choice.weeks, choice.branches, role),
        key=f"cadence_role_{role}",
        alt=t("Contacts with the role {role} by week against the target", role=label(language(), role)),
        role=role,
        is_daily=is_daily,
    )


def _show_balance(choice: CadenceChoice) -> None:
    show_chart(
        balance_chart,
        store.balance(choice.ask, choice.weeks, choice.branches),
        key="cadence_balance",
        alt=t("Contacts missing and contacts above the maximum by week"),
    )


def _show_role_table(choice: CadenceChoice) -> None:
    statuses = (
        ("met", CadenceStatus.MET),
        ("over", CadenceStatus.OVER),
        ("short_branches", CadenceStatus.SHORT),
        ("none", CadenceStatus.NONE),
        ("not_due", CadenceStatus.NOT_DUE),
    )
    show_table(
        store.role_weeks(choice.ask, choice.weeks, choice.branches).sort_by([("week_start", "descending")]),
        [
            Column("week_start", t("Week from"), "day", pinned=True),
            Column("role", t("Role"), words={role.value: label(language(), role) for role in StaffRole}),
            Column("attainment", t("Attainment"), "share", help=_attainment_help()),
            Column("due", t("At least"), "integer"),
            Column("target_max", t("At most"), "integer"),
            Column("actual", t("Made"), "integer"),
            Column("short", t("Missing"), "integer"),
            Column("above", t("Too many"), "integer", help=t("Above the maximum")),
            *(Column(key, label(language(), status), "integer", help=t("Branches")) for key, status in statuses),
        ],
        key="cadence_role_weeks",
        name=t("Contacts against target by role and week"),
    )


def show_branches(choice: CadenceChoice) -> None:
    """Draw a page of the heat map; a click on a branch opens it."""
    pages = store.heat_map_pages(choice.ask, choice.weeks, choice.branches)
    page = 1
    if pages > 1:
        page = min(st.pagination(pages, key="cadence_page") or 1, pages)
    _show_coverage(choice)
    cells = store.heat_map(choice.ask, choice.weeks, choice.branches, choice.roles, page)
    picked = show_chart(
        branch_weeks_chart,
        cells,
        key="cadence_heat_map",
        alt=t("Contacts against target by branch and week, the branches furthest behind first"),
        on_select="rerun",
        rows=len(pc.unique(cells["branch_code"])) if cells.num_rows else 0,
        has_room=choice.weeks <= WEEKS_WITH_ROOM,
    )
    if picked and picked.get(PICKED_BRANCH):
        open_screen("branch", {"branch": picked[PICKED_BRANCH][0]["branch_code"]})


def show_units(choice: CadenceChoice) -> None:
    """Draw attainment by supervisor, region or bank, and the table behind it."""
    words = {"supervisor": t("Supervisor"), "region": t("Region"), "bank": t("Bank")}
    chosen = cast("store.Unit", choice_in_address("cadence_unit", words, t("Units")))
    names = supervisor_words() if chosen == "supervisor" else {}
    _show_coverage(choice)
    show_chart(
        unit_chart,
        store.unit_bars(choice.ask, choice.weeks, choice.branches, chosen),
        key=f"cadence_units_{chosen}",
        alt=t("Contact attainment by {unit}, the lowest first", unit=words[chosen]),
        of=words[chosen],
        names=tuple(sorted(names.items())),
    )
    show_table(
        store.by_unit(choice.ask, choice.weeks, choice.branches, chosen),
        [
            Column("key", words[chosen], words=names, pinned=True, width="medium"),
            Column("branches", t("Branches"), "integer"),
            Column("attainment", t("Attainment"), "share", help=_attainment_help()),
            Column("due", t("At least"), "integer"),
            Column("done", t("Counted"), "integer", help=t("Counted toward the target")),
            Column("short", t("Missing"), "integer"),
            Column("above", t("Too many"), "integer", help=t("Above the maximum")),
            Column("contacts", t("Contacts"), "integer"),
            Column(
                "deep_share",
                t("Deep contacts"),
                "share",
                help=t("Share of the contacts with a topic and at least 10 minutes"),
            ),
            Column(
                "logged_share",
                t("Weeks logged"),
                "share",
                help=t("Share of the weeks of branches with something due in which any contact was logged"),
            ),
        ],
        key=f"cadence_units_table_{chosen}",
        name=t("Contact attainment: {units}", units=words[chosen]),
    )


def show_people(choice: CadenceChoice) -> None:
    """List the people in post nobody has spoken to."""
    words = {weeks: t("For {weeks} weeks", weeks=weeks) if weeks else t("Never") for weeks in SINCE_WEEKS}
    weeks = st.segmented_control(
        t("Without a contact"),
        list(words),
        format_func=lambda key: words[key],
        default=0,
        required=True,
        key="cadence_since",
    )
    ask = choice.ask
    people = store.not_reached(
        ask, ask.today - timedelta(weeks=weeks) if weeks else None, choice.branches, choice.roles
    )
    st.caption(
        t(
            "{people} people in post without a contact of their own; talks with a role as a group name nobody",
            people=f"{people.num_rows:,}",
        )
    )
    row = show_table(
        people,
        [
            Column("branch_name", t("Branch"), pinned=True, width=210),
            Column("role", t("Role"), words={role.value: label(language(), role) for role in StaffRole}),
            Column("staff_name", t("Name"), in_files=False),
            Column("joined_on", t("In post since"), "day"),
            Column("last_week", t("Last contact in the week from"), "day"),
            Column("supervisor", t("Supervisor"), words=supervisor_words()),
        ],
        key="cadence_people",
        name=t("People not reached"),
        on_select="rerun",
        empty=t("Everybody in post was reached. Choose a shorter time to see who is due again."),
    )
    if row is not None:
        open_screen("branch", {"branch": people["branch_code"][row].as_py()})


def _show_coverage(choice: CadenceChoice) -> None:
    show_coverage(coverage(choice.ask, choice.weeks, choice.branches))


def _attainment_help() -> str:
    return t("Contacts made, at most those due, as a share of the contacts due")
