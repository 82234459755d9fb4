"""The sections of "How it decides": each prints the rows as they run, with dates and sources."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.coaching.action_limits import action_limits_table
from core.coaching.playbook import CoachingMethod
from core.coaching.words import method_word
from core.facts import Badge, StaffRole, Stage
from core.language.labels import label
from core.limit_rows import LimitRow
from core.planning.rules import plan_rules_table
from core.review.measures import measures_table
from core.review.rules import meeting_rules_table
from core.settings import setting_kinds
from core.stages.review_limits import review_limits_table
from pages.parts import rules_forms as forms
from pages.parts.lab_words import subject_words
from pages.parts.layout import HINTLESS_PIXELS, section
from pages.parts.session import current, language, t
from pages.parts.store import coaching, lab, rules
from pages.parts.tables import Column, show_table


def show_cadence_rules() -> None:
    """Print how many contacts are due, from whom, and the arithmetic in words."""
    ask, words = current(), language()
    with section(t("Contact targets")):
        st.markdown(
            t(
                "Weekly targets are multiplied by the working days of the week over five and rounded up. "
                "A daily target counts the working days with at least one contact. "
                "Nothing is due from a suspended branch, or from a role nobody is in; a branch without any staff "
                "recorded is taken to have every role. In the unfinished week the working days before today are due."
            )
        )
        show_table(
            rules.cadence_targets(ask, words),
            [
                Column("role", t("Role"), words={role.value: label(words, role) for role in StaffRole}, pinned=True),
                Column("minimum", t("At least")),
                Column("maximum", t("At most")),
                Column("unit", t("Unit"), words=forms.unit_words()),
                Column(
                    "stage",
                    t("Stage"),
                    words={"any": t("Any stage"), **{stage.value: label(words, stage) for stage in Stage}},
                ),
                Column("scope", t("Holds for"), words=forms.scope_words()),
                since_column(),
                Column("source", t("Source"), width="large"),
                Column("made", t("Entered"), words=made_words()),
            ],
            key="how_it_decides_cadence",
            name=t("Contact targets"),
        )
        if forms.may_change(ask):
            forms.show_cadence_target_form()


def show_settings() -> None:
    """Print the dated settings, each with the form that adds a value."""
    ask, words = current(), language()
    for kind in setting_kinds():
        rows = [row for row in rules.settings(ask) if row.key == kind.key]
        with section(kind.title(words)):
            show_table(
                pa.table(
                    {
                        "value": [row.value for row in rows],
                        "valid_from": pa.array([row.valid_from for row in rows], pa.date32()),
                        "source": [row.source(words) for row in rows],
                        "made": ["stored" if row.is_stored else "shipped" for row in rows],
                    }
                ),
                [
                    Column("value", t("Value"), words=forms.scope_words()),
                    since_column(),
                    Column("source", t("Source"), width="large"),
                    Column("made", t("Entered"), words=made_words()),
                ],
                key=f"how_it_decides_{kind.key}",
                name=kind.title(words),
            )
            if forms.may_change(ask):
                forms.show_setting_form(kind)


def show_calendar() -> None:
    """Print the weeks that are not five working days long, and the days set by hand."""
    ask = current()
    year = st.number_input(
        t("Year"),
        min_value=2004,
        max_value=ask.today.year + 2,
        value=ask.today.year,
        key="how_it_decides_year",
        width=HINTLESS_PIXELS,
    )
    if not rules.is_published(year):
        st.warning(
            t(
                "The calendar of {year} is provisional: Monday to Friday without the fixed statutory days, "
                "no make-up days, no days of the lunar calendar. Enter them below once they are published.",
                year=year,
            )
        )
    with section(t("Weeks without exactly five working days")):
        show_table(
            rules.odd_weeks(ask, year),
            [
                Column("week_start", t("Week from"), "day", pinned=True, width=120),
                Column("workdays", t("Working days"), "integer", width=120),
                Column("off", t("Days off, Monday to Friday")),
                Column("work", t("Make-up working days")),
            ],
            key="how_it_decides_weeks",
            name=t("Weeks without exactly five working days"),
        )
        st.caption(
            t("Source: State Council notices, by the library chinesecalendar; days an administrator set win over them")
        )
    with section(t("Days set by an administrator")):
        show_table(
            rules.calendar_days(ask),
            [
                Column("day", t("Day"), "day", pinned=True),
                Column("kind", t("Kind"), words=forms.day_words()),
                Column("name", t("Name of the day")),
                Column("source", t("Source"), width="large"),
            ],
            key="how_it_decides_days",
            name=t("Days set by an administrator"),
            empty=t("None: the statutory calendar holds on every day."),
        )
        if forms.may_change(ask):
            forms.show_calendar_form()


def show_stage_limits() -> None:
    """Print every number the stage engine reads."""
    rows = [
        *lab.stage_limit_rows(current()),
        *review_limits_table(),
        *action_limits_table(),
        *plan_rules_table(),
    ]
    with section(t("Stage limits")):
        st.markdown(
            t(
                "A stage is judged at the end of each complete week from what was known by then: policies by day of "
                "issue, with the season taken out. Short holiday weeks and weeks without data do not count as zero."
            )
        )
        _show_limits(rows, key="how_it_decides_limits", name=t("Stage limits"))


def show_review_limits() -> None:
    """Print every number and choice of the weekly review and its figures."""
    with section(t("Weekly review")):
        st.markdown(
            t(
                "A review shows what holds in its week; one that is over keeps its figures as they were shown. A KPI "
                "with the value 0 is left out."
            )
        )
        rows = [*measures_table(), *meeting_rules_table()]
        _show_limits(rows, key="how_it_decides_review", name=t("Weekly review"))


def _show_limits(rows: Sequence[LimitRow], *, key: str, name: str) -> None:
    words = language()
    subjects = {
        "review": t("Stage review"),
        "action": t("Actions"),
        "planning": t("Week plan"),
        "review_figures": t("Figures"),
        "meeting": t("Meeting"),
    }
    show_table(
        pa.table(
            {
                "subject": [row.subject for row in rows],
                "title": [row.title_zh if words == "zh" else row.title_en for row in rows],
                "value": pa.array([row.value for row in rows], pa.float64()),
                "unit": [row.unit_zh if words == "zh" else row.unit for row in rows],
                "valid_from": pa.array([row.valid_from for row in rows], pa.date32()),
                "source": [row.source_zh if words == "zh" else row.source for row in rows],
                "made": ["stored" if row.is_stored else "shipped" for row in rows],
                "key": [row.key for row in rows],
            }
        ),
        [
            Column("title", t("Limit")),
            Column("value", t("Value"), width=70),
            Column("unit", t("Unit")),
            Column("subject", t("Subject"), words=subject_words() | subjects),
            since_column(),
            Column("source", t("Source"), width="large"),
            Column("made", t("Entered"), words=made_words()),
            Column("key", t("Key")),
        ],
        key=key,
        name=name,
        height=600,
    )


def show_playbook() -> None:
    """Print which actions are suggested when."""
    words = language()
    actions = coaching.playbook(current())
    running = [action for action in actions if not action.is_off]
    with section(t("Coaching actions")):
        st.markdown(
            t(
                "{count} actions run today. At most five are suggested to a branch at a time: those that answer its "
                "warnings and missing contacts first, then the steps of its stage; none again within its pause.",
                count=len(running),
            )
        )
        show_table(
            pa.table(
                {
                    "title": [action.title(words) for action in running],
                    "stages": [[stage.value for stage in action.stages] for action in running],
                    "badges": [[badge.value for badge in action.badges] for action in running],
                    "method": [action.method.value for action in running],
                    "minutes": [action.minutes for action in running],
                    "pause": pa.array([action.pause_days for action in running], pa.int64()),
                    "since": pa.array([action.changed_from or action.valid_from for action in running], pa.date32()),
                    "source": [action.source(words) for action in running],
                }
            ),
            [
                Column("title", t("Action")),
                Column("stages", t("Stages"), "words", words={stage.value: label(words, stage) for stage in Stage}),
                Column(
                    "badges",
                    t("Warnings and marks"),
                    "words",
                    width=170,
                    words={badge.value: label(words, badge) for badge in Badge},
                ),
                Column(
                    "method",
                    t("Method"),
                    words={method.value: method_word(words, method) for method in CoachingMethod},
                ),
                Column("minutes", t("Minutes"), "integer"),
                Column("pause", t("Pause, days"), "integer", width=110, help=t("Empty: once in each stay in a stage")),
                Column("since", t("Valid from"), "day"),
                Column("source", t("Source")),
            ],
            key="how_it_decides_playbook",
            name=t("Coaching actions"),
            height=600,
        )


def since_column() -> Column:
    """Return the column of the day from which a row holds."""
    return Column("valid_from", t("Valid from"), "day", help=t("1900-01-01: it held from the beginning"))


def made_words() -> dict[str, str]:
    """Return the words of who entered a row."""
    return {"shipped": t("With the program"), "stored": t("By an administrator")}
