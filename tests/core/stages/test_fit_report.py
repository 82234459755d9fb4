"""Old against new numbers on branches held out: better is kept, too little data is refused."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.stages.fit_report import TooLittleDataError, fit
from core.stages.limits import RuleVersion, limits_on
from tests.core.stages.fit_world import SHIPPED, drawn_sample, with_values

MONDAY = date(2026, 11, 30)


@pytest.fixture(scope="module")
def sample():
    return drawn_sample(with_values(potential_median=3.0, potential_spread=0.4), 60, 60, seed=9)


@pytest.fixture(scope="module")
def found(sample):
    return fit(sample, SHIPPED, share=0.25, rounds=2)


def test_the_numbers_are_set_without_the_branches_held_out(found, sample):
    assert (found.branches, found.branches_held_out) == (45, 15)
    assert found.weeks + found.weeks_held_out == sample.judged_weeks


def test_numbers_nearer_to_what_drew_the_branches_explain_others_better(found):
    assert found.is_better
    assert found.new.held_out > found.old.held_out
    assert found.new.fitted > found.old.fitted
    by_name = {(one.subject, one.key): one.value for one in found.values}
    assert by_name["limits", "potential_median"] == pytest.approx(3.0, rel=0.25)
    assert found.before["limits", "potential_median"] == SHIPPED["potential_median"]


def test_what_is_found_can_be_stored_as_it_is(found):
    version = RuleVersion(MONDAY, found.values, found.note)
    limits = limits_on(MONDAY, [version])
    for (name, _), _share in SHIPPED.moves.items():
        assert sum(share for (one, _), share in limits.moves.items() if one == name) == pytest.approx(1)
    assert len(found.note) <= 200


def test_the_report_names_every_change_with_old_and_new(found):
    lines = list(found.lines())
    assert lines[0].startswith("fitted on 45 branches")
    assert lines[2].startswith("mean log likelihood a week, held out:")
    assert len(lines) == 3 + len(found.values)
    report = found.as_json(valid_from=MONDAY, is_stored=False)
    assert (report["better"], report["stored"], report["valid_from"]) == (True, False, "2026-11-30")
    first = report["changes"][0]
    assert (first["subject"], first["key"], first["old"]) == ("limits", "potential_median", SHIPPED["potential_median"])


def test_too_little_data_says_what_there_is_and_what_it_takes(sample):
    with pytest.raises(TooLittleDataError, match=r"^39 branches with .* are too little .* it takes 40 branches"):
        fit(sample.part(np.arange(39)), SHIPPED, share=0.25, rounds=1)


def test_a_branch_that_began_anew_counts_once(sample):
    branch = np.maximum(np.arange(60) - 10, 0)  # the first eleven spells are one branch's
    found = fit(replace(sample, branch=branch), SHIPPED, share=0.2, rounds=0)
    assert (found.branches, found.branches_held_out) == (40, 10)
    assert found.note.startswith("fitted to 40 branches; mean log likelihood of 10 others ")
    assert next(found.lines()).startswith("fitted on 40 branches")
    report = found.as_json(valid_from=MONDAY, is_stored=False)
    assert (report["branches"], report["branches_held_out"]) == (40, 10)
    with pytest.raises(TooLittleDataError, match=r"^39 branches "):
        fit(replace(sample, branch=np.maximum(np.arange(60) - 21, 0)), SHIPPED, share=0.2, rounds=0)


def test_more_branches_than_a_fit_takes_are_drawn_with_all_their_spells(sample, monkeypatch):
    monkeypatch.setattr("core.stages.fit_report.MOST_BRANCHES", 20)
    monkeypatch.setattr("core.stages.fit_report.FEWEST_BRANCHES", 20)
    found = fit(replace(sample, branch=np.arange(60) // 2), SHIPPED, share=0.25, rounds=0)
    assert (found.branches, found.branches_held_out) == (15, 5)


def test_a_fit_that_finds_nothing_new_is_not_better(sample):
    found = fit(sample, SHIPPED, share=0.25, rounds=0)
    assert found.values == ()
    assert not found.is_better
