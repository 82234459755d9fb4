"""Whether the week has room for what the targets ask, and what to lower first where it has not."""

import pyarrow as pa
import streamlit as st

from core.charts.theme import stage_word
from core.facts import ContactMethod, StaffRole
from core.language.labels import label
from core.today.capacity import Capacity, efforts, half_days_for, minutes_of
from pages.parts.layout import escaped
from pages.parts.session import current, language, t
from pages.parts.store.today import capacities
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words


def show_capacity(*, with_supervisors: bool) -> None:
    """Draw the sum of the week; the steps that make it fit, where it does not, once opened.

    With many supervisors the sums too are worked out once opened.
    """
    if with_supervisors:
        words = t("Room in the week, by supervisor")
    else:
        found = capacities(current())
        if not found:
            return
        words = t(
            "Room in the week: targets ask {asked} half-days, the week has {there}",
            asked=f"{found[0].half_days_asked:.1f}",
            there=found[0].half_days,
        )
    box = st.expander(words, key="today_capacity", on_change="rerun", icon=":material/hourglass_empty:")
    if not box.open:
        return
    with box:
        found = capacities(current())
        if with_supervisors and found:
            full = sum(not one.fits for one in found)
            words = t("{full} of {all} supervisors are asked for more than the week holds", full=full, all=len(found))
            st.markdown(words)
            row = _show_supervisors(found)
            _show_one(found[row or 0])
        elif found:
            _show_one(found[0])


def _show_supervisors(found: tuple[Capacity, ...]) -> int | None:
    table = pa.table(
        {
            "supervisor": pa.array([one.supervisor for one in found], pa.string()),
            "contacts": pa.array([one.contacts for one in found], pa.int64()),
            "asked": pa.array([one.half_days_asked for one in found], pa.float64()),
            "there": pa.array([one.half_days for one in found], pa.int64()),
        }
    )
    columns = [
        Column("supervisor", t("Supervisor"), words=supervisor_words()),
        Column("contacts", t("Contacts asked"), "integer"),
        Column("asked", t("Half-days asked"), "tenths"),
        Column("there", t("Half-days there"), "integer"),
    ]
    return show_table(table, columns, key="today_supervisors", name=t("Room in the week"), on_select="rerun")


def _show_one(one: Capacity) -> None:
    _show_asked(one)
    if one.fits:
        st.markdown(t("It fits."))
        return
    st.markdown(t("It does not fit. Lower first, in this order, until it does:"))
    said = language()
    lines = [
        t(
            "{role}, {stage}: contacts −{contacts}, half-days −{half_days} ({source})",
            role=label(said, step.row.role),
            stage=stage_word(said, step.row.stage),
            contacts=step.contacts,
            half_days=f"{step.half_days:.1f}",
            source=step.row.source(said),
        )
        for step in one.lowered
    ]
    st.markdown("\n".join(f"{number}. {escaped(line)}" for number, line in enumerate(lines, 1)))
    if one.still_too_much > 0:
        words = t(
            "Even then {half_days} half-days are too many: fewer branches, or help.",
            half_days=f"{one.still_too_much:.1f}",
        )
        st.markdown(words)


def _show_asked(one: Capacity) -> None:
    said = language()
    roles = [role for role in StaffRole if any(each.role is role for each in one.asked)]
    sums = {role: [each for each in one.asked if each.role is role] for role in roles}
    table = pa.table(
        {
            "role": pa.array([role.value for role in roles], pa.string()),
            "contacts": pa.array([sum(each.contacts for each in sums[role]) for role in roles], pa.int64()),
            "method": pa.array([efforts()[role].method.value for role in roles], pa.string()),
            "minutes": pa.array([efforts()[role].minutes for role in roles], pa.int64()),
            "half_days": pa.array([half_days_for(sum(map(minutes_of, sums[role]))) for role in roles], pa.float64()),
            "source": pa.array([efforts()[role].source(said) for role in roles], pa.string()),
        }
    )
    columns = [
        Column("role", t("Role"), words={role.value: label(said, role) for role in StaffRole}),
        Column("contacts", t("Contacts asked"), "integer"),
        Column("method", t("How"), words={each.value: label(said, each) for each in ContactMethod}),
        Column("minutes", t("Minutes each"), "integer"),
        Column("half_days", t("Half-days"), "tenths"),
        Column("source", t("Source"), width="medium"),
    ]
    show_table(table, columns, key="today_asked", name=t("What the targets ask this week"), downloads=False)
