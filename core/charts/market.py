"""Charts of the whole market: how far all branches together were off the usual, week by week."""

import altair as alt

from core.charts.palette import EXPECTED, MEASURED
from core.charts.theme import DATA, Spec, as_spec, full_day_format, title, week_axis
from core.language import Language, text


def market_swing_chart(language: Language) -> Spec:
    """Return by how much more or less is expected as the whole market swings, a bar a week.

    Data: one row per week: week_start day, week_end (the Monday after), swing float (0.1 = a tenth more) or null.
    """
    base = alt.Chart(DATA, height=220)
    share = alt.Axis(title=None, format="+.0%", tickCount=5)
    bars = base.mark_rect(color=MEASURED).encode(
        x=alt.X("week_start", type="temporal", axis=week_axis(language)),
        x2="week_end",
        y=alt.Y("swing", type="quantitative", axis=share, scale=alt.Scale(nice=True, zero=True)),
        y2=alt.datum(0),
        tooltip=[
            alt.Tooltip(
                "week_start", type="temporal", title=text(language, "Week from"), format=full_day_format(language)
            ),
            alt.Tooltip("swing", type="quantitative", title=text(language, "Expected more or less"), format="+.0%"),
        ],
    )
    usual = base.mark_rule(color=EXPECTED).encode(y=alt.datum(0))
    shown = title(
        text(language, "Swing of the whole market by week"),
        text(language, "Expected more or less of every branch, last 52 weeks; holiday weeks are left out"),
    )
    return as_spec(alt.layer(bars, usual, title=shown), language)
