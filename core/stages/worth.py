"""What each week is worth for each branch: season, first week, and the movement of the market taken out.

Filled week by week, as the season learned in January and the market of a week rest on what is known by then.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.limits import StageLimits
from core.stages.market import market_week
from core.stages.model import STAGES
from core.stages.panel import Panel
from core.stages.season import LearnedSeason, Season, learned_months, learning_weeks

MATURE = STAGES.index(Stage.MATURE)

Floats = NDArray[np.float32]


class Worth:
    """`exposure` by branch and week (0 = not judged); `market` where a movement of a bank or region was taken out.

    By week: `season`, and `swing`, what the whole market sold as a factor of what was expected; `clear` where it says
    something of the market, as the week is judged and holds no policies of a holiday week before it.
    """

    def __init__(
        self, panel: Panel, season: Season, rules: Sequence[StageLimits], valid: NDArray[np.bool_], first_share: Floats
    ) -> None:
        """Start from the default season of the rules in force in each week."""
        self.panel, self.calendar, self.rules = panel, season, rules
        self.valid = valid
        self.learned: dict[int, LearnedSeason] = {}
        judged = season.judged_by(rules)
        self.clear = judged & np.append(True, judged[:-1])
        self.swing = np.ones(len(panel.weeks))
        self.usual, self.weeks_off = 0.0, 0
        self.season = season.default_exposure(rules)
        self.share = np.ones(valid.shape, np.float32)
        mondays = np.array(list(panel.weeks), "datetime64[D]")
        week = np.clip((panel.start_on - mondays[0]).astype(np.int64) // 7, -1, len(mondays))
        rows = np.flatnonzero((week >= 0) & (week < len(mondays)))
        self.share[rows, week[rows]] = first_share[rows]
        self.exposure = np.where(valid, self.season[None, :] * self.share, 0).astype(np.float32)
        self.market = np.zeros(valid.shape, np.bool_)

    def begin_year(self, week: int, shown: NDArray[np.int8], counts: NDArray[np.int32]) -> None:
        """Learn the season in the first week of a year, from the stages shown and the counts known before it."""
        years = learning_weeks(self.calendar, week)
        if years is None:
            return
        limits = self.rules[week]
        steady = (shown[:, years] == MATURE).mean(axis=1) >= limits["season_steady_share"]
        if steady.sum() < limits["season_branches_min"]:
            return
        policies = counts[steady, years].sum(axis=0).astype(np.float64)
        months = learned_months(policies, self.calendar.days[years], limits)
        monday = self.calendar.weeks[week]
        year = monday.year
        self.learned[year] = LearnedSeason(
            year=year,
            learned_on=monday,
            default=limits.months,
            months=tuple(months.tolist()),
            weeks=years.stop - years.start,
            branches=int(steady.sum()),
        )
        coming = [place for place, monday in enumerate(self.calendar.weeks) if monday.year == year]
        self.season[coming] = self.calendar.days[coming] @ months
        self.exposure[:, coming] = np.where(self.valid[:, coming], self.season[None, coming] * self.share[:, coming], 0)

    def find_market(self, week: int, counts: NDArray[np.int32], rate: Floats, seen: NDArray[np.int32]) -> None:
        """Take the movement of banks, regions and of the whole market out of a week.

        Args:
            week: number of the week.
            counts: policies of the week by branch.
            rate: policies a season-neutral week each branch was expected to sell.
            seen: judged weeks of each branch with data before.
        """
        limits, valid = self.rules[week], self.valid[:, week]
        found = market_week(
            counts.astype(np.int64),
            (rate * self.exposure[:, week]).astype(np.float64),
            valid & (seen >= limits["market_seen_weeks"]),
            (self.panel.bank, self.panel.region),
            limits,
            usual=self.usual,
        )
        if found.off is not None and self.clear[week]:
            self.weeks_off += 1
            self.usual += (found.off - self.usual) / min(self.weeks_off, limits["market_usual_weeks"])
        self.market[:, week] = found.moved & valid
        self.exposure[:, week] *= found.factor
        self.swing[week] = found.swing

    def coming(self, season: Season) -> Floats:
        """Return what coming weeks are worth: the season in force in the last week."""
        learned = self.learned.get(self.calendar.weeks[-1].year)
        return season.exposure(learned.months if learned else self.rules[-1].months)
