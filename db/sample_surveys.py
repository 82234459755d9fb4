"""Branch surveys in the sample city: a few branches of the demo supervisor, one of them twice, one overdue."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.facts import Actor, StaffRole
from core.sample.plan import survey_rows
from core.survey.fields import Confidence, Method, survey_fields
from core.survey.parts import PartEntry, Source
from db.staff import Person, people_in_post
from db.survey_sheets import record_sheet
from db.surveys import save_part, survey_of

DAYS_BEFORE = "_days_before"
SELLS = (StaffRole.WEALTH_MANAGER, StaffRole.ACCOUNT_MANAGER, StaffRole.TELLER)


def survey_branches(session: Session, *, supervisor: Actor, branch_ids: Sequence[int], today: date) -> None:
    """Save the parts and sheets of the sample's rows; `branch` is the place of one among the demo supervisor's."""
    rows = survey_rows()
    for number, row in enumerate(rows["survey"]):
        if row["branch"] >= len(branch_ids):
            continue
        branch_id, day = branch_ids[row["branch"]], today - timedelta(days=row["days_ago"])
        before = survey_of(session, actor=supervisor, branch_id=branch_id).get(row["section"])
        codes = _codes(people_in_post(session, actor=supervisor, branch_id=branch_id, on=day))
        raw = rows["templates"][row["section"]] | row.get("values", {})
        source = Source(
            tuple(Method(word) for word in row["methods"]), day, Confidence(row["confidence"]), row.get("note")
        )
        entry = PartEntry(
            row["section"],
            source,
            {key: _filled(value, day, codes) for key, value in raw.items()},
            row.get("unknown", ()),
            confirms_unchanged=row.get("confirms", False),
        )
        save_part(
            session,
            actor=supervisor,
            branch_id=branch_id,
            entry=entry,
            shown_version=before.number if before else 0,
            today=day,
            key=f"sample-survey-{number}",
        )
    questions = survey_fields().questionnaire.questions
    for number, row in enumerate(rows["sheet"]):
        if row["branch"] < len(branch_ids):
            day = today - timedelta(days=row["days_ago"])
            record_sheet(
                session,
                actor=supervisor,
                branch_id=branch_ids[row["branch"]],
                role=row["role"],
                points=dict(zip((one.key for one in questions), row["points"], strict=True)),
                answered_on=day,
                today=day,
                key=f"sample-sheet-{number}",
            )


def _codes(people: Sequence[Person]) -> dict[str, Any]:
    """Return what the words with an @ stand for."""
    found: dict[str, Any] = {}
    for role in StaffRole:
        codes = [one.staff_code for one in people if one.role is role]
        found |= {f"@{role.value}{place}": code for place, code in enumerate(codes, start=1)}
    found["@all"] = [
        {
            "staff_code": one.staff_code,
            "role": one.role.value,
            "since": f"{one.joined_on:%Y-%m}" if one.joined_on else None,
            "registered": one.role in SELLS,
            "presence": 100,
            "main_contact": one.role is StaffRole.BRANCH_HEAD,
        }
        for one in people
    ]
    return found


def _filled(value: Any, day: date, codes: Mapping[str, Any]) -> Any:
    """Return a value with its codes and days; what stands for nobody is left out."""
    if isinstance(value, str):
        return codes.get(value) if value.startswith("@") else value
    if isinstance(value, list):
        return [_filled(one, day, codes) for one in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for key, one in value.items():
        if key.endswith(DAYS_BEFORE):
            found[key.removesuffix(DAYS_BEFORE)] = day - timedelta(days=one)
        elif not key.startswith("@"):
            found[key] = _filled(one, day, codes)
        elif key in codes:
            found[codes[key]] = one
    return found
