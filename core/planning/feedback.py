"""Daily feedback: on which working days it was written, and whether in time.

Days off are never owed and never counted, even where somebody wrote something. A day is owed once its
deadline is past or its feedback is there: the evening itself does not make anybody late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.calendar import SHANGHAI, WorkingCalendar
from core.planning.items import DayFeedback
from core.planning.lock import working_days
from core.planning.rules import plan_rules_on


@dataclass(frozen=True)
class FeedbackRate:
    """Working days owed, with feedback at all, and with feedback in time."""

    owed: int
    given: int
    in_time: int

    @property
    def rate(self) -> float | None:
        """Return the share in time, None where no day is owed yet."""
        return self.in_time / self.owed if self.owed else None


def feedback_deadline(day: date, calendar: WorkingCalendar) -> datetime:
    """Return the moment until which feedback about a day is in time: an hour of the next working day."""
    rules = plan_rules_on(day)
    after = (day + timedelta(days=number) for number in range(1, 32))
    next_day = next((each for each in after if calendar.is_workday(each)), day + timedelta(days=1))
    return datetime.combine(next_day, time(rules.feedback_hour), tzinfo=SHANGHAI)


def feedback_rate(
    week_start: date, given: Mapping[date, DayFeedback], *, now: datetime, calendar: WorkingCalendar
) -> FeedbackRate:
    """Return how much of the daily feedback of a week was given; `given` by day may hold more than the week."""
    owed = [day for day in working_days(week_start, calendar) if day in given or now > feedback_deadline(day, calendar)]
    written = [given[day] for day in owed if day in given]
    in_time = sum(one.written_at <= feedback_deadline(one.day, calendar) for one in written)
    return FeedbackRate(len(owed), len(written), in_time)
