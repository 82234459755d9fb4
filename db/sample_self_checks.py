"""Self-checks in the sample city: the first branches of the demo supervisor answered, month by month."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.facts import Actor
from core.sample.plan import names
from core.self_check.rules import self_check_rules
from db.branch_history import only_branch
from db.self_check_changes import finish_check, save_answer, save_need


def answer_self_checks(session: Session, *, supervisor: Actor, branch_ids: Sequence[int], today: date) -> None:
    """Let the heads have answered as the rows of the sample say; the first branch, the demo head's, not yet this month.

    A row's `months_ago` counts back from the present month, whose check is finished today.
    """
    for number, row in enumerate(names()["traces"]["self_checks"]):
        if row["branch"] >= len(branch_ids):
            continue
        branch_id, day = branch_ids[row["branch"]], _day(today, row["months_ago"])
        head = only_branch(supervisor, branch_id)
        for question, value in zip(self_check_rules().questions, row["answers"], strict=True):
            save_answer(
                session,
                actor=head,
                branch_id=branch_id,
                question_key=question.key,
                value=value,
                shown_version=0,
                today=day,
            )
        if row["need"]:
            save_need(session, actor=head, branch_id=branch_id, need=row["need"], shown_version=1, today=day)
        finish_check(
            session,
            actor=head,
            branch_id=branch_id,
            shown_version=2 if row["need"] else 1,
            today=day,
            key=f"sample-self-check-{number}",
        )


def _day(today: date, months_ago: int) -> date:
    """Return the last day of an earlier month, or today."""
    day = today
    for _ in range(months_ago):
        day = day.replace(day=1) - timedelta(days=1)
    return day
