"""The life of a simulated branch: chances add up, lengths are those of `life.toml`."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

import core.simulation
from core.facts import Stage
from core.simulation import chain_of
from core.simulation.chain import STAGES, built_chain

LIFE = tomllib.loads((Path(core.simulation.__file__).parent / "life.toml").read_text(encoding="utf-8"))
HEADS_OF_STAGE = {"mature": 3, "adjustment": 5, "slump": 3}


def heads(chain, stage):
    """Return the first state of each kind of spell of a stage: entered from outside."""
    entered = chain.entry.any(axis=0) | (chain.first > 0)
    return np.flatnonzero(entered & (chain.stage == STAGES.index(Stage(stage))))


def mean_length(chain, head):
    """Return the mean weeks of a spell that begins in a state."""
    left, state, mean = 1.0, head, 0.0
    while left > 1e-12:
        mean += left
        left *= 1 - chain.end[state]
        state = chain.forward[state]
    return mean


def test_the_stages_of_a_chain_are_the_five_in_their_order():
    assert [stage.value for stage in STAGES] == ["startup", "growth", "mature", "adjustment", "slump"]
    assert set(chain_of().stage.tolist()) == set(range(5))


def test_chances_add_up_wherever_a_spell_begins():
    chain = chain_of()
    assert chain.first.sum() == pytest.approx(1)
    assert chain.entry.sum(axis=1) == pytest.approx(np.ones(len(chain.entry)))
    assert ((chain.end >= 0) & (chain.end <= 1)).all()
    assert (chain.entry >= 0).all()


def test_a_spell_cannot_outlast_its_last_age():
    chain = chain_of()
    last = chain.forward == np.arange(len(chain.forward))
    assert (chain.end[last] == 1).all()


@pytest.mark.parametrize("weeks", [1, 26, 200])
def test_the_chances_add_up_after_any_number_of_weeks(weeks):
    chances = chain_of().after(weeks)
    assert chances.sum() == pytest.approx(1)
    assert (chances >= -1e-15).all()


def test_after_some_weeks_is_the_start_moved_so_often():
    chain = chain_of()
    moved = chain.first
    for _ in range(40):
        moved = chain.moved(moved)
    assert (chain.after(40) == moved).all()
    assert (chain.after(0) == chain.first).all()


@pytest.mark.parametrize("stage", ["mature", "adjustment", "slump"])
def test_the_mean_length_of_a_spell_is_the_one_said(stage):
    chain = chain_of()
    found = [mean_length(chain, head) for head in heads(chain, stage)]
    assert len(found) == HEADS_OF_STAGE[stage] == len(LIFE[stage]["levels"])
    assert found == pytest.approx([LIFE[stage]["length"]["mean"]] * len(found), rel=0.05)


def test_the_mean_length_of_a_startup_is_the_one_said():
    chain = chain_of()
    said = [kind.get("length", LIFE["startup"]["length"])["mean"] for kind in LIFE["startup"]["kinds"]]
    assert [mean_length(chain, head) for head in heads(chain, "startup")] == pytest.approx(said, rel=0.05)


@pytest.mark.parametrize("stage", ["startup", "mature", "adjustment", "slump"])
def test_no_spell_is_shorter_than_the_least(stage):
    chain = chain_of()
    for head in heads(chain, stage):
        least = LIFE[stage]["length"]["least"]
        assert (chain.end[head : head + least - 1] == 0).all()


def test_levels_are_those_said_with_their_shares():
    chain = chain_of()
    for stage in HEADS_OF_STAGE:
        places = heads(chain, stage)
        assert chain.level[places].tolist() == [level for level, _ in LIFE[stage]["levels"]]
        row = chain.entry[chain.entry[:, places].sum(axis=1).argmax(), places]
        assert row / row.sum() == pytest.approx([share for _, share in LIFE[stage]["levels"]])


def test_a_rise_ends_at_the_plateau_and_begins_where_it_came_from():
    chain = chain_of()
    growth = heads(chain, "growth")
    begins = sorted(set(chain.level[growth].round(2).tolist()))
    assert begins[0] >= min(LIFE["growth"]["begin"].values())
    for head in growth:
        spell, state = [head], head
        while chain.forward[state] != state:
            state = chain.forward[state]
            spell.append(state)
        levels = chain.level[spell]
        assert (np.diff(levels) > 0).all()
        assert 0.9 < levels[-1] <= 0.95
        assert len(spell) in {length for length, _ in LIFE["growth"]["lengths"]}


def test_what_follows_a_stage_is_what_is_said():
    life = {**LIFE, "slump": {**LIFE["slump"], "next": {"adjustment": 1.0}}}
    chain = built_chain(life)
    out = chain.entry[chain.exit[heads(chain, "slump")[0]]]
    assert out[heads(chain, "adjustment")].sum() == pytest.approx(1)
