"""No question of `db/` gives a row outside the scope of whoever asks, and no change reaches one.

A new function with an actor fails here until it stands in one of the tables below; a new one
without an actor until it says why it needs none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from core.cadence.targets import CadenceTarget
from core.calendar import SHANGHAI
from core.coaching.contacts import ContactContent, ContactEntry
from core.events.entries import EventEntry
from core.facts import Actor, ContactMethod, CustomerTier, StaffRole, Stage, UserRole
from core.kpis.definitions import KpiTarget, kpi_definitions
from core.notes.handover import HandoverKind
from core.notes.notes import Kept, NoteEntry
from core.planning.items import PlanKind, PlanLine
from core.review.figures import Topic
from core.review.official import OfficialMeasure
from core.review.pace import PeriodKind, Span
from core.review.scope import ReviewScope, ScopeKind, widest_scope
from core.stages.limits import RuleValue
from core.steps.six_ones import SlotPeriod
from core.survey.fields import Confidence, Method
from core.survey.parts import PartEntry, Source
from core.today.lines import Thing, TodayLine
from core.trail.entries import TrailChoice
from db import (
    access,
    action_changes,
    audit,
    branch_history,
    branch_sheet,
    branch_totals,
    branches,
    cadence,
    calendar_days,
    coaching,
    coaching_changes,
    coaching_effect,
    coaching_notes,
    contact_changes,
    contact_list,
    contacts,
    events,
    handovers,
    kpis,
    logged_days,
    official_totals,
    owed,
    planning,
    planning_carry,
    planning_days,
    planning_facts,
    planning_team,
    planning_weeks,
    playbook,
    production,
    review_cadence,
    review_cards,
    review_figures,
    review_next_week,
    review_packs,
    review_rows,
    review_scope,
    review_stages,
    review_weak_again,
    review_weakest,
    self_check_changes,
    self_checks,
    settings,
    six_ones,
    snoozes,
    staff,
    stage_history,
    stage_restatements,
    stage_reviews,
    stage_rules,
    stage_trials,
    statuses,
    steps,
    survey_facts,
    survey_sheets,
    surveys,
    targets,
    today,
    today_news,
    users,
    warnings_since,
)
from db.access import NotAllowedError
from db.engine import reading, writing
from db.imports import log, undo
from db.imports.run import import_files
from db.imports.sources import ImportFile
from db.table_copy import COPIED
from tests.db import diagnosis_walk, review_walk
from tests.db.scope_world import (
    BATCH,
    FIRST,
    INSIDE,
    NOBODYS,
    OUTSIDE,
    PLACES,
    REGION,
    TEAM,
    TODAY,
    WEEK,
    World,
    asked,
    change_branch,
    make_world,
    mark,
    numbers_in,
    owner_of,
    public_functions,
)

ENTRY = ContactEntry(contact_on=WEEK, method=ContactMethod.PHONE, roles=(StaffRole.TELLER,))
NOTE = NoteEntry(WEEK, StaffRole.TELLER, goal="x", reality="", options="", will="y", due_on=TODAY)
CONTENT = ContactContent(WEEK, ContactMethod.PHONE, 10, None, None, None)
DAY_AFTER = TODAY + timedelta(days=1)
"""On the day itself a contact is owed for 103 working days, which is the key of a branch."""
EVENT = EventEntry(
    TODAY,
    "micro_salon",
    "traffic_customer",
    CustomerTier.MASS,
    "theme_health_retirement",
    "channel_manager",
    "branch",
)
PART = PartEntry("environment", Source((Method.ASK,), TODAY, Confidence.SURE))
EVERYBODY = tuple(StaffRole)
EVER = TrailChoice(date(2000, 1, 1), date(2100, 1, 1))
NOW = datetime(2026, 3, 18, 9, tzinfo=SHANGHAI)
PERIOD = {"start": FIRST, "end": TODAY}
SPAN = Span(PeriodKind.QUARTER, WEEK - timedelta(weeks=12), WEEK + timedelta(days=6), WEEK + timedelta(days=6))


def team_of(branch_id):
    """The review of the team a branch belongs to."""
    return ReviewScope(ScopeKind.TEAM, owner_of(branch_id))


def region_of(branch_id):
    """The review of the unit a branch belongs to."""
    return ReviewScope(ScopeKind.REGION, PLACES[branch_id][0] if branch_id in PLACES else "无")


def reviewed(session, actor, scope, *topics):
    """What a review shows, without the moment it was asked at; its other pages stand in the table themselves."""
    figures = review_figures.review_figures(
        session, actor=actor, scope=scope, week_start=WEEK, today=TODAY, topics=topics
    )
    return replace(figures, shown_at=NOW)


def today_line(branch_id):
    """A line of Today that stands as it was shown: the teller of a branch, reached today."""
    return TodayLine("contact_late", Thing.CONTACT, branch_id, "teller", TODAY, 1, last_on=TODAY)


def weakest_of(session, actor):
    """Return the weakest branches of the week."""
    return review_weakest.weakest_page(session, actor=actor, week_start=WEEK, as_of=TODAY)


WHOLE_SCOPE = {
    "audit.trail_entries": lambda s, a: audit.trail_entries(s, actor=a, choice=EVER),
    "audit.trail_people": lambda s, a: audit.trail_people(s, actor=a, first=EVER.first, last=EVER.last),
    "branches.branches_in_scope": lambda s, a: branches.branches_in_scope(s, actor=a, as_of=TODAY),
    "branches.data_dates": lambda s, a: branches.data_dates(s, actor=a, today=TODAY),
    "branches.last_policy_day": lambda s, a: branches.last_policy_day(s, actor=a),
    "branches.filter_options": lambda s, a: branches.filter_options(s, actor=a),
    "branch_totals.totals_between": lambda s, a: branch_totals.totals_between(s, actor=a, **PERIOD),
    "cadence.cadence_weeks": lambda s, a: cadence.cadence_weeks(
        s, actor=a, first_week=FIRST, last_week=WEEK + timedelta(weeks=1), today=TODAY
    ),
    "cadence.contact_gaps": lambda s, a: cadence.contact_gaps(s, actor=a, week_start=WEEK, today=TODAY),
    "cadence.people_not_reached": lambda s, a: cadence.people_not_reached(
        s, actor=a, today=TODAY, since=WEEK, roles=EVERYBODY
    ),
    "coaching.dismissal_counts": lambda s, a: coaching.dismissal_counts(s, actor=a, today=TODAY),
    "coaching.closed_actions": lambda s, a: coaching.closed_actions(s, actor=a, since=FIRST, today=TODAY),
    "coaching.expired_actions": lambda s, a: coaching.expired_actions(s, actor=a, since=FIRST, today=TODAY),
    "coaching.open_actions": lambda s, a: coaching.open_actions(s, actor=a, today=TODAY),
    "coaching_effect.action_effects": lambda s, a: coaching_effect.action_effects(s, actor=a, today=TODAY),
    "coaching_effect.actions_done_often": lambda s, a: coaching_effect.actions_done_often(s, actor=a, today=TODAY),
    "events.contact_counts": lambda s, a: events.contact_counts(s, actor=a, **PERIOD),
    "events.find_event": lambda s, a: [events.find_event(s, actor=a, event_id=key) for key in range(1, 12)],
    "events.event_sums": lambda s, a: events.event_sums(s, actor=a, **PERIOD),
    "events.events_between": lambda s, a: events.events_between(s, actor=a, **PERIOD),
    "events.events_with_policies": lambda s, a: events.events_with_policies(
        s, actor=a, as_of=TODAY + timedelta(weeks=3), **PERIOD
    ),
    "imports.log.imports_made": lambda s, a: log.imports_made(s, actor=a),
    "kpis.branch_figures": lambda s, a: kpis.branch_figures(s, actor=a, today=TODAY, **PERIOD),
    "kpis.kpis_by": lambda s, a: kpis.kpis_by(
        s, actor=a, today=TODAY, by=("all", "branch", "region", "bank", "supervisor"), **PERIOD
    ),
    "kpis.policy_spread": lambda s, a: kpis.policy_spread(s, actor=a, **PERIOD),
    "logged_days.logged_days": lambda s, a: logged_days.logged_days(
        s, actor=a, first_week=FIRST, last_week=WEEK, today=TODAY
    ),
    "owed.owed_contacts": lambda s, a: owed.owed_contacts(s, actor=a, today=DAY_AFTER),
    "planning_days.feedback_between": lambda s, a: planning_days.feedback_between(s, actor=a, first=FIRST, last=TODAY),
    "planning_facts.checked_by_owner": lambda s, a: planning_facts.checked_by_owner(
        s, actor=a, week_start=WEEK, today=TODAY
    ),
    "planning_facts.work_in_sight": lambda s, a: planning_facts.work_in_sight(s, actor=a, week_start=WEEK, today=TODAY),
    "planning_team.team_weeks": lambda s, a: planning_team.team_weeks(s, actor=a, week_start=WEEK, now=NOW),
    "production.production_weeks": lambda s, a: production.production_weeks(s, actor=a, **PERIOD),
    "snoozes.snoozes": lambda s, a: snoozes.snoozes(s, actor=a),
    "stage_history.stage_counts": lambda s, a: stage_history.stage_counts(s, actor=a, weeks=26),
    "stage_history.stage_moves": lambda s, a: [
        stage_history.stage_moves(s, actor=a, week_start=FIRST + timedelta(weeks=week)) for week in range(28)
    ],
    "stage_history.stages_now": lambda s, a: stage_history.stages_now(s, actor=a),
    "coaching_notes.open_commitments": lambda s, a: coaching_notes.open_commitments(s, actor=a),
    "handovers.handovers": lambda s, a: handovers.handovers(s, actor=a, today=TODAY),
    "six_ones.held_events": lambda s, a: six_ones.held_events(s, actor=a, **PERIOD),
    "steps.step_facts": lambda s, a: steps.step_facts(s, actor=a, as_of=TODAY),
    "official_totals.official_totals": lambda s, a: official_totals.official_totals(s, actor=a),
    "official_totals.official_figures": lambda s, a: official_totals.official_figures(
        s, actor=a, scope=widest_scope(a), start=date(2026, 2, 1), end=date(2026, 2, 28)
    ),
    "review_cadence.cadence_page": lambda s, a: review_cadence.cadence_page(s, actor=a, week_start=WEEK, as_of=TODAY),
    "review_cards.kpi_cards": lambda s, a: review_cards.kpi_cards(
        s, actor=a, seen=a, span=SPAN, kpis=[kpi.key for kpi in kpi_definitions()], today=TODAY
    ),
    "review_cards.review_span": lambda s, a: review_cards.review_span(
        s, actor=a, kind=PeriodKind.MONTH, week_start=WEEK, today=TODAY
    ),
    "review_figures.review_figures": lambda s, a: reviewed(s, a, widest_scope(a), Topic.WORKED),
    "review_next_week.next_week_page": lambda s, a: review_next_week.next_week_page(
        s, actor=a, week_start=WEEK - timedelta(weeks=1), as_of=TODAY
    ),
    "review_packs.packs_kept": lambda s, a: review_packs.packs_kept(s, actor=a),
    "review_scope.scopes_of": lambda s, a: review_scope.scopes_of(s, actor=a),
    "review_stages.moves_page": lambda s, a: review_stages.moves_page(s, actor=a, week_start=WEEK),
    "review_stages.stages_in": lambda s, a: review_stages.stages_in(s, actor=a, week_start=WEEK),
    "review_stages.stages_page": lambda s, a: review_stages.stages_page(s, actor=a, week_start=WEEK, as_of=TODAY),
    "review_weakest.branch_indicators": lambda s, a: review_weakest.branch_indicators(
        s, actor=a, week_start=WEEK, as_of=TODAY
    ),
    "review_weak_again.weakest_again": lambda s, a: review_weak_again.weakest_again(
        s, actor=a, week_start=WEEK, as_of=TODAY, kept=weakest_of(s, a)
    ),
    "review_weakest.weakest_page": lambda s, a: review_weakest.weakest_page(s, actor=a, week_start=WEEK, as_of=TODAY),
    "self_checks.checks_finished_since": lambda s, a: self_checks.checks_finished_since(s, actor=a, since=FIRST),
    "stage_restatements.restated_weeks": lambda s, a: stage_restatements.restated_weeks(s, actor=a),
    "stage_restatements.restatement_notes": lambda s, a: stage_restatements.restatement_notes(s, actor=a),
    "stage_reviews.latest_decisions": lambda s, a: stage_reviews.latest_decisions(s, actor=a, as_of=TODAY),
    "statuses.status_history": lambda s, a: statuses.status_history(
        s, actor=a, branches=branches.branches_in_scope(s, actor=a, as_of=TODAY)
    ),
    "today.today_lines": lambda s, a: today.today_lines(s, actor=a, today=DAY_AFTER),
    "today.week_capacity": lambda s, a: today.week_capacity(s, actor=a, today=TODAY),
    "today_news.news": lambda s, a: today_news.news(s, actor=a, today=TODAY),
    "warnings_since.warnings_since": lambda s, a: warnings_since.warnings_since(s, actor=a),
    "survey_facts.survey_facts": lambda s, a: survey_facts.survey_facts(s, actor=a, as_of=TODAY),
}
"""Questions about everything the actor sees."""

ONE_BRANCH = {
    "access.branch_in_scope": lambda s, a, b: access.branch_in_scope(s, actor=a, branch_id=b),
    "branches.find_branch": lambda s, a, b: branches.find_branch(s, actor=a, branch_code=mark(b)),
    "branch_history.cadence_gaps": lambda s, a, b: branch_history.cadence_gaps(s, actor=a, branch_id=b, as_of=TODAY),
    "branch_history.cadence_of_branch": lambda s, a, b: branch_history.cadence_of_branch(
        s, actor=a, branch_id=b, first_week=FIRST, last_week=WEEK, today=TODAY
    ),
    "branch_history.find_verdict": lambda s, a, b: branch_history.find_verdict(s, actor=a, branch_id=b, as_of=TODAY),
    "branch_history.weekly_path": lambda s, a, b: branch_history.weekly_path(s, actor=a, branch_id=b, **PERIOD),
    "branch_sheet.branch_sheet": lambda s, a, b: branch_sheet.branch_sheet(s, actor=a, branch_id=b, today=TODAY),
    "branch_totals.totals_of": lambda s, a, b: branch_totals.totals_of(s, actor=a, branch_id=b),
    "coaching.actions_of": lambda s, a, b: coaching.actions_of(s, actor=a, branch_id=b, today=TODAY),
    "coaching.dismissal_counts": lambda s, a, b: coaching.dismissal_counts(s, actor=a, today=TODAY, branch_id=b),
    "coaching.proofs_of": lambda s, a, b: coaching.proofs_of(s, actor=a, branch_id=b, since=FIRST, until=TODAY),
    "coaching.owners_of": lambda s, a, b: coaching.owners_of(s, actor=a, branch_id=b),
    "coaching.suggestions_of": lambda s, a, b: coaching.suggestions_of(s, actor=a, branch_id=b, as_of=TODAY),
    "coaching_notes.notes_of_branch": lambda s, a, b: coaching_notes.notes_of_branch(s, actor=a, branch_id=b),
    "contacts.already_logged": lambda s, a, b: contacts.already_logged(s, actor=a, branch_id=b, entry=ENTRY),
    "contact_list.recent_contacts": lambda s, a, b: contact_list.recent_contacts(s, actor=a, branch_id=b),
    "events.events_of_branch": lambda s, a, b: events.events_of_branch(s, actor=a, branch_id=b),
    "events.guests_of_branch": lambda s, a, b: events.guests_of_branch(s, actor=a, branch_id=b, **PERIOD),
    "self_checks.branch_record": lambda s, a, b: self_checks.branch_record(s, actor=a, branch_id=b, as_of=TODAY),
    "self_checks.checks_in_hand": lambda s, a, b: self_checks.checks_in_hand(
        s, actor=a, branch_id=b, today=date(2026, 2, 18)
    ),
    "self_checks.checks_of_branch": lambda s, a, b: self_checks.checks_of_branch(s, actor=a, branch_id=b),
    "staff.people_in_post": lambda s, a, b: staff.people_in_post(s, actor=a, branch_id=b, on=TODAY),
    "staff.roles_in_post": lambda s, a, b: staff.roles_in_post(s, actor=a, branch_id=b, on=TODAY),
    "staff.staff_of_branch": lambda s, a, b: staff.staff_of_branch(
        s, actor=a, branch_id=b, staff_ids=[key * 10 for key in (INSIDE, TEAM, REGION, OUTSIDE)]
    ),
    "planning_carry.lines_before": lambda s, a, b: planning_carry.lines_before(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK + timedelta(weeks=1), today=TODAY
    ),
    "planning_carry.lines_of_branch": lambda s, a, b: planning_carry.lines_of_branch(
        s, actor=a, branch_id=b, today=WEEK
    ),
    "planning_carry.misses_handed": lambda s, a, b: planning_carry.misses_handed(
        s, actor=a, supervisor=owner_of(b), first=WEEK, last=WEEK, today=WEEK + timedelta(weeks=1)
    ),
    "planning_carry.unexplained_weeks": lambda s, a, b: planning_carry.unexplained_weeks(
        s, actor=a, supervisor=owner_of(b), today=WEEK + timedelta(weeks=1)
    ),
    "planning_facts.checked_weeks": lambda s, a, b: planning_facts.checked_weeks(
        s, actor=a, supervisor=owner_of(b), first=WEEK, last=WEEK, today=TODAY
    ),
    "planning_facts.checked_week": lambda s, a, b: planning_facts.checked_week(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK, today=TODAY
    ),
    "planning_facts.plan_in_sight": lambda s, a, b: planning_facts.plan_in_sight(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK, today=TODAY
    ),
    "planning_weeks.chain_of": lambda s, a, b: planning_weeks.chain_of(
        s, actor=a, item_id={INSIDE: 1, TEAM: 2, REGION: 3, OUTSIDE: 4}.get(b, NOBODYS)
    ),
    "planning_weeks.changes_of": lambda s, a, b: planning_weeks.changes_of(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK
    ),
    "planning_weeks.find_plan": lambda s, a, b: planning_weeks.find_plan(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK
    ),
    "planning_weeks.has_plans": lambda s, a, b: planning_weeks.has_plans(s, actor=a, supervisor=owner_of(b)),
    "planning_weeks.take_over": lambda s, a, b: planning_weeks.take_over(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK + timedelta(weeks=1), today=TODAY
    ),
    "review_figures.review_figures": lambda s, a, b: reviewed(s, a, team_of(b)),
    "review_packs.pack_content": lambda s, a, b: review_packs.pack_content(s, actor=a, file_id=b),
    "review_rows.policies_behind": lambda s, a, b: review_rows.policies_behind(s, actor=a, branch_id=b, **PERIOD),
    "review_rows.contacts_behind": lambda s, a, b: review_rows.contacts_behind(s, actor=a, branch_id=b, **PERIOD),
    "review_scope.sight_of": lambda s, a, b: review_scope.sight_of(s, actor=a, branch_code=mark(b)).branch_id,
    "review_scope.require_scope": lambda s, a, b: review_scope.require_scope(s, actor=a, scope=team_of(b)),
    "steps.facts_of_branch": lambda s, a, b: steps.facts_of_branch(s, actor=a, branch_id=b, as_of=TODAY),
    "stage_history.stage_path": lambda s, a, b: stage_history.stage_path(s, actor=a, branch_id=b),
    "stage_restatements.restated_weeks_of": lambda s, a, b: stage_restatements.restated_weeks_of(
        s, actor=a, branch_id=b
    ),
    "stage_reviews.decisions_of": lambda s, a, b: stage_reviews.decisions_of(s, actor=a, branch_id=b, as_of=TODAY),
    "survey_sheets.questionnaire_results": lambda s, a, b: survey_sheets.questionnaire_results(
        s, actor=a, branch_id=b, as_of=TODAY
    ),
    "surveys.saved_states": lambda s, a, b: surveys.saved_states(s, actor=a, branch_id=b),
    "surveys.staff_codes": lambda s, a, b: surveys.staff_codes(s, actor=a, branch_id=b),
    "surveys.survey_of": lambda s, a, b: surveys.survey_of(s, actor=a, branch_id=b),
}
"""Questions about one branch: a foreign one answers as one that does not exist."""

BRANCH_CHANGES = {
    "branch_totals.record_total": lambda s, a, b, w: branch_totals.record_total(
        s,
        actor=a,
        branch_id=b,
        month_start=WEEK.replace(day=1),
        premium_fen=1,
        source="x",
        shown_version=0,
        today=TODAY,
        key="k",
    ),
    "official_totals.record_official_total": lambda s, a, b, w: official_totals.record_official_total(
        s,
        actor=a,
        scope=region_of(b),
        measure=OfficialMeasure.POLICIES,
        month_start=date(2026, 1, 1),
        amount=1,
        source="x",
        shown_version=0,
        today=TODAY,
        key="k",
    ),
    "official_totals.remove_official_total": lambda s, a, b, w: official_totals.remove_official_total(
        s,
        actor=a,
        scope=region_of(b),
        measure=OfficialMeasure.POLICIES,
        month_start=date(2026, 2, 1),
        shown_version=1,
        key="k",
    ),
    "coaching_changes.dismiss": lambda s, a, b, w: coaching_changes.dismiss(
        s, actor=a, branch_id=b, action_key="x", facts={}, reason="x", today=TODAY, key="k", shown_version=0
    ),
    "action_changes.drop": lambda s, a, b, w: action_changes.drop(
        s, actor=a, suggestion_id=w.suggestions.get(b, NOBODYS), shown_version=1, reason="x", today=TODAY, key="k"
    ),
    "action_changes.change_action": lambda s, a, b, w: action_changes.change_action(
        s,
        actor=a,
        suggestion_id=w.suggestions.get(b, NOBODYS),
        shown_version=1,
        owner="x",
        due_on=TODAY,
        today=TODAY,
        key="k",
    ),
    "action_changes.finish": lambda s, a, b, w: action_changes.finish(
        s,
        actor=a,
        suggestion_id=w.suggestions.get(b, NOBODYS),
        shown_version=1,
        outcome="x",
        measure_met=None,
        proof_contact_id=None,
        today=TODAY,
        key="k",
    ),
    "coaching_changes.take_on": lambda s, a, b, w: coaching_changes.take_on(
        s,
        actor=a,
        branch_id=b,
        action_key="x",
        reason_key="stage_basic",
        facts={},
        owner="x",
        due_on=TODAY,
        today=TODAY,
        key="k",
    ),
    "contact_changes.correct_contact": lambda s, a, b, w: contact_changes.correct_contact(
        s, actor=a, contact_id=w.contacts.get(b, NOBODYS), shown_version=1, content=CONTENT, today=TODAY, key="k"
    ),
    "contact_changes.withdraw_contact": lambda s, a, b, w: contact_changes.withdraw_contact(
        s, actor=a, contact_id=w.contacts.get(b, NOBODYS), shown_version=1, reason="x", today=TODAY, key="k"
    ),
    "contacts.record_contacts": lambda s, a, b, w: contacts.record_contacts(
        s, actor=a, branch_id=b, entry=ENTRY, today=TODAY, key="k"
    ),
    "coaching_notes.acknowledge_note": lambda s, a, b, w: coaching_notes.acknowledge_note(
        s, actor=a, note_id=w.notes.get(b, NOBODYS), shown_version=1, today=TODAY, key="k"
    ),
    "coaching_notes.change_note": lambda s, a, b, w: coaching_notes.change_note(
        s, actor=a, note_id=w.notes.get(b, NOBODYS), entry=NOTE, shown_version=1, today=TODAY, key="k"
    ),
    "coaching_notes.settle_commitment": lambda s, a, b, w: coaching_notes.settle_commitment(
        s,
        actor=a,
        note_id=w.notes.get(b, NOBODYS),
        kept=Kept.KEPT,
        outcome="",
        shown_version=1,
        today=TODAY,
        key="k",
    ),
    "coaching_notes.write_note": lambda s, a, b, w: coaching_notes.write_note(
        s, actor=a, branch_id=b, entry=NOTE, today=TODAY, key="k"
    ),
    "handovers.take_over": lambda s, a, b, w: handovers.take_over(
        s, actor=a, branch_id=b, kind=HandoverKind.BRANCH_HEAD, changed_on=WEEK, today=TODAY, key="k"
    ),
    "events.change_event": lambda s, a, b, w: events.change_event(
        s, actor=a, event_id=w.events.get(b, NOBODYS), entry=EVENT, shown_version=1, today=TODAY, key="k"
    ),
    "events.record_event": lambda s, a, b, w: events.record_event(
        s, actor=a, branch_id=b, entry=EVENT, today=TODAY, key="k"
    ),
    "self_check_changes.finish_check": lambda s, a, b, w: self_check_changes.finish_check(
        s, actor=a, branch_id=b, shown_version=1, today=TODAY, key="k"
    ),
    "self_check_changes.save_answer": lambda s, a, b, w: self_check_changes.save_answer(
        s, actor=a, branch_id=b, question_key="S2", value=4, shown_version=0, today=TODAY
    ),
    "self_check_changes.save_need": lambda s, a, b, w: self_check_changes.save_need(
        s, actor=a, branch_id=b, need="x", shown_version=1, today=TODAY
    ),
    "snoozes.end_snooze": lambda s, a, b, w: snoozes.end_snooze(
        s, actor=a, snooze_id=w.snoozes.get(b, NOBODYS), shown_version=1, today=TODAY, key="k"
    ),
    "snoozes.explain_contact": lambda s, a, b, w: snoozes.explain_contact(
        s, actor=a, line=today_line(b), reason="x", today=TODAY, key="k"
    ),
    "snoozes.snooze_line": lambda s, a, b, w: snoozes.snooze_line(
        s,
        actor=a,
        line=today_line(b),
        until_on=TODAY + timedelta(days=1),
        reason="x",
        today=TODAY,
        key="k",
    ),
    "planning.add_item": lambda s, a, b, w: planning.add_item(
        s, actor=a, line=PlanLine(PlanKind.CONTACT, branch_id=b), week_start=WEEK, now=NOW, key="k"
    ),
    "planning.change_item": lambda s, a, b, w: planning.change_item(
        s,
        actor=a,
        item_id=w.plan_items.get(b, NOBODYS),
        line=PlanLine(PlanKind.CONTACT, branch_id=b),
        shown_version=1,
        now=NOW,
        key="k",
    ),
    "planning.drop_item": lambda s, a, b, w: planning.drop_item(
        s, actor=a, item_id=w.plan_items.get(b, NOBODYS), shown_version=1, now=NOW, key="k"
    ),
    "planning_days.explain_miss": lambda s, a, b, w: planning_days.explain_miss(
        s,
        actor=a,
        item_id=w.plan_items.get(b, NOBODYS),
        shown_version=1,
        cause="C26",
        note=None,
        adjustment=None,
        action_key=None,
        now=NOW,
        key="k",
    ),
    "planning_days.tick_items": lambda s, a, b, w: planning_days.tick_items(
        s, actor=a, shown_versions={w.plan_items.get(b, NOBODYS): 1}, is_done=True, now=NOW, key="k"
    ),
    "planning_days.write_feedback": lambda s, a, b, w: planning_days.write_feedback(
        s, actor=a, supervisor=owner_of(b), day=TODAY, words="x", shown_version=0, now=NOW, key="k"
    ),
    "planning_team.approve_plan": lambda s, a, b, w: planning_team.approve_plan(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK, shown_version=1, comment=None, now=NOW, key="k"
    ),
    "planning_weeks.start_plan": lambda s, a, b, w: planning_weeks.start_plan(
        s, actor=a, supervisor=owner_of(b), week_start=WEEK + timedelta(weeks=1), now=NOW, key="k"
    ),
    "review_packs.keep_pack": lambda s, a, b, w: review_packs.keep_pack(
        s,
        actor=a,
        scope=team_of(b),
        week_start=WEEK,
        language="zh",
        with_names=False,
        files=(),
        key="k",
    ),
    "stage_reviews.confirm_stage": lambda s, a, b, w: stage_reviews.confirm_stage(
        s, actor=a, branch_id=b, shown_stage=Stage.SLUMP, shown_version=1, today=TODAY, key="k"
    ),
    "stage_reviews.override_stage": lambda s, a, b, w: stage_reviews.override_stage(
        s,
        actor=a,
        branch_id=b,
        stage=Stage.SLUMP,
        reason="x",
        end_on=TODAY,
        shown_stage=Stage.MATURE,
        shown_version=1,
        today=TODAY,
        key="k",
    ),
    "stage_reviews.renew_override": lambda s, a, b, w: stage_reviews.renew_override(
        s, actor=a, branch_id=b, reason="x", end_on=TODAY, shown_version=1, today=TODAY, key="k"
    ),
    "stage_reviews.withdraw_override": lambda s, a, b, w: stage_reviews.withdraw_override(
        s, actor=a, branch_id=b, reason="x", shown_version=1, today=TODAY, key="k"
    ),
    "today_news.note_news": lambda s, a, b, w: today_news.note_news(
        s, actor=a, branch_id=b, thing=Thing.WARNING, subject="watch_down", note="x", today=TODAY, key="k"
    ),
    "survey_sheets.record_sheet": lambda s, a, b, w: survey_sheets.record_sheet(
        s, actor=a, branch_id=b, role="teller", points={}, answered_on=TODAY, today=TODAY, key="k"
    ),
    "surveys.save_part": lambda s, a, b, w: surveys.save_part(
        s, actor=a, branch_id=b, entry=PART, shown_version=1, today=TODAY, key="k"
    ),
}
"""Changes of one branch: refused outside the scope, with the words for one that does not exist."""

CADENCE_ROW = CadenceTarget(StaffRole.TELLER, None, "week", Decimal(1), None, None, TODAY, "x", "x")
KPI_ROW = KpiTarget("branch_activity_rate", None, Decimal("0.6"), TODAY, "x", "x")
ADMIN_ONLY = {
    "calendar_days.set_calendar_day": lambda s, a: calendar_days.set_calendar_day(
        s, actor=a, day=TODAY, kind="off", name="x", source="x", shown_version=0, today=TODAY, write_key="k"
    ),
    "imports.undo.undo_import": lambda s, a: undo.undo_import(s, actor=a, import_batch_id=BATCH, today=TODAY),
    "playbook.record_playbook_change": lambda s, a: playbook.record_playbook_change(
        s, actor=a, action_key="x", valid_from=TODAY, changes={}, source="x", shown_version=0, today=TODAY, key="k"
    ),
    "six_ones.add_six_one_slot": lambda s, a: six_ones.add_six_one_slot(
        s,
        actor=a,
        slot=3,
        title="x",
        counts="event",
        period=SlotPeriod.MONTH,
        target=1,
        valid_from=TODAY,
        source="x",
        shown_version=0,
        today=TODAY,
        key="k",
    ),
    "settings.add_setting": lambda s, a: settings.add_setting(
        s,
        actor=a,
        key="cadence_scope",
        value="role",
        valid_from=TODAY,
        source="x",
        shown_version=0,
        today=TODAY,
        write_key="k",
    ),
    "stage_rules.add_stage_rules": lambda s, a: stage_rules.add_stage_rules(
        s,
        actor=a,
        values=(RuleValue("limits", "hold_weeks", 5.0),),
        valid_from=WEEK + timedelta(weeks=2),
        note="x",
        shown_state=0,
        today=TODAY,
        write_key="k",
    ),
    "stage_trials.find_trial_paths": lambda s, a: stage_trials.find_trial_paths(s, actor=a, values=(), today=TODAY),
    "stage_rules.stored_versions": lambda s, a: stage_rules.stored_versions(s, actor=a),
    "stage_rules.withdraw_stage_rules": lambda s, a: stage_rules.withdraw_stage_rules(
        s, actor=a, version_id=1, shown_version=1, today=TODAY, write_key="k"
    ),
    "targets.add_cadence_target": lambda s, a: targets.add_cadence_target(
        s, actor=a, target=CADENCE_ROW, shown_version=0, today=TODAY, write_key="k"
    ),
    "targets.add_kpi_target": lambda s, a: targets.add_kpi_target(
        s, actor=a, target=KPI_ROW, shown_version=0, today=TODAY, write_key="k"
    ),
    "users.accounts": lambda s, a: users.accounts(s, actor=a),
    "users.bound_is_known": lambda s, a: users.bound_is_known(s, actor=a, region_path="x", branch_code=None),
    "users.change_role": lambda s, a: users.change_role(s, actor=a, user_id=1, version=1, role=UserRole.ADMIN),
    "users.create_user": lambda s, a: users.create_user(
        s, actor=a, username="x", display_name="x", role=UserRole.ADMIN, password_hash="x", is_one_time=True
    ),
    "users.reset_password": lambda s, a: users.reset_password(s, actor=a, user_id=1, version=1, password_hash="x"),
    "users.set_active": lambda s, a: users.set_active(s, actor=a, user_id=1, version=1, is_active=False),
    "users.unlock": lambda s, a: users.unlock(s, actor=a, user_id=1, name_digest="x"),
    "users.user_id_of": lambda s, a: users.user_id_of(s, actor=a, username="boss"),
}
"""For administrators, or for whoever made the import: everybody else is refused."""

OF_THE_ACTOR_ALONE = {
    "action_upkeep.seen_again": "part of a change that was checked before",
    "today_news.record_visit": "the actor's own list; what is put on it is bounded by its scope",
    "audit.record_export": "writes who exported what; the rows come from a scoped question",
    "changes.first_result": "gives back what the same user's first submit gave",
    "changes.keep_result": "part of a change that was checked before",
    "changes.record_audit": "part of a change that was checked before",
    "dated_rules.put_rule": "part of a change that was checked before, for administrators",
    "changes.record_audits": "part of a change that was checked before",
    "imports.trail.record_changed_contacts": "part of an import that was checked",
    "imports.trail.record_restored_contacts": "part of a change that was checked before",
    "imports.planning.plan_import": "checks a file row by row; see the test of a foreign row below",
    "imports.references.references": "what plan_import checks against; shown to nobody",
    "planning.put_item": "part of a change that was checked before",
    "planning.keep_change": "part of a change that was checked before",
    "planning.tell_change": "part of a change that was checked before",
    "planning_carry.take_into": "part of a change that was checked before",
    "planning_effects.answer_cause": "part of a change that was checked before",
    "planning_effects.follow_cause": "part of a change that was checked before",
    "planning_facts.checked_plans": "lines the actor was shown, with the facts behind them",
    "planning_facts.facts_of": "the facts behind lines the actor was shown; scoped itself",
    "planning_rows.is_owner_known": "part of the questions above, which give nothing where it says no",
    "planning_rows.item_rows": "part of a change; refuses what the changes above show",
    "planning_rows.item_row": "part of a change; refuses what the changes above show",
    "planning_rows.require_owner": "part of a change; refuses what the changes above show",
    "review_packs.made_pack": "made of the pages of a review, which are walked; refused as they are",
    "review_shown.live_figures": "made of the figures and decisions of a review, which are walked; refused as they are",
    "review_shown.review_shown": "made of what a review shows, which is walked; refused as it is",
    "review_baseline.own_baseline": "part of the cards and of the weakest branches, which are walked; scoped itself",
    "review_cards.standing_of": "part of the cards, which are walked; scoped itself",
    "review_gaps.branch_gaps": "part of the weakest branches, which are walked; scoped itself",
    "review_gaps.whole_gap": "part of the weakest branches, which are walked; scoped itself",
    "review_peers.find_peers": "sums over at least five branches of anybody; see tests/db/test_review_figures.py",
    "review_weakest.cadence_of": "part of the weakest branches, which are walked; scoped itself",
    "users.change_own_password": "the actor's own account",
    "users.keep_language": "the actor's own account",
}

OF_THE_WHOLE_MARKET = {
    "market_weeks.find_told_week": "an index over all branches, as in every sentence; nothing for who sees no branch",
    "market_weeks.learned_seasons": "an index over all branches; their number for administrators alone",
    "market_weeks.market_weeks": "an index over all branches; nothing for who sees no branch",
    "review_baseline.pace_of": "an index over all branches; nothing learned for who sees no branch",
}
"""Hold no branch and are the same for everybody; `tests/db/test_market_weeks.py` walks the roles."""

WITHOUT_ACTOR = {
    "action_upkeep.close_expired": "part of a write, gives a count back",
    "action_upkeep.renew_actions": "part of a write, gives nothing back",
    "cadence.targets_of_weeks": "rules, the same for all",
    "cadence.workday_masks": "rules, the same for all",
    "changes.check_version": "part of a change that was checked before",
    "changes.last_change": "part of a change that was checked before; gives a name and a moment",
    "audit.newest_entry": "a number about the trail",
    "audit.first_broken_entry": "checks the chain at start; gives a row number only",
    "calendar_days.calendar_days": "rules, the same for all",
    "calendar_days.working_calendar": "rules, the same for all",
    "coaching.action_of": "the playbook, the same for all",
    "engine.data_version": "a number about the store",
    "engine.is_sample": "a mark of the store",
    "engine.is_sqlite": "the kind of the store",
    "engine.plain_rows": "runs a query its caller has bounded",
    "engine.raise_data_version": "part of a write",
    "handovers.left_on": "days of branches its caller has bounded",
    "branches.policies_until": "a day about the store",
    "imports.bulk.indexes_built_once": "part of an import that was checked",
    "imports.bulk.insert_rows": "part of an import that was checked",
    "imports.bulk.widen_cache": "part of an import that was checked",
    "imports.comparison.compared": "part of an import that was checked",
    "imports.comparison.has_rows": "part of an import that was checked",
    "imports.comparison.stored_rows": "part of an import that was checked",
    "imports.run.sum_touched": "part of an import that was checked",
    "imports.storing.derive_status_days": "part of an import that was checked",
    "market_weeks.store_market": "part of a write, gives nothing back",
    "planning.plan_made": "part of a change that was checked before",
    "planning_rows.items_found": "runs a query its caller has bounded",
    "planning_rows.names_of": "names of supervisors its caller has bounded",
    "changes.lock_branch": "part of a change of a branch that was checked before",
    "changes.lock_name": "no branch data",
    "planning_carry.plans_before": "part of a change that was checked before",
    "planning_effects.lock_answers": "part of a change that was checked before",
    "planning_rows.lock_plans": "part of a change that was checked before",
    "planning_rows.plan_row": "part of a change that was checked before",
    "playbook.playbook": "rules, the same for all",
    "playbook.playbook_changes": "rules, the same for all",
    "review_stages.stage_week": "gives a Monday",
    "review_stages.weeks_with_stages": "gives Mondays",
    "rollups.rebuild_rollups": "part of a write, gives nothing back",
    "rollups.write_alone": "part of a write, gives nothing back",
    "rollups.rollup_differences": "a check for operators, on no page",
    "settings.setting_value": "rules, the same for all",
    "settings.settings": "rules, the same for all",
    "sample_notes.write_notes": "fills the sample store while it is made",
    "sample_plans.leave_plans": "fills the sample store while it is made",
    "sample_events.hold_events": "fills the sample store while it is made",
    "self_checks.answers_of": "of checks the caller may see",
    "self_checks.check_in_hand": "part of a change by the branch head, who was checked before",
    "sample_surveys.survey_branches": "fills the sample store while it is made",
    "sample_self_checks.answer_self_checks": "fills the sample store while it is made",
    "sample_reviews.hold_reviews": "fills the sample store while it is made",
    "sample_traces.leave_traces": "fills the sample store while it is made",
    "six_ones.six_one_slots": "rules, the same for all",
    "sign_in.end_session": "before or at sign-in, bounded by the session's digest",
    "sign_in.find_credentials": "before sign-in",
    "sign_in.forget_attempts": "before sign-in",
    "sign_in.has_users": "before sign-in",
    "sign_in.live_session": "before or at sign-in, bounded by the session's digest",
    "sign_in.open_session": "at sign-in, after the password was checked",
    "sign_in.reserve_attempt": "before sign-in",
    "sign_in.spend_ticket": "at sign-in, bounded by the ticket's digest",
    "sign_in.ticket_waits": "at sign-in, bounded by the ticket's digest",
    "stage_facts.departures": "feeds the stage engine, which needs the whole market",
    "stage_facts.last_week": "feeds the stage engine; gives a Monday",
    "stage_facts.late_policies": "feeds the stage engine, which needs the whole market",
    "stage_facts.size_standards": "feeds the stage engine, which needs the whole market",
    "stage_facts.stage_facts": "feeds the stage engine, which needs the whole market",
    "stage_history.classified_rows": "the command line, which sees everything",
    "stage_history.recompute_stages": "part of a write, gives a count back",
    "stage_history.stages_are_current": "gives yes or no",
    "warnings_since.keep_warnings": "part of the computation of stages; shown to nobody",
    "stage_shown.keep_shown": "part of a write, gives nothing back",
    "stage_rules.refuse_taken_monday": "part of a write, gives nothing back",
    "stage_rules.rules_state": "a number about the rules",
    "stage_rules.stage_rules": "rules, the same for all",
    "stage_trials.rules_now": "rules, the same for all",
    "table_copy.has_rows": "gives yes or no, for operators",
    "targets.cadence_targets": "rules, the same for all",
    "targets.kpi_targets": "rules, the same for all",
    "users.demo_accounts": "before sign-in; the sample's accounts, made to be known",
}

WHOLE_SCOPE |= review_walk.WHOLE_SCOPE | diagnosis_walk.WHOLE_SCOPE
ONE_BRANCH |= review_walk.ONE_BRANCH | diagnosis_walk.ONE_BRANCH
BRANCH_CHANGES |= review_walk.BRANCH_CHANGES | diagnosis_walk.BRANCH_CHANGES
OF_THE_ACTOR_ALONE |= review_walk.OF_THE_ACTOR_ALONE
WITHOUT_ACTOR |= review_walk.WITHOUT_ACTOR | diagnosis_walk.WITHOUT_ACTOR

BOUNDED = (UserRole.MANAGER, UserRole.SUPERVISOR, UserRole.BRANCH_HEAD)


@dataclass(frozen=True)
class Walked:
    """A store, and what each role was answered in it before any test changed something."""

    store: str
    world: World
    answers: Mapping[UserRole, Mapping[str, object]]


ON_ONE = pytest.mark.parametrize("shared_store", ["sqlite"], indirect=True)
"""The conditions are the same on both databases: the answers themselves are asked on both, above."""


@pytest.fixture(scope="module")
def walked(shared_store):
    """Ask everything once: the answers are looked at from many sides, and asking is what takes long."""
    with writing(shared_store) as session:
        world = make_world(session)
    about = (INSIDE, TEAM, REGION, OUTSIDE, NOBODYS)
    return Walked(
        shared_store, world, {role: answers(shared_store, actor, about) for role, actor in world.actors.items()}
    )


def answers(store, actor, about=(INSIDE, TEAM, REGION, OUTSIDE)):
    """Every answer this actor gets, those of one branch for each of the branches named."""
    with reading(store) as session:
        found = {name: asked(lambda ask=ask: ask(session, actor)) for name, ask in WHOLE_SCOPE.items()}
        for name, ask in ONE_BRANCH.items():
            for branch_id in about:
                found[f"{name}({branch_id})"] = asked(lambda ask=ask, key=branch_id: ask(session, actor, key))
    return found


def test_every_function_with_an_actor_is_walked():
    known = {*WHOLE_SCOPE, *ONE_BRANCH, *BRANCH_CHANGES, *ADMIN_ONLY, *OF_THE_ACTOR_ALONE, *OF_THE_WHOLE_MARKET}
    assert {name for name, signature in public_functions().items() if "actor" in signature.parameters} == known


def test_every_function_without_an_actor_says_why():
    found = {name for name, signature in public_functions().items() if "actor" not in signature.parameters}
    assert found == set(WITHOUT_ACTOR)


def test_no_answer_holds_anything_of_a_branch_outside_the_scope(walked):
    leaks = []
    for role in BOUNDED:
        unseen = walked.world.unseen_by(role)
        foreign = {mark(branch_id) for branch_id in unseen}
        keys = {key for branch_id in unseen for key in (branch_id, branch_id * 10, branch_id * 10 + 1)}
        for name, answer in walked.answers[role].items():
            leaks += [(role, name, word) for word in foreign if word in repr(answer)]
            leaks += [(role, name, key) for key in keys & {one for one in numbers_in(answer) if type(one) is int}]
    assert leaks == []


def test_a_branch_head_reads_nothing_the_field_staff_wrote_for_themselves(walked):
    told = {
        role: [name for name, one in found.items() if "WRITTEN" in repr(one)] for role, found in walked.answers.items()
    }
    assert told[UserRole.BRANCH_HEAD] == []
    assert "stage_reviews.latest_decisions" in told[UserRole.SUPERVISOR]


def test_every_answer_about_an_own_branch_tells_something(walked):
    """Empty answers everywhere would pass the other tests."""
    for role, found in walked.answers.items():
        for name in (
            "access.branch_in_scope",
            "branches.find_branch",
            "stage_history.stage_path",
            "contact_list.recent_contacts",
            "stage_reviews.decisions_of",
            "stage_restatements.restated_weeks_of",
        ):
            assert mark(INSIDE) in repr(found[f"{name}({INSIDE})"]) or found[f"{name}({INSIDE})"], (role, name)
        assert [row["branch_id"] for row in found["branches.branches_in_scope"]] == [
            branch_id for branch_id in (INSIDE, TEAM, REGION, OUTSIDE) if branch_id not in walked.world.unseen_by(role)
        ]
        assert mark(INSIDE) in repr(found["coaching.open_actions"])
        seen = 4 - len(walked.world.unseen_by(role))
        assert [one["times"] for one in found["coaching.dismissal_counts"]] == [seen]
        assert [one["cases"] for one in found["coaching_effect.action_effects"]] == [seen]
        assert str(INSIDE) in found["stage_reviews.latest_decisions"]
        for name in ("stage_restatements.restated_weeks", "stage_restatements.restatement_notes"):
            assert INSIDE in {row["branch_id"] for row in found[name]}, (role, name)


def test_a_foreign_branch_answers_as_one_that_does_not_exist(walked):
    different = []
    for role in BOUNDED:
        found = walked.answers[role]
        for name, branch_id in product(ONE_BRANCH, walked.world.unseen_by(role)):
            answer, nobodys = found[f"{name}({branch_id})"], found[f"{name}({NOBODYS})"]
            if answer != nobodys:
                different.append((role, name, branch_id, answer, nobodys))
    assert different == []


@ON_ONE
def test_a_change_outside_the_scope_changes_no_answer(walked):
    """Metamorphic: whatever happens to the others, every figure stays equal.

    Each role is asked once, after everything it must not notice has happened.
    """
    actors = walked.world.actors
    for changed, role in ((OUTSIDE, UserRole.MANAGER), (REGION, UserRole.SUPERVISOR), (TEAM, UserRole.BRANCH_HEAD)):
        with writing(walked.store) as session:
            change_branch(session, changed)
        after, before = answers(walked.store, actors[role]), walked.answers[role]
        assert [name for name in after if after[name] != before[name]] == [], (changed, role)
    name = "production.production_weeks"
    with reading(walked.store) as session:
        after = asked(lambda: WHOLE_SCOPE[name](session, actors[UserRole.MANAGER]))
    assert after != walked.answers[UserRole.MANAGER][name]


def test_no_change_reaches_a_branch_outside_the_scope(walked):
    store, world = walked.store, walked.world
    stood = everything(store)
    for role, (name, change) in product(BOUNDED, BRANCH_CHANGES.items()):
        actor = world.actors[role]
        words = set()
        for branch_id in (*world.unseen_by(role), NOBODYS):
            with pytest.raises(NotAllowedError) as refused, writing(store) as session:
                change(session, actor, branch_id, world)
            words.add(str(refused.value))
        assert len(words) == 1, (name, words)
    assert everything(store) == stood


def test_nobody_but_an_administrator_may_do_an_administrators_work(walked):
    store, world = walked.store, walked.world
    stood = everything(store)
    for role, (name, change) in product(BOUNDED, ADMIN_ONLY.items()):
        actor = world.actors[role]
        with writing(store, raises_version=False) as session:
            answer = asked(lambda change=change, actor=actor: change(session, actor))
        assert str(answer).startswith("refused: not allowed"), name
    assert everything(store) == stood


def test_no_import_reaches_a_branch_outside_the_scope(walked, tmp_path):
    """A row of a foreign branch is refused, and the report tells nothing but what the file itself says."""
    store, world = walked.store, walked.world
    stood, foreign = everything(store), mark(OUTSIDE)
    (tmp_path / "policies.csv").write_text(
        f"policy_ref,issued_on,branch_code,payment_mode,premium\nX1,2026-03-10,{foreign},single,1000\n",
        encoding="utf-8",
    )
    files = [ImportFile("policies.csv", tmp_path / "policies.csv")]
    for role in BOUNDED:
        report = asked(lambda role=role: import_files(store, files, actor=world.actors[role], today=TODAY))
        if role is UserRole.BRANCH_HEAD:
            assert report == "refused: not allowed for this role"
        else:
            assert not report["is_stored"]
            assert f"S{foreign}" not in repr(report)
            assert "溪陵" not in repr(report)
    assert everything(store) == stood


def everything(store):
    """All rows of all tables."""
    with reading(store) as session:
        return {table.name: session.execute(table.select().order_by(*table.primary_key)).all() for table in COPIED}


NO_BOUNDS = (
    {"role": UserRole.MANAGER, "region_path": None},
    {"role": UserRole.MANAGER, "region_path": ""},
    {"role": UserRole.MANAGER, "region_path": "东区分"},
    {"role": UserRole.MANAGER, "region_path": "东区%"},
    {"role": UserRole.SUPERVISOR, "username": ""},
    {"role": UserRole.SUPERVISOR, "username": "LI"},
    {"role": UserRole.BRANCH_HEAD, "branch_id": None},
    {"role": UserRole.BRANCH_HEAD, "branch_id": NOBODYS},
)


@ON_ONE
def test_a_role_without_its_bound_sees_nothing(walked):
    for bound in NO_BOUNDS:
        actor = Actor(**{"user_id": 0, "username": "nobody", "display_name": "x", **bound})
        for name, answer in answers(walked.store, actor, about=(INSIDE,)).items():
            marks = [key for key in (INSIDE, TEAM, REGION, OUTSIDE) if mark(key) in repr(answer)]
            assert marks == [], (bound, name)


def test_the_day_of_the_walk_lies_in_the_data():
    assert date(2026, 3, 9) == WEEK < TODAY
