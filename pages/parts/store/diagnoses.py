"""The diagnoses of gaps: the list, one with what its branches do and how the figure stands now, and what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.coaching.actions import BranchAction, Owner
from core.planning.diagnosis import DiagnosisEntry, FigureNow, Gap, GapDiagnosis, gap_of
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope
from db import diagnoses as rows
from db import diagnosis_changes as changes
from db.diagnosis_changes import Diagnosed
from db.diagnosis_figures import BranchBehind, branches_of_gap, figure_now, show_up_of_gap
from db.engine import reading, writing
from db.planning_rows import names_of
from db.reviews import scopes_in_reach
from pages.parts.store import figures
from pages.parts.store.base import Ask, cached


@dataclass(frozen=True)
class About:
    """What a gap is of: a scope, or one branch (the scope None then)."""

    scope: ReviewScope | None
    branch_id: int | None = None
    branch_code: str | None = None


@cached
def scopes(ask: Ask) -> tuple[ReviewScope, ...]:
    """Return the scopes whose gaps the reader may diagnose, the widest first."""
    with reading(ask.store_url) as session:
        return scopes_in_reach(session, actor=ask.actor)


@cached
def diagnoses(ask: Ask) -> tuple[GapDiagnosis, ...]:
    """Return the diagnoses in sight, what is to be reviewed first."""
    with reading(ask.store_url) as session:
        return rows.diagnoses(session, actor=ask.actor, today=ask.today)


@cached
def find_diagnosis(ask: Ask, diagnosis_id: int) -> GapDiagnosis | None:
    """Return a diagnosis, None where there is none in sight."""
    with reading(ask.store_url) as session:
        return rows.find_diagnosis(session, actor=ask.actor, diagnosis_id=diagnosis_id, today=ask.today)


@cached
def actions(ask: Ask, diagnosis_id: int) -> tuple[tuple[str, BranchAction], ...]:
    """Return what the branches do about a gap, with the cause each answers."""
    with reading(ask.store_url) as session:
        return rows.diagnosis_actions(session, actor=ask.actor, diagnosis_id=diagnosis_id, today=ask.today)


@cached
def now(ask: Ask, diagnosis: GapDiagnosis) -> FigureNow | None:
    """Return how the KPI of an open diagnosis stands, over as many days."""
    with reading(ask.store_url) as session:
        return figure_now(
            session,
            actor=ask.actor,
            scope=diagnosis.scope,
            branch_id=diagnosis.branch_id,
            gap=diagnosis.gap,
            today=ask.today,
        )


@cached
def show_up(ask: Ask, diagnosis: GapDiagnosis, start: date, end: date) -> float | None:
    """Return the share of confirmed guests who came to events of the branches between two days."""
    with reading(ask.store_url) as session:
        return show_up_of_gap(
            session,
            actor=ask.actor,
            scope=diagnosis.scope,
            branch_id=diagnosis.branch_id,
            start=start,
            end=end,
        )


@cached
def gaps(ask: Ask, about: About, kind: PeriodKind, week_start: date) -> tuple[Gap, ...]:
    """Return the KPIs that are on the wrong side of what was due, in the order of the figures."""
    cards = figures.cards(ask, figures.Sight(about.scope, about.branch_code), kind, week_start)
    return tuple(gap for card in cards if (gap := gap_of(card, kind)))


@cached
def branches(ask: Ask, about: About, gap: Gap) -> tuple[BranchBehind, ...]:
    """Return the operating branches of a gap, those behind first."""
    with reading(ask.store_url) as session:
        return branches_of_gap(
            session, actor=ask.actor, scope=about.scope, branch_id=about.branch_id, gap=gap, today=ask.today
        )


@cached
def owners(ask: Ask, scope: ReviewScope | None, branch_id: int | None) -> tuple[Owner, ...]:
    """Return who may own a diagnosis, the reader first."""
    with reading(ask.store_url) as session:
        return rows.diagnosis_owners(session, actor=ask.actor, scope=scope, branch_id=branch_id)


def owner_names(ask: Ask, found: Sequence[GapDiagnosis]) -> dict[str, str]:
    """Return the names of the owners of some diagnoses, by user name."""
    return _names(ask, tuple(sorted({one.owner for one in found if one.owner})))


@cached
def _names(ask: Ask, usernames: tuple[str, ...]) -> dict[str, str]:
    with reading(ask.store_url) as session:
        return names_of(session, usernames)


def diagnose(ask: Ask, entry: DiagnosisEntry, *, key: str) -> Diagnosed:
    """Keep a diagnosis; refusals as `db.diagnosis_changes.diagnose`."""
    with writing(ask.store_url) as session:
        return changes.diagnose(session, actor=ask.actor, entry=entry, today=ask.today, key=key)


def change(ask: Ask, diagnosis: GapDiagnosis, *, owner: str, review_on: date, shown_version: int, key: str) -> bool:
    """Hand a diagnosis on or move its review; refusals as `db.diagnosis_changes.change_diagnosis`."""
    with writing(ask.store_url) as session:
        changes.change_diagnosis(
            session,
            actor=ask.actor,
            diagnosis_id=diagnosis.diagnosis_id,
            owner=owner,
            review_on=review_on,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True


def close(ask: Ask, diagnosis: GapDiagnosis, *, result: str, lesson: str, shown_version: int, key: str) -> bool:
    """Close a diagnosis with the figure as it stands now; refusals as `db.diagnosis_changes.close_diagnosis`."""
    figure = now(ask, diagnosis)
    with writing(ask.store_url) as session:
        changes.close_diagnosis(
            session,
            actor=ask.actor,
            diagnosis_id=diagnosis.diagnosis_id,
            result=result,
            lesson=lesson,
            figure=figure,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True
