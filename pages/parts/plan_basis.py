"""What a week plan rests on: the branch files, how old they are, and which are past their review period."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import streamlit as st

from core.language import listed
from core.language.days import day_word
from core.planning.check import CheckedItem
from core.survey.completeness import SurveyBasis
from pages.parts.layout import escaped
from pages.parts.plan_week import ShownWeek
from pages.parts.session import current, language, t
from pages.parts.store.surveys import bases

MOST_NAMED = 3
"""So many branches are named; more are marked in the table alone."""


def bases_of(week: ShownWeek) -> dict[int, SurveyBasis]:
    """Return what the lines of a week rest on, by branch: as of today, of a past week as of its end."""
    asked = tuple(sorted({one.item.line.branch_id for one in week.items if one.item.line.branch_id is not None}))
    return bases(current(), asked, min(current().today, week.week_start + timedelta(days=6)))


def basis_word(basis: SurveyBasis | None) -> str | None:
    """Return the day a line rests on as a table shows it, marked where the file is past its review period."""
    if basis is None:
        return None
    day = day_word(language(), basis.surveyed_on) if basis.surveyed_on else t("never")
    return f"! {day}" if basis.is_due else day


def show_basis(items: Sequence[CheckedItem], found: Mapping[int, SurveyBasis]) -> None:
    """Say which surveys the plan rests on, and warn of the branches whose file must be confirmed or made first."""
    if not found:
        return
    days = sorted(one.surveyed_on for one in found.values() if one.surveyed_on)
    said = language()
    if not days:
        words = t("Rests on no branch file yet")
    elif days[0] == days[-1]:
        words = t("Rests on branch files of {day}", day=day_word(said, days[0]))
    else:
        first, last = day_word(said, days[0]), day_word(said, days[-1])
        words = t("Rests on branch files of {first} to {last}", first=first, last=last)
    due = [branch_id for branch_id, one in found.items() if one.is_due]
    line = f":small[{escaped(words)}]"
    if due:
        count = t("{count} of {all} past their review period or never surveyed", count=len(due), all=len(found))
        line += f" :orange-badge[{escaped(count)}]"
    if 0 < len(due) <= MOST_NAMED:
        names = {one.item.line.branch_id: one.item.branch_name or "–" for one in items}
        some = listed(said, (names.get(one, "–") for one in due))
        line += f" :small[{escaped(some)}]"
    st.markdown(line)
