"""Colours and signs with a fixed meaning: the same on every page, chart and export.

A colour never stands alone: its sign or its word goes with it. The stage colours are told apart
under any colour deficiency (`tests/core/charts/test_palette.py` measures it) and are legible on
the light and the dark page alike, so one colour serves both.
"""

from core.facts import CadenceStatus, Stage

STAGE_COLOURS: dict[Stage, str] = {
    Stage.STARTUP: "#0061c3",
    Stage.GROWTH: "#11a57b",
    Stage.MATURE: "#877288",
    Stage.ADJUSTMENT: "#c88708",
    Stage.SLUMP: "#c7213b",
}

STAGE_PILL_COLOURS: dict[Stage, str] = {
    Stage.STARTUP: "#0072e5",
    Stage.GROWTH: "#0c7255",
    Stage.MATURE: "#826e83",
    Stage.ADJUSTMENT: "#9e6b06",
    Stage.SLUMP: "#b61e36",
}
"""The hues of the stages as the ground of white words: Streamlit writes white on the pills of a table."""

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
    CadenceStatus.MET: "#2f96c9",
    CadenceStatus.OVER: "#5a52c0",
    CadenceStatus.SHORT: "#de9040",
    CadenceStatus.NONE: "#9a4a12",
    CadenceStatus.NOT_DUE: "#9aa0a8",
}
"""Other hues than the stages have, as both stand on one page."""

STATUS_SIGNS: dict[CadenceStatus, str] = {
    CadenceStatus.MET: "✓",
    CadenceStatus.OVER: "+",
    CadenceStatus.SHORT: "−",
    CadenceStatus.NONE: "✕",
    CadenceStatus.NOT_DUE: "·",
}

MEASURED = "#56789c"
"""Bars and lines of a measured amount that has no stage or status."""

EXPECTED = "#8a8f99"
"""What a measured amount is held against: a level, the period before; drawn dashed or behind."""

TARGET = "#b8479a"
"""The line or band of a target."""

WORDS = "#767c86"
"""Words and numbers inside a drawing: legible on the light and the dark page."""
