"""Fit the engine's numbers to the branches of a store, and keep what was found as a version: for the command line."""

import secrets
from collections.abc import Callable
from datetime import date

from core.facts import COMMAND_LINE
from core.stages.fit_report import Fit, fit
from core.stages.fit_sample import Sample, sample_of
from core.stages.limits import limits_on
from db.engine import reading, writing
from db.stage_facts import last_week, stage_facts
from db.stage_rules import add_stage_rules, refuse_taken_monday, stage_rules


def fit_store(
    *, valid_from: date, today: date, share: float, rounds: int, is_kept: bool, progress: Callable[[int], None]
) -> Fit:
    """Fit the numbers in force on a Monday to all judged weeks known today; nothing is stored.

    Raises:
        RulesRefusedError: it is to be kept, and a version begins on that Monday already.
        TooLittleDataError: fewer branches or judged weeks than a fit takes.
    """
    with reading() as session:
        if is_kept:
            refuse_taken_monday(session, valid_from=valid_from)
        limits = limits_on(valid_from, stage_rules(session))
        week_start = last_week(session, as_of=today)
        facts = None if week_start is None else stage_facts(session, week_start=week_start)
    sample = Sample.empty() if facts is None else sample_of(facts.history)
    return fit(sample, limits, share=share, rounds=rounds, progress=progress)


def keep_fit(found: Fit, *, valid_from: date, today: date) -> None:
    """Store what was found as a version; refusals as `db.stage_rules.add_stage_rules`."""
    with writing() as session:
        add_stage_rules(
            session,
            actor=COMMAND_LINE,
            values=found.values,
            valid_from=valid_from,
            note=found.note,
            shown_state=None,
            today=today,
            write_key=secrets.token_urlsafe(16),
        )
