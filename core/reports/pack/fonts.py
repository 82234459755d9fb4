"""The Chinese face of PDF files: looked for on this machine, as none can be shipped."""

from functools import cache

import typst

from core.language import Language, text

FACES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
"""Faces that have all signs of simplified Chinese, the best for reading on a screen first."""
DEBIAN_PACKAGE = "fonts-noto-cjk"


class NoChineseFontError(Exception):
    """This machine has none of the faces a PDF with Chinese text needs."""


@cache
def installed_fonts() -> typst.Fonts:
    """Return the fonts of this machine, looked for once: it takes about a tenth of a second."""
    return typst.Fonts(include_embedded_fonts=False)


def chinese_face() -> str | None:
    """Return the first of the faces that is installed, None where none is."""
    families = set(installed_fonts().families())
    return next((face for face in FACES if face in families), None)


def no_font_words(language: Language) -> str:
    """Return what to do where no face is installed."""
    return text(
        language,
        "No Chinese font is installed on the server, so no PDF can be made; everything else is complete. "
        "On Debian: apt install {package}, then start the app again.",
        package=DEBIAN_PACKAGE,
    )
