"""The fields of a customer event, filled from a stored one or from what is usual for the tier."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from core.events.entries import MOST_REFERENCE, EventEntry, Guests, ProjectPlan
from core.events.rules import Named, event_rules
from core.facts import EventState
from core.language.labels import label
from pages.parts.layout import LIVE
from pages.parts.session import current, language, t


class EventFields:
    """Draws the fields; each keeps what was chosen as long as it is still offered."""

    def __init__(self, key: str, old: EventEntry | None) -> None:
        """Remember the beginning of the widgets' keys, and the event as stored."""
        self._key, self._old, self._rules = key, old, event_rules()

    def entry(self) -> EventEntry:
        """Draw everything and return what is filled in."""
        old, rules = self._old, self._rules
        state = st.segmented_control(
            t("State"),
            list(EventState),
            default=old.state if old else EventState.PLANNED,
            required=True,
            format_func=lambda one: label(language(), one),
            key=f"{self._key}_state",
        )
        with st.container(horizontal=True):
            day = self._day("day", t("Day"), old.day if old else current().today)
            relation = self._choice("relation", t("Relation"), rules.relations, old.relation if old else None)
            tiers = rules.tiers_of(relation)
            tier = st.selectbox(
                t("Asset tier"),
                tiers,
                index=tiers.index(old.tier) if old and old.tier in tiers else 0,
                format_func=lambda one: label(language(), one),
                key=f"{self._key}_tier_{relation}",
                width=150,
            )
            goes_with = f"{relation}_{tier}"
            kind = self._choice(
                "kind", t("Kind"), rules.kinds_for(relation, tier), old.kind if old else None, goes_with=goes_with
            )
        insurer, bank = rules.levels_for(tier)
        with st.container(horizontal=True):
            theme = self._choice(
                "theme", t("Theme"), rules.themes_for(tier), old.theme if old else None, goes_with=goes_with
            )
            title = self._text("title", t("Title"), old.title if old else "", most=rules.limits.title_most_characters)
            insurer_level = self._choice(
                "insurer_level",
                t("Insurer's side"),
                insurer,
                old.insurer_level if old else None,
                goes_with=goes_with,
                help=t("The tier asks for the level shown first; a higher one may join"),
            )
            bank_level = self._choice(
                "bank_level", t("Bank's side"), bank, old.bank_level if old else None, goes_with=goes_with
            )
        guests = self._guests(state or EventState.PLANNED)
        with st.container(horizontal=True):
            number = self._text(
                "approval_number",
                t("Approval number"),
                old.approval_number if old else "",
                most=MOST_REFERENCE,
                help=t("Of the material shown or handed out"),
            )
            approved_on = self._day("approved_on", t("Approved on"), old.approved_on if old else None, is_needed=False)
            event_ref = self._text(
                "event_ref",
                t("Event number"),
                old.event_ref if old else "",
                most=MOST_REFERENCE,
                help=t("As the policies name it in your files"),
            )
        project = self._project(day or current().today)
        note = st.text_input(
            t("Note"),
            old.note if old else "",
            key=f"{self._key}_note",
            max_chars=rules.limits.text_most_characters,
            live=LIVE,
            placeholder=t("No customer names, phone or ID numbers"),
        )
        return EventEntry(
            day=day or current().today,
            kind=kind,
            relation=relation,
            tier=tier,
            theme=theme,
            insurer_level=insurer_level,
            bank_level=bank_level,
            state=state or EventState.PLANNED,
            title=title,
            guests=guests,
            approval_number=number,
            approved_on=approved_on,
            event_ref=event_ref,
            project=project,
            note=note or "",
        )

    def _guests(self, state: EventState) -> Guests:
        """Draw the counts that make sense; those of a cancelled event stay as they are."""
        old = self._old.guests if self._old else Guests()
        if state is EventState.CANCELLED:
            return Guests(old.invited, old.confirmed)
        with st.container(horizontal=True):
            invited = self._count("invited", t("Invited"), old.invited)
            confirmed = self._count("confirmed", t("Confirmed"), old.confirmed)
            if state is EventState.PLANNED:
                return Guests(invited, confirmed)
            return Guests(
                invited,
                confirmed,
                self._count("came", t("Came"), old.came, help=t("Of those who had confirmed")),
                self._count("walk_ins", t("Walk-ins"), old.walk_ins, help=t("Who came without having confirmed")),
                self._count("policies", t("Policies that followed"), old.policies),
            )

    def _project(self, day: date) -> ProjectPlan | None:
        old = self._old.project if self._old else None
        if not st.checkbox(
            t("It is the event of a project"),
            old is not None,
            key=f"{self._key}_is_project",
            help=t("A project has a start, an end, a target, resources and a result"),
        ):
            return None
        most = self._rules.limits.text_most_characters
        with st.container(horizontal=True):
            start = self._day("project_start", t("Project from"), old.start_on if old else day)
            end = self._day("project_end", t("Project until"), old.end_on if old else day + timedelta(days=30))
            target = self._text("project_target", t("Target of the project"), old.target if old else "", most=most)
            resources = self._text("project_resources", t("Resources"), old.resources if old else "", most=most)
            result = self._text("project_result", t("Result"), old.result if old else "", most=most)
        return ProjectPlan(start, end, target, resources, result)

    def _choice(
        self,
        name: str,
        words: str,
        offered: Sequence[Named],
        old: str | None,
        *,
        goes_with: str = "",
        help: str | None = None,
    ) -> str:
        """Draw a choice; what is offered depends on `goes_with`, and with it the widget."""
        by_key = {one.key: one.word(language()) for one in offered}
        picked = st.selectbox(
            words,
            list(by_key),
            index=list(by_key).index(old) if old in by_key else 0,
            format_func=by_key.__getitem__,
            key=f"{self._key}_{name}_{goes_with}",
            help=help,
            width=190,
        )
        return picked or next(iter(by_key))

    def _day(self, name: str, words: str, old: date | None, *, is_needed: bool = True) -> date | None:
        today, limits = current().today, self._rules.limits
        first, last = today - timedelta(days=limits.most_days_back), today + timedelta(days=limits.most_days_ahead)
        return st.date_input(
            words,
            old,
            min_value=min(first, old or first) if is_needed else None,
            max_value=max(last, old or last),
            key=f"{self._key}_{name}",
            format="YYYY-MM-DD",
            width=130,
        )

    def _text(self, name: str, words: str, old: str, *, most: int, help: str | None = None) -> str:
        key = f"{self._key}_{name}"
        return st.text_input(words, old, key=key, max_chars=most, help=help, live=LIVE, width=230) or ""

    def _count(self, name: str, words: str, old: int | None, *, help: str | None = None) -> int | None:
        return st.number_input(
            words,
            min_value=0,
            max_value=self._rules.limits.most_guests,
            value=old,
            step=1,
            key=f"{self._key}_{name}",
            placeholder="–",
            help=help,
            width=130,
        )
