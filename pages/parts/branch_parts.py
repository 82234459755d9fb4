"""Parts of the Branch screen: the verdict, the charts, the people, the contacts, the totals."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from core.charts.branch import contacts_chart, weekly_policies_chart, weeks_of_new_rules
from core.coaching.badge_words import badge_reason
from core.coaching.problems import Problem, ProblemKey
from core.facts import Branch, BranchStatus, StaffRole
from core.language import listed
from core.language.days import day_word, month_word
from core.language.labels import label
from core.stages.details import probability_words, weighed_texts
from core.stages.explanation import outlook_text, reason_text
from pages.parts.charts import show_chart
from pages.parts.conflict import store_edit
from pages.parts.layout import empty_state, escaped, stage_badge, stage_text
from pages.parts.logging_coverage import show_coverage
from pages.parts.notices import leave_notice, show_problems, take_notice
from pages.parts.review_forms import show_review
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store.branch import (
    CONTACT_WEEKS,
    PATH_WEEKS,
    contact_weeks,
    find_verdict,
    people_today,
    policies_path,
    store_total,
    totals,
)
from pages.parts.store.today import coverage_of_branch
from pages.parts.tables import Column, show_table

TOTAL_FORM = "branch_total"
FULL_WIDTH = {sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F)}
"""Plain signs by full-width ones, as a Chinese keyboard types them."""


def show_closed(branch: Branch) -> None:
    """Say that a branch is closed and since when, and the last stage it was in: nothing follows from that any more."""
    if branch.status_since:
        st.warning(
            t(
                "This branch has been closed since {day}. Nothing new is planned or logged here; "
                "what was recorded stays below.",
                day=day_word(language(), branch.status_since),
            )
        )
    else:
        st.warning(t("This branch is closed. Nothing new is planned or logged here; what was recorded stays below."))
    verdict = find_verdict(current(), branch.branch_id)
    if verdict:
        head, since = _head(t("Last stage")), t("since {day}", day=day_word(language(), verdict.since))
        st.markdown(f"{head} {stage_badge(verdict.stage)} :small[{escaped(since)}]")


def show_verdict(branch: Branch) -> None:
    """Say which stage the branch is in, why, how sure that is, what would move it, and the warnings."""
    verdict = find_verdict(current(), branch.branch_id)
    if branch.status is not BranchStatus.ACTIVE:
        since = day_word(language(), branch.status_since) if branch.status_since else "–"
        st.warning(t("{status} since {day}", status=label(language(), branch.status), day=since))
    if verdict is None:
        empty_state(t("The stage is not known yet: no complete week with policies lies behind this branch."))
        return
    sure = t(
        "{word} confidence, {share}%", word=confidence_word(verdict.confidence), share=round(verdict.confidence * 100)
    )
    since = t("since {day}", day=day_word(language(), verdict.since))
    st.markdown(f"### {stage_badge(verdict.stage)} :small[{escaped(since)} · {escaped(sure)}]")
    show_review(branch, verdict.stage, verdict.since)
    st.markdown(escaped(_sentence(reason_text(language(), verdict.reason_key, verdict.facts))))
    outlook = outlook_text(language(), verdict.facts)
    if outlook:
        head = _head(t("What would move it"))
        st.markdown(f"{head} {escaped(_sentence(outlook))}")
    _show_grounds(verdict.facts)
    for badge in verdict.badges:
        st.markdown(f":orange-badge[{label(language(), badge)}] {escaped(badge_reason(language(), badge))}")


def _show_grounds(facts: Mapping[str, Any]) -> None:
    """Say how probable each stage is, and which weeks weighed most for or against the one shown."""
    lines = []
    chances = [f"{stage_text(stage)} {escaped(share)}" for stage, share in probability_words(facts)]
    if chances:
        head = _head(t("All five stages"))
        lines.append(f"{head} {' · '.join(chances)}")
    weeks = weighed_texts(language(), facts)
    if weeks:
        head = _head(t("Weeks that weighed most"))
        lines.append("\n".join([head, *(f"- {escaped(week)}" for week in weeks)]))
    if lines:
        st.markdown("\n\n".join(lines))


def _head(words: str) -> str:
    head = t("{head}:", head=words)
    return f"**{escaped(head)}**"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def confidence_word(confidence: float) -> str:
    """Return the word for a confidence: high from 0.8, medium from 0.6, low below."""
    if confidence >= 0.8:
        return t("High")
    return t("Medium") if confidence >= 0.6 else t("Low")


def show_policies(branch: Branch) -> None:
    """Draw the weekly policies over the expected level."""
    path = policies_path(current(), branch.branch_id, PATH_WEEKS)
    show_chart(
        weekly_policies_chart,
        path,
        key="branch_policies",
        alt=t("Policies of {branch} by week with the expected level and the stages", branch=branch.branch_name),
        empty=t("No complete week yet. The chart begins with the first week after the first import of policies."),
    )
    changed = weeks_of_new_rules(path)
    if changed:
        days = listed(language(), (day_word(language(), week) for week in changed))
        st.caption(t("Dotted: from here on other rules decide the stage ({days})", days=days))
    if path["shown"].null_count < path.num_rows:
        st.caption(t("Strip on top: the stage shown at the time, where it is another one now"))


def show_contact_weeks(branch: Branch) -> None:
    """Draw contacts against target by role and week, beside how much is logged at all; of a closed branch its last."""
    weeks = contact_weeks(current(), branch.branch_id)
    if branch.status is BranchStatus.CLOSED and not weeks.num_rows:
        return
    show_chart(
        contacts_chart,
        weeks,
        key="branch_contact_weeks",
        alt=t("Contacts with {branch} against target by role and week", branch=branch.branch_name),
        empty=t("No contact is due here yet. Targets begin with the cooperation and end when a branch is closed."),
    )
    show_coverage(coverage_of_branch(current(), branch.branch_id, CONTACT_WEEKS))


def show_people(branch: Branch) -> None:
    """List the people in post with the days since the last contact."""
    show_table(
        people_today(current(), branch.branch_id),
        [
            Column("staff_name", t("Name"), pinned=True, in_files=False),
            Column("role", t("Role"), words={role.value: label(language(), role) for role in StaffRole}),
            Column("days", t("Days since last contact"), "integer", help=t("Empty: never reached by name")),
            Column("last_contact_on", t("Last contact"), "day"),
            Column("joined_on", t("In post since"), "day"),
        ],
        key="branch_people",
        name=t("People in post"),
        downloads=False,  # without the names, which no file holds, it says nothing the Cadence screen does not
        empty=t("Nobody is recorded in post. Import the staff file; until then every role counts as filled."),
    )


def show_totals(branch: Branch) -> None:
    """Take the premium of all insurers in a month, as the bank gives it."""
    known = totals(current(), branch.branch_id)
    notice = take_notice(TOTAL_FORM)
    if notice:
        st.success(notice)
    if known:
        show_table(
            pa.table(
                {
                    "month": pa.array([one.month_start for one in known], pa.date32()),
                    "premium": pa.array([one.premium_fen / 100 for one in known], pa.float64()),
                    "source": [one.source for one in known],
                }
            ),
            [
                Column("month", t("Month"), "month"),
                Column("premium", t("Premium of all insurers (yuan)"), "money"),
                Column("source", t("Source")),
            ],
            key="branch_totals_table",
            name=t("Premium of all insurers (yuan)"),
        )
    drawn = f"{TOTAL_FORM}_{branch.branch_code}"
    versions = last_shown(drawn, {one.month_start: one.version for one in known})
    with st.form("branch_total_form", border=False, enter_to_submit=False):
        month = st.selectbox(
            t("Month"), _months(current().today), key="branch_total_month", format_func=partial(month_word, language())
        )
        amount = st.text_input(
            t("Premium of all insurers (yuan)"), key="branch_total_amount", placeholder="1,234,500.00"
        )
        source = st.text_input(t("Source"), key="branch_total_source", placeholder=t("Who gave it, when"))
        is_sent = st.form_submit_button(t("Save the total"), key="branch_total_save")
    form = f"{drawn}_{month:%Y-%m}"
    premium_fen = fen_of(amount or "")
    if is_sent and premium_fen is None:
        show_problems((Problem(ProblemKey.AMOUNT, "premium", {"amount": amount or "–"}),))
    done = store_edit(
        form,
        (month, premium_fen, source or "") if is_sent and premium_fen is not None else None,
        lambda entry, version: store_total(
            current(),
            branch.branch_id,
            month_start=entry[0],
            premium_fen=entry[1],
            source=entry[2],
            shown_version=version,
            key=submit_key(form),
        ),
        version=versions.get(month, 0),
        told=lambda entry: {"premium_fen": entry[1], "source": entry[2]},
    )
    if done:
        leave_notice(TOTAL_FORM, t("The total of {month} is stored.", month=month_word(language(), done)))
        st.rerun()


def _months(today: date) -> list[date]:
    first = today.replace(day=1)
    months = [first]
    while len(months) < 24:
        last = months[-1]
        months.append(
            last.replace(year=last.year - 1, month=12) if last.month == 1 else last.replace(month=last.month - 1)
        )
    return months


def fen_of(amount: str) -> int | None:
    """Return an amount in yuan as fen, None where it is no amount with at most two decimals.

    Full-width figures and signs count as plain ones, as in the imports.
    """
    plain = amount.translate(FULL_WIDTH).replace(",", "").strip()
    if not plain or not plain.isascii() or not plain.replace(".", "", 1).isdigit():
        return None
    fen = Decimal(plain) * 100
    return int(fen) if fen == fen.to_integral_value() else None
