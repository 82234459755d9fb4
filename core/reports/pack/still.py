"""The same content gives the same bytes: Office files without the clock of whoever wrote them."""

import re
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ZIP_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest day a member of an archive can have."""
_MOMENTS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def stilled(content: bytes, made_at: datetime) -> bytes:
    """Return an Office file whose only moment is the one given (Asia/Shanghai, naive), workbooks inside it as well."""
    moment = f"{made_at:%Y-%m-%dT%H:%M:%S}Z".encode()
    buffer = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(buffer, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name.endswith(".xlsx"):
                part = stilled(part, made_at)
            elif name == "docProps/core.xml":
                part = _MOMENTS.sub(rb"\g<1>" + moment + rb"\g<2>", part)
            member = ZipInfo(name, ZIP_DAY)
            member.compress_type = ZIP_DEFLATED
            target.writestr(member, part)
    return buffer.getvalue()
