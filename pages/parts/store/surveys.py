"""Branch surveys: the parts of one, its saved states, and what is due over the branches."""

from datetime import date

import pyarrow as pa

from core.facts import UserRole
from core.survey.completeness import (
    SurveyBasis,
    SurveyStanding,
    branch_standings,
    judged_parts,
    survey_bases,
    survey_standing,
)
from core.survey.parts import PartEntry, SurveyPart
from core.survey.sheets import SheetResult
from db import survey_facts, survey_sheets, surveys
from db.branches import branches_in_scope
from db.engine import reading, writing
from db.surveys import SavedState
from pages.parts.store.base import Ask, cached

__all__ = ["SavedState", "add_sheet", "bases", "codes", "overview", "parts", "save", "sheets", "standing", "states"]


@cached
def parts(ask: Ask, branch_id: int, number: int | None) -> dict[str, SurveyPart]:
    """Return the parts of a branch's survey as of a saved state, None = the latest."""
    with reading(ask.store_url) as session:
        return surveys.survey_of(session, actor=ask.actor, branch_id=branch_id, number=number)


@cached
def states(ask: Ask, branch_id: int) -> tuple[SavedState, ...]:
    """Return the saved states of a branch's survey, the latest first."""
    with reading(ask.store_url) as session:
        return surveys.saved_states(session, actor=ask.actor, branch_id=branch_id)


@cached
def codes(ask: Ask, branch_id: int) -> tuple[str, ...]:
    """Return the staff codes of a branch."""
    with reading(ask.store_url) as session:
        return surveys.staff_codes(session, actor=ask.actor, branch_id=branch_id)


@cached
def standing(ask: Ask, branch_id: int) -> SurveyStanding:
    """Return how the survey of a branch stands; without parts for a closed branch."""
    with reading(ask.store_url) as session:
        facts = survey_facts.survey_facts(session, actor=ask.actor, as_of=ask.today, branch_ids=[branch_id])
    return survey_standing(judged_parts(facts, as_of=ask.today, for_head=ask.actor.role is UserRole.BRANCH_HEAD))


@cached
def bases(ask: Ask, branch_ids: tuple[int, ...], as_of: date) -> dict[int, SurveyBasis]:
    """Return what a plan for branches rests on as of a day; closed branches and those out of scope are left out."""
    if not branch_ids:
        return {}
    with reading(ask.store_url) as session:
        facts = survey_facts.survey_facts(session, actor=ask.actor, as_of=as_of, branch_ids=branch_ids)
    is_head = ask.actor.role is UserRole.BRANCH_HEAD
    return survey_bases(branch_standings(judged_parts(facts, as_of=as_of, for_head=is_head)))


@cached
def overview(ask: Ask) -> pa.Table:
    """Return one row per branch in scope that is not closed, those with most parts due first, then the emptiest.

    Columns: branch_code, branch_name, supervisor, completeness, surveyed_on, review_on, state, due and
    warned (lists of section keys).
    """
    with reading(ask.store_url) as session:
        facts = survey_facts.survey_facts(session, actor=ask.actor, as_of=ask.today)
        branches = branches_in_scope(session, actor=ask.actor, as_of=ask.today).to_pandas()
    found = branch_standings(judged_parts(facts, as_of=ask.today, for_head=ask.actor.role is UserRole.BRANCH_HEAD))
    named = found.merge(branches[["branch_id", "branch_code", "branch_name", "supervisor"]], on="branch_id")
    named["rank"] = -named["due"].map(len).astype("int64")
    named = named.sort_values(["rank", "completeness", "branch_code"], kind="stable")
    for day in ("surveyed_on", "review_on"):
        named[day] = named[day].dt.date
    table = pa.Table.from_pandas(named.drop(columns=["rank", "branch_id"]), preserve_index=False)
    for name, kind in (
        ("surveyed_on", pa.date32()),
        ("review_on", pa.date32()),
        ("due", pa.list_(pa.string())),
        ("warned", pa.list_(pa.string())),
    ):
        place = table.column_names.index(name)
        table = table.set_column(place, name, table.column(name).cast(kind))
    return table


@cached
def sheets(ask: Ask, branch_id: int) -> tuple[SheetResult, ...]:
    """Return what the sheets of the short questionnaire came to by post."""
    with reading(ask.store_url) as session:
        return survey_sheets.questionnaire_results(session, actor=ask.actor, branch_id=branch_id, as_of=ask.today)


def save(ask: Ask, branch_id: int, entry: PartEntry, *, shown_version: int, key: str) -> int:
    """Save a part; refusals as `db.surveys.save_part`."""
    with writing(ask.store_url) as session:
        return surveys.save_part(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            entry=entry,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )


def add_sheet(ask: Ask, branch_id: int, *, role: str, points: dict[str, int], key: str) -> bool:
    """Keep a sheet answered today; refusals as `db.survey_sheets.record_sheet`."""
    with writing(ask.store_url) as session:
        survey_sheets.record_sheet(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            role=role,
            points=points,
            answered_on=ask.today,
            today=ask.today,
            key=key,
        )
    return True
