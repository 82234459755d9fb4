import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kpis.table import FIGURES
from core.review.comparators import (
    NO_GROUP,
    RESTATED,
    baseline_sums,
    kpi_values,
    kpis_named,
    peer_groups,
    peer_sums,
    region_classes,
    sold_in,
)
from core.review.gap_split import Sold


def likeness(rows):
    return pd.DataFrame([row.split() for row in rows], columns=["bank", "region_class", "size_tier"])


def flags(size, *places):
    found = np.zeros(size, dtype=bool)
    found[list(places)] = True
    return found


def figures(size, **columns):
    return {name: np.asarray(columns.get(name, np.zeros(size))) for name in FIGURES}


def test_peers_are_alike_in_bank_region_class_and_size_where_there_are_five():
    table = likeness(["X big A"] * 6 + ["Y big A"] * 5 + ["X big C"])
    peer_of, against = peer_groups(table, is_subject=flags(12, 0), is_foreign=flags(12, *range(1, 12)), least=5)
    assert len(set(peer_of[1:6])) == 1
    assert against[0] == peer_of[1] != peer_of[6]
    assert peer_of[11] == NO_GROUP


def test_under_five_of_a_bank_those_left_over_of_all_banks_stand_together():
    table = likeness(["X big A"] * 5 + ["Y big A"] * 2 + ["Z big A"] * 5)
    peer_of, against = peer_groups(table, is_subject=flags(12, 0), is_foreign=flags(12, *range(1, 12)), least=5)
    assert set(peer_of[1:7]) == {against[0]}
    assert peer_of[7] not in {against[0], NO_GROUP}


def test_four_branches_somebody_does_not_see_are_never_told_beside_his_own():
    table = likeness(["X big A"] * 10)
    subject, foreign = flags(10, 0), flags(10, 6, 7, 8, 9)
    peer_of, against = peer_groups(table, is_subject=subject, is_foreign=foreign, least=5)
    assert set(peer_of[1:6]) == {against[0]}
    assert set(peer_of[6:]) == {NO_GROUP}
    alone, none = peer_groups(table[5:], is_subject=subject[5:] | flags(5, 0), is_foreign=foreign[5:], least=5)
    assert set(alone) == set(none) == {NO_GROUP}


@settings(max_examples=40)
@given(
    kinds=st.lists(st.tuples(st.sampled_from("XYZ"), st.sampled_from("bs"), st.sampled_from("AB")), max_size=40),
    seen=st.integers(0, 20),
    subjects=st.sets(st.integers(0, 19)),
)
def test_no_figure_of_peers_rests_on_fewer_than_five_branches_out_of_sight(kinds, seen, subjects):
    table = pd.DataFrame(kinds, columns=["bank", "region_class", "size_tier"])
    size = len(table)
    is_foreign = np.arange(size) >= seen
    is_subject = ~is_foreign & np.isin(np.arange(size), list(subjects))
    peer_of, against = peer_groups(table, is_subject=is_subject, is_foreign=is_foreign, least=5)
    assert (peer_of[is_subject] == NO_GROUP).all()
    assert (against[~is_subject] == NO_GROUP).all()
    for group in set(peer_of) - {NO_GROUP}:
        members = peer_of == group
        assert members.sum() >= 5
        assert not 0 < (members & is_foreign).sum() < 5
    nobody = np.zeros(size, dtype=bool)
    foreign_alone, _ = peer_groups(table, is_subject=nobody, is_foreign=is_foreign, least=5)
    assert (foreign_alone[is_foreign] == peer_of[is_foreign]).all()


def test_groups_are_weighed_as_the_scope_is_made_up_of_them():
    peer_of = np.array([NO_GROUP, NO_GROUP, NO_GROUP, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    against = np.array([0, 0, 1, *[NO_GROUP] * 10])
    sold = [9, 9, 9, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4]
    table = figures(13, operating=np.ones(13), net_policies=sold)
    sums, peers = peer_sums(table, is_subject=flags(13, 0, 1, 2), peer_of=peer_of, held_against=against)
    assert (float(sums["net_policies"][0]), float(sums["operating"][0]), peers) == pytest.approx((6, 3, 10))
    assert kpi_values(sums, kpis_named(["policies_per_branch"]))["policies_per_branch"] == pytest.approx([2.0])


def test_branches_without_peers_are_taken_to_be_like_the_others_and_most_of_them_must_have_some():
    peer_of, held = np.array([NO_GROUP] * 3 + [0] * 5), np.array([0, 0, NO_GROUP] + [NO_GROUP] * 5)
    table = figures(8, operating=np.ones(8), net_policies=np.full(8, 2))
    subject = flags(8, 0, 1, 2)
    sums, _ = peer_sums(table, is_subject=subject, peer_of=peer_of, held_against=held)
    assert float(sums["net_policies"][0]) == pytest.approx(6)
    one_of_three = np.array([0, NO_GROUP, NO_GROUP] + [NO_GROUP] * 5)
    assert peer_sums(table, is_subject=subject, peer_of=peer_of, held_against=one_of_three) is None
    nobody = flags(8)
    assert peer_sums(table, is_subject=nobody, peer_of=peer_of, held_against=np.full(8, NO_GROUP)) is None


def test_a_region_is_as_large_as_the_network_in_it():
    assert region_classes(["a"] * 50 + ["b"] * 15 + ["c"] * 14)[::25] == ["large", "large", "medium", "small"]


def weeks(**columns):
    shape = np.asarray(columns["net"]).shape
    return {name: np.asarray(columns.get(name, np.zeros(shape)), dtype=float) for name in RESTATED}


def baseline(sold, *, worth, operating=None, **more):
    shape = sold["net"].shape
    is_open = np.ones(shape, dtype=bool) if operating is None else operating
    window_worth = np.full(shape[1], 4.0)
    return baseline_sums(sold, operating=is_open, sellers=3.0, window_worth=window_worth, worth=worth, **more)


def test_the_level_of_the_year_before_is_brought_to_what_the_days_are_worth():
    sold = weeks(net=[[2, 4], [0, 2]], accepted=[[2, 5], [0, 2]], premium_fen=[[200, 500], [0, 300]])
    sums = baseline(sold, worth=8.0)
    found = kpi_values(sums, kpis_named(["policies_per_branch", "scale_premium", "active_sellers"]))
    assert found["policies_per_branch"] == [4.0]
    assert found["scale_premium"] == [10.0]
    assert found["active_sellers"] == [3.0]
    assert sold_in(sums) == Sold(3, 8, 1000)


def test_a_share_of_active_branches_grows_as_chances_do():
    sold = weeks(net=[[1, 0], [1, 0]])
    rates = [
        kpi_values(baseline(sold, worth=worth), kpis_named(["branch_activity_rate", "zero_branch_rate"]))
        for worth in (4.0, 8.0)
    ]
    assert rates[0] == {"branch_activity_rate": [0.5], "zero_branch_rate": [0.5]}
    assert rates[1] == {"branch_activity_rate": [0.75], "zero_branch_rate": [0.25]}


def test_a_window_in_which_a_branch_was_closed_or_unknown_is_left_out_of_both_sides():
    sold = weeks(net=[[2, 9]])
    is_open = np.array([[True, False]])
    found = kpi_values(baseline(sold, worth=4.0, operating=is_open), kpis_named(["policies_per_branch"]))
    assert found["policies_per_branch"] == [2.0]
    assert baseline(sold, worth=4.0, operating=np.zeros((1, 2), dtype=bool)) is None


def test_each_branch_can_have_a_level_of_its_own():
    sold = weeks(net=[[2, 4], [0, 2]], premium_fen=[[200, 500], [0, 300]])
    sums = baseline(sold, worth=4.0, place=np.arange(2))
    assert [sold_in(sums, unit) for unit in (0, 1)] == [Sold(3, 3, 350), Sold(3, 1, 150)]
