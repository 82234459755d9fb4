import colorsys
import tomllib
from pathlib import Path

import pytest

from core.charts.palette import (
    STAGE_BADGE_COLOURS,
    STAGE_COLOURS,
    STAGE_PILL_COLOURS,
    STAGE_SHAPES,
    STAGE_SIGNS,
    STATUS_COLOURS,
    STATUS_SIGNS,
)
from core.facts import CadenceStatus, Stage
from tests.core.charts.colour_vision import VISIONS, contrast, delta_e_2000, smallest_difference

THEME = tomllib.loads(Path(".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
TEXT_COLOURS = ("blue", "green", "violet", "orange", "red", "gray")
SMALL_WORDS = 0.6
"""How much of the colour of words Streamlit leaves to captions, headings and pinned columns of tables."""


def mixed(colour, ground, share):
    """Return what a colour that covers only a share of the ground looks like on it."""
    both = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02x}" for one, other in both)


def hue(colour):
    """Return the hue in degrees."""
    return 360 * colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, 2.5, 0.0), (56.0, -27.0, -3.0), 31.903),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447), 1.4441),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_formula_gives_the_published_figures(one, other, difference):
    assert delta_e_2000(one, other) == pytest.approx(difference, abs=5e-5)


def test_contrast_runs_from_1_to_21():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_stage_colours_differ_by_15_for_every_eye(vision):
    difference, pair = smallest_difference(list(STAGE_COLOURS.values()), vision)
    assert difference >= 15, pair


@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_status_colours_differ_by_10_for_every_eye(vision):
    difference, pair = smallest_difference(list(STATUS_COLOURS.values()), vision)
    assert difference >= 10, pair


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("stage", Stage)
def test_a_stage_colour_stands_out_from_the_page(stage, page):
    assert contrast(STAGE_COLOURS[stage], THEME[page]["backgroundColor"]) >= 3


@pytest.mark.parametrize("stage", Stage)
def test_white_words_can_be_read_on_the_pill_of_a_stage_which_stands_out_from_the_page(stage):
    pill = STAGE_PILL_COLOURS[stage]
    assert contrast(pill, "#ffffff") >= 4.5
    assert contrast(pill, THEME["dark"]["backgroundColor"]) >= 3


@pytest.mark.parametrize("stage", Stage)
def test_a_pill_has_the_hue_of_its_stage(stage):
    hues = [hue(colour) for colour in (STAGE_PILL_COLOURS[stage], STAGE_COLOURS[stage])]
    assert hues[0] == pytest.approx(hues[1], abs=2)


@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_pills_differ_for_every_eye(vision):
    difference, pair = smallest_difference(list(STAGE_PILL_COLOURS.values()), vision)
    assert difference >= 9, pair


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
def test_small_words_and_pinned_columns_can_be_read(page, ground):
    colours = THEME[page]
    for grounds in (colours, colours | colours.get("sidebar", {})):
        small = mixed(grounds["textColor"], grounds[ground], SMALL_WORDS)
        assert contrast(small, grounds[ground]) >= 4.5


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("name", TEXT_COLOURS)
def test_coloured_words_can_be_read_on_their_badge_and_on_the_page(name, page):
    colours = THEME[page]
    assert contrast(colours[f"{name}TextColor"], colours[f"{name}BackgroundColor"]) >= 4.5
    assert contrast(colours[f"{name}TextColor"], colours["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("page", ["light", "dark"])
def test_the_words_of_the_page_can_be_read(page):
    colours = THEME[page]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(colours["textColor"], colours[ground]) >= 7
    assert contrast(colours["primaryColor"], colours["backgroundColor"]) >= 4.5
    assert contrast(colours["primaryColor"], "#ffffff") >= 4.5


def test_the_chosen_language_in_a_dark_sidebar_can_be_read():
    blue, ground = THEME["dark"]["sidebar"]["primaryColor"], THEME["dark"]["secondaryBackgroundColor"]
    assert contrast(blue, mixed(blue, ground, 0.1)) >= 4.5


def test_the_rings_to_pick_with_are_seen_on_a_dark_page():
    assert contrast(THEME["dark"]["borderColor"], THEME["dark"]["backgroundColor"]) >= 3


@pytest.mark.parametrize("page", ["light", "dark"])
def test_the_small_bars_of_a_table_are_seen(page):
    assert contrast(THEME[page]["grayColor"], THEME[page]["backgroundColor"]) >= 4.5


def test_a_badge_has_the_colour_of_its_stage():
    assert {stage: THEME[f"{STAGE_BADGE_COLOURS[stage]}Color"] for stage in Stage} == STAGE_COLOURS


def test_every_stage_has_a_sign_and_a_shape_of_its_own():
    assert set(STAGE_SIGNS) == set(STAGE_SHAPES) == set(STAGE_COLOURS) == set(Stage)
    assert len(set(STAGE_SIGNS.values())) == len(set(STAGE_SHAPES.values())) == 5


def test_every_status_has_a_colour_and_a_sign_of_its_own():
    assert set(STATUS_SIGNS) == set(STATUS_COLOURS) == set(CadenceStatus)
    assert len(set(STATUS_SIGNS.values())) == 5


def test_stage_and_status_never_share_a_colour():
    assert not set(STAGE_COLOURS.values()) & set(STATUS_COLOURS.values())
