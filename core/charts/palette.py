"""Colours and signs with a fixed meaning: the same on every page, chart and export.

A colour never stands alone: its sign or its word goes with it. The stage colours are told apart
under any colour deficiency (`tests/core/charts/test_palette.py` measures it) and are legible on
the light and the dark page alike, so one colour serves both.
"""

from core.facts import CadenceStatus, Stage

STAGE_COLOURS: dict[Stage, str] = {
    Stage.STARTUP: "#4a7be8",
    Stage.GROWTH: "#2aa876",
    Stage.MATURE: "#7a4fa3",
    Stage.ADJUSTMENT: "#c98a00",
    Stage.SLUMP: "#c8324b",
}

STAGE_SIGNS: dict[Stage, str] = {
    Stage.STARTUP: "●",
    Stage.GROWTH: "▲",
    Stage.MATURE: "■",
    Stage.ADJUSTMENT: "◆",
    Stage.SLUMP: "▼",
}

STAGE_SHAPES: dict[Stage, str] = {
    Stage.STARTUP: "circle",
    Stage.GROWTH: "triangle-up",
    Stage.MATURE: "square",
    Stage.ADJUSTMENT: "diamond",
    Stage.SLUMP: "triangle-down",
}

STAGE_BADGE_COLOURS: dict[Stage, str] = {
    Stage.STARTUP: "blue",
    Stage.GROWTH: "green",
    Stage.MATURE: "violet",
    Stage.ADJUSTMENT: "orange",
    Stage.SLUMP: "red",
}
"""Streamlit's name of the colour each stage has in Markdown and badges, set to it in the theme."""

STATUS_COLOURS: dict[CadenceStatus, str] = {
    CadenceStatus.MET: "#2aa876",
    CadenceStatus.OVER: "#4a7be8",
    CadenceStatus.SHORT: "#c98a00",
    CadenceStatus.NONE: "#c8324b",
    CadenceStatus.NOT_DUE: "#8a8f99",
}

STATUS_SIGNS: dict[CadenceStatus, str] = {
    CadenceStatus.MET: "✓",
    CadenceStatus.OVER: "+",
    CadenceStatus.SHORT: "−",
    CadenceStatus.NONE: "✕",
    CadenceStatus.NOT_DUE: "·",
}

MEASURED = "#3f7fbf"
"""Bars and lines of a measured amount that has no stage or status."""

EXPECTED = "#8a8f99"
"""What a measured amount is held against: a target, a level, the period before."""

TARGET = "#d6336c"
"""The line or band of a target that must catch the eye."""
