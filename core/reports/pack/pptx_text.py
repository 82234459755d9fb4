"""Faces of text in PPTX: a Latin and an East Asian one, named on every run, so that Chinese text is right everywhere.

The names are those of Windows, which PowerPoint and WPS know; LibreOffice and other machines put their own face in
their place, a Chinese one, as every run says that it is Chinese.
"""

from typing import Any

from pptx.dml.color import RGBColor
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement

CHINESE_FACE = "Microsoft YaHei"
LATIN_FACE = "Microsoft YaHei"
CHINESE = "zh-CN"


def set_face(properties: Any) -> None:
    """Name the faces in the properties of a run, of a paragraph's end or of a chart's text."""
    properties.set("lang", CHINESE)
    properties.set("altLang", "en-US")
    for tag, face in (("a:latin", LATIN_FACE), ("a:ea", CHINESE_FACE), ("a:cs", LATIN_FACE)):
        found = properties.find(qn(tag))
        if found is None:
            found = OxmlElement(tag)
            properties.append(found)
        found.set("typeface", face)


def rgb(colour: str) -> RGBColor:
    """Return a colour written as #1f2937."""
    return RGBColor(*bytes.fromhex(colour.lstrip("#")))  # type: ignore[no-untyped-call]  # python-pptx has no types
