import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reports.digest import MOST_BEHIND_WITH_DECISIONS, MOST_BYTES, MOST_LINES, digest_lines, digest_text
from core.reports.pack.telling import Telling
from core.review.figures import Topic
from core.review.meeting import ReviewShown
from core.review.scope import ReviewScope, ScopeKind
from tests.core.reports.pack import reviews

MARKDOWN = re.compile(r"^\s*(#|>|[-*+] |\d+\. )|\*\*|`|\]\(", re.MULTILINE)


def told_of(figures, language="zh", **more):
    return Telling(language, reviews.TITLES[language], **more)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("figures", [reviews.review(), reviews.nothing(), reviews.full()], ids=["some", "none", "full"])
def test_the_digest_is_short_plain_text(figures, language):
    words = digest_text(ReviewShown(figures), told_of(figures, language))
    assert len(words.splitlines()) <= MOST_LINES
    assert len(words.encode()) <= MOST_BYTES
    assert not MARKDOWN.search(words)


def test_what_misses_most_comes_first():
    figures = replace(reviews.review(), decisions=())
    lines = digest_lines(ReviewShown(figures), told_of(figures, "en"))
    assert [line[:14] for line in lines[1:7]] == [
        "▼ Contacts of ",  # 44 % of what was due
        "▼ Policies per",  # 31 % of what should be reached
        "▼ Decisions ov",
        "▼ Scale premiu",
        "▼ Premium is ¥",
        "▼ Branch activ",
    ]
    assert lines[7].startswith("◆ 岩谷银行")
    assert lines[-1].startswith("→ Week from 23 Nov 2026")


def test_what_was_decided_stands_there_with_owner_and_day():
    figures = reviews.without_names(reviews.review(), "zh")
    lines = digest_lines(ReviewShown(figures), told_of(figures))
    decided = [line for line in lines if line.startswith("●")]
    assert decided[0].endswith("谈清 1 项原因，并约定晨会演练 · 督导2 · 11-20 前完成")
    assert len(decided) == len(figures.decisions)
    assert sum(line.startswith("▼") for line in lines) == MOST_BEHIND_WITH_DECISIONS


def test_figures_say_which_days_they_count_and_unlike_things_are_kept_apart():
    figures = reviews.review()
    gap = replace(figures.weakest.whole, start=date(2026, 11, 1), end=date(2026, 11, 22))
    figures = replace(figures, decisions=(), weakest=replace(figures.weakest, whole=gap))
    words = digest_text(ReviewShown(figures), told_of(figures))
    assert "网均件数（11-01 – 11-22）：" in words
    assert "▼ 11-01 – 11-22 · 保费" in words
    assert "◆ 岩谷银行云州新城第0支行 · 低迷期 · 网均件数 0.40/2.60（13 周）" in words


def test_what_got_worse_moves_up():
    figures = reviews.review()
    worse = replace(figures, goals=(replace(figures.goals[0], value=0.01), *figures.goals[1:]))
    assert "Branch activity rate (11-01 – 11-22): 1.0%" in digest_lines(ReviewShown(worse), told_of(worse, "en"))[1]


def test_a_week_without_trouble_says_so():
    nothing = reviews.nothing()
    assert digest_lines(ReviewShown(nothing), told_of(nothing, "en"))[1].startswith("Nothing can be judged yet")
    (card, *_) = reviews.review().goals
    figures = replace(nothing, goals=(replace(card, value=card.target),))
    assert digest_lines(ReviewShown(figures), told_of(figures, "en"))[1] == "Nothing is behind this week."


def test_the_figures_of_a_review_that_is_over_are_told_as_such():
    figures = reviews.nothing()
    lines = digest_lines(reviews.over(reviews.review()), told_of(figures, "en"))
    assert lines[1] == "As shown in the review that ended on 24 Nov 2026; figures corrected since: 8."
    assert len(lines) <= MOST_LINES
    left_out = reviews.over(figures, skipped=frozenset({Topic.GOALS}))
    (_, shown) = digest_lines(left_out, told_of(figures, "en"))  # nobody looked at goals, so all may not be well
    assert shown.startswith("As shown in the review")


@settings(max_examples=40)
@given(st.text(max_size=400), st.text(min_size=1, max_size=400), st.sampled_from(["en", "zh"]))
def test_names_of_any_length_leave_it_within_its_limits(branch, region, language):
    figures = reviews.review()
    weak = tuple(replace(one, branch_name=branch) for one in figures.weakest.branches)
    figures = replace(
        figures,
        scope=ReviewScope(ScopeKind.REGION, region),
        weakest=replace(figures.weakest, branches=weak),
    )
    words = digest_text(ReviewShown(figures), told_of(figures, language))
    assert len(words.encode()) <= MOST_BYTES
    assert len(words.split("\n")) <= MOST_LINES
    assert all(line.isprintable() for line in words.split("\n"))
