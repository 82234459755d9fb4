"""Which week, whose, and which phase of it: the head of the week plan, all of it in the address."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import streamlit as st

from core.calendar import week_start_of
from core.language.days import day_word
from core.planning.check import CheckedItem, still_with_owner
from core.planning.items import WeekPlan
from core.planning.lock import is_over, is_workless, lock_moment
from core.planning.summary import PlanStanding, PlanSummary, plan_summary, standing
from core.planning.words import standing_word
from core.today.plan import waiting_since
from pages.parts.layout import escaped
from pages.parts.session import current, guarded, language, now, t
from pages.parts.store import planning as store

WEEK_ADDRESS, OWNER_ADDRESS, PHASE = "week", "plan_of", "plan_phase"
WEEKS_BACK, WEEKS_AHEAD = 104, 8
STANDING_COLOURS = {
    PlanStanding.MISSING: "red",
    PlanStanding.DRAFT: "gray",
    PlanStanding.LOCKED: "blue",
    PlanStanding.APPROVED: "green",
    PlanStanding.CHANGED: "orange",
}


@dataclass(frozen=True)
class ShownWeek:
    """The week of a supervisor as this run shows it; `now` is the moment it is judged at.

    `items` are all its lines, `handed` is what others planned and missed at branches he has now.
    """

    supervisor: str
    week_start: date
    now: datetime
    plan: WeekPlan | None
    items: tuple[CheckedItem, ...]
    handed: tuple[CheckedItem, ...]
    summary: PlanSummary
    lock_at: datetime

    @property
    def lines(self) -> tuple[CheckedItem, ...]:
        """The lines there is something to do about here: neither of branches handed on, nor out of sight."""
        return tuple(one for one in still_with_owner(self.items) if one.item.is_in_sight)

    @property
    def unexplained(self) -> int:
        """The misses without a cause he is asked about."""
        return self.summary.unexplained + sum(one.is_unexplained for one in self.handed)

    @property
    def is_locked(self) -> bool:
        """Tell whether changes leave a trail by now."""
        return self.now >= self.lock_at

    @property
    def is_workless(self) -> bool:
        """Tell whether the week has no working day."""
        return is_workless(self.week_start, store.calendar(current()))

    @property
    def is_over(self) -> bool:
        """Tell whether the week is past."""
        return is_over(self.week_start, today=current().today)

    @property
    def standing(self) -> PlanStanding:
        """How the plan stands."""
        return standing(self.plan, locked=self.is_locked)

    @property
    def is_own(self) -> bool:
        """Tell whether the reader's own week is shown."""
        return current().actor.username == self.supervisor


def shown_week(supervisor: str, week_start: date) -> ShownWeek:
    """Return the week of a supervisor."""
    ask = current()
    calendar = store.calendar(ask)
    items = store.week_lines(ask, supervisor, week_start)
    plan = store.find_plan(ask, supervisor, week_start)
    return ShownWeek(
        supervisor=supervisor,
        week_start=week_start,
        now=now(),
        plan=plan,
        items=items,
        handed=store.misses_handed(ask, supervisor, week_start),
        summary=plan_summary(items, week_start=week_start, calendar=calendar, plan=plan),
        lock_at=lock_moment(week_start, calendar),
    )


def chosen_week() -> date:
    """Return the Monday the address names, within what can be planned; this week otherwise."""
    this_week = week_start_of(current().today)
    try:
        asked = week_start_of(date.fromisoformat(st.query_params.get(WEEK_ADDRESS, "")))
    except ValueError:
        return this_week
    in_reach = this_week - timedelta(weeks=WEEKS_BACK) <= asked <= this_week + timedelta(weeks=WEEKS_AHEAD)
    return asked if in_reach else this_week


def show_arrows(week_start: date) -> None:
    """Draw the week between two arrows."""

    def go(weeks: int) -> None:
        phase = st.session_state.get(PHASE)
        at_once = {WEEK_ADDRESS: (week_start + timedelta(weeks=weeks)).isoformat()} | ({PHASE: phase} if phase else {})
        st.query_params.update(at_once)  # one step of the browser's history

    before, after = t("The week before"), t("The week after")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.button("", icon=":material/chevron_left:", key="plan_before", help=before, on_click=guarded(go), args=(-1,))
        st.markdown(f"**{escaped(week_words(week_start))}**", width="content")
        st.button("", icon=":material/chevron_right:", key="plan_after", help=after, on_click=guarded(go), args=(1,))


def week_words(week_start: date) -> str:
    """Return what a week is called."""
    this_week = week_start_of(current().today)
    day = day_word(language(), week_start)
    if week_start == this_week:
        return t("This week, from {day}", day=day)
    if week_start == this_week + timedelta(weeks=1):
        return t("Next week, from {day}", day=day)
    if week_start == this_week - timedelta(weeks=1):
        return t("Last week, from {day}", day=day)
    return t("Week from {day}", day=day)


def usual_phase(week: ShownWeek) -> str:
    """Return the phase a week is in: planned until the lock, then done; past ones are explained, then checked."""
    if week.is_over:
        return "act" if week.unexplained else "check"
    return "do" if week.is_locked and week.lines else "plan"


def show_standing(week: ShownWeek) -> None:
    """Say in one line how the plan stands and what waits now."""
    colour = STANDING_COLOURS[week.standing]
    parts = [f":{colour}-badge[{standing_word(language(), week.standing)}]"]
    if week.is_workless:
        none = t("no working day")
        parts = [*(parts if week.plan else []), f":gray-badge[{none}]"]
    elif not week.is_locked:
        at = t("locks on {day} at {hour}", day=day_word(language(), week.lock_at.date()), hour=f"{week.lock_at:%H:%M}")
        parts.append(escaped(at))
    if week.summary.is_started_late:
        late = t("started late")
        parts.append(f":orange-badge[{late}]")
    parts += [f":orange-badge[{escaped(words)}]" for words in provisional_words(week.week_start)]
    parts += [f"**{escaped(words)}**" for words in waiting_words(week, is_whole=False)]
    earlier = earlier_misses(week)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(" · ".join(parts), width="content")
        if earlier:
            oldest = next(iter(earlier))
            hint = t("Opens the oldest of them, the week from {day}", day=day_word(language(), oldest))
            st.button(
                earlier_words(week) or "",
                type="tertiary",
                icon=":material/history:",
                key="plan_oldest",
                help=hint,
                on_click=guarded(open_act),
                args=(oldest,),
            )
    if week.plan and week.plan.approved_on:
        comment = f" {week.plan.approval_comment}" if week.plan.approval_comment else ""
        by = t(
            "Approved by {name} on {day}.",
            name=week.plan.approved_by or "–",
            day=day_word(language(), week.plan.approved_on),
        )
        st.caption(escaped(by + comment))


def provisional_words(week_start: date) -> list[str]:
    """Return that the calendar of a week's years is not published yet, as far as that is so."""
    calendar = store.calendar(current())
    days = [week_start + timedelta(days=number) for number in range(7)]
    years = sorted({day.year for day in days if calendar.is_provisional(day)})
    return [t("calendar of {year} is provisional", year=str(year)) for year in years]


def earlier_misses(week: ShownWeek) -> dict[date, int]:
    """Return how many misses of the weeks before have no cause, by Monday, the oldest first."""
    found = store.unexplained_weeks(current(), week.supervisor)
    return {monday: count for monday, count in found.items() if monday < week.week_start}


def open_act(week_start: date) -> None:
    """Lead to the misses of another week."""
    st.query_params.update({WEEK_ADDRESS: week_start.isoformat(), PHASE: "act"})


def earlier_words(week: ShownWeek) -> str | None:
    """Return how many misses of the weeks before have no cause, None where all have one."""
    count = sum(earlier_misses(week).values())
    return t("{count} without a cause in earlier weeks", count=count) if count else None


def waiting_words(week: ShownWeek, *, is_whole: bool = True) -> list[str]:
    """Return what waits for the reader, the most urgent first; of the weeks before only as `is_whole`."""
    today, calendar = current().today, store.calendar(current())
    earlier = earlier_words(week)
    since = [waiting_since(one, today=today, calendar=calendar) for one in week.lines]
    due, late = since.count(today), sum(day is not None and day < today for day in since)
    found = [
        (week.unexplained, t("{count} missed without a cause", count=week.unexplained)),
        (is_whole, earlier or ""),
        (late, t("{count} overdue", count=late)),
        (due, t("{count} for today", count=due)),
    ]
    words = [each for count, each in found if count and each]
    if not words and week.lines and not earlier:
        words = [t("nothing is waiting")]
    return words
